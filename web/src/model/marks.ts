/**
 * Characters and their marks, as the shared document spells them (crdt/SPEC.md D4). Twin of `opinions/model.py`.
 *
 * A mark is its key: `insertion:<id>`, `deletion:<id>`, `bracket:<id>`, `origin:<id>`, `noteref:<paragraph id>`, `em`.
 */

export type MarkKind = "insertion" | "deletion" | "bracket" | "origin" | "noteref" | "em";
export type MarkKey = string;
export type AmendmentId = string;
export type ParagraphId = string;

export const MARK_KINDS: readonly MarkKind[] = ["insertion", "origin", "deletion", "bracket", "noteref", "em"];

/** A stretch of characters that carry the same marks. `marks` is sorted, so that equal sets are equal spellings. */
export interface Run {
  readonly text: string;
  readonly marks: readonly MarkKey[];
}

/** A paragraph's own attributes. `added` is the amendment that proposes it as a whole, while pending. */
export interface ParagraphAttrs {
  readonly id: ParagraphId;
  readonly kind: string;
  readonly level: number;
  readonly added: AmendmentId | null;
}

export interface Mark {
  readonly kind: MarkKind;
  /** Empty for `em`. */
  readonly id: string;
}

export const keyOf = (kind: MarkKind, id: string): MarkKey => (kind === "em" ? kind : `${kind}:${id}`);

const known = new Map<MarkKey, Mark | null>();

/** The mark of a key, or null when the key names no mark of ours (whatever it is, it is left alone). */
export function markOf(key: MarkKey): Mark | null {
  let mark = known.get(key);
  if (mark === undefined) {
    mark = read(key);
    known.set(key, mark);
  }
  return mark;
}

function read(key: MarkKey): Mark | null {
  const colon = key.indexOf(":");
  const kind = (colon < 0 ? key : key.slice(0, colon)) as MarkKind;
  const id = colon < 0 ? "" : key.slice(colon + 1);
  if (!MARK_KINDS.includes(kind) || (id === "") !== (kind === "em")) return null;
  return { kind, id };
}

/** Keys in the one order that everything compares by. */
export function sortedKeys(keys: Iterable<MarkKey>): readonly MarkKey[] {
  const sorted = [...keys].sort();
  return sorted.filter((key, place) => key !== sorted[place - 1]);
}

export function idsOf(marks: readonly MarkKey[], kind: MarkKind): readonly string[] {
  const prefix = `${kind}:`;
  return marks.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/** The same characters with neighbours of equal marks made one run, and empty runs dropped. */
export function joined(runs: Iterable<Run>): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    if (run.text === "") continue;
    const last = result.at(-1);
    if (last && sameMarks(last.marks, run.marks)) result[result.length - 1] = { text: last.text + run.text, marks: last.marks };
    else result.push(run);
  }
  return result;
}

export function sameMarks(a: readonly MarkKey[], b: readonly MarkKey[]): boolean {
  return a === b || (a.length === b.length && a.every((key, place) => key === b[place]));
}

export const textOf = (runs: readonly Run[]): string => runs.map((run) => run.text).join("");

/** The runs of the UTF-16 units from `start` up to `end`. */
export function cut(runs: readonly Run[], start: number, end: number): Run[] {
  const result: Run[] = [];
  let offset = 0;
  for (const run of runs) {
    const low = Math.max(start - offset, 0);
    const high = Math.min(end - offset, run.text.length);
    if (low < high) result.push({ text: run.text.slice(low, high), marks: run.marks });
    offset += run.text.length;
  }
  return result;
}
