/**
 * The smallest difference between two states of a paragraph, in several places if need be.
 *
 * A character is the same when its code point and its authorship (insertion, origin) are the same; it may then gain or lose other
 * marks where it stands. So taking one's own pending "e" out before an agreed "e" never touches the agreed one, and a change in
 * two places never touches what lies between. Both ways of the binding use this one function.
 */

import { markOf, sameMarks, type MarkKey, type Run } from "./marks";

/** One after the other over the old text; offsets are UTF-16 units and never cut a code point. */
export type Change =
  | { readonly kind: "keep"; readonly length: number }
  | { readonly kind: "format"; readonly length: number; readonly on: readonly MarkKey[]; readonly off: readonly MarkKey[] }
  | { readonly kind: "insert"; readonly text: string; readonly marks: readonly MarkKey[] }
  | { readonly kind: "delete"; readonly length: number };

/** Beyond so many inserted and deleted characters in one stretch the search ends and the stretch is replaced whole: 16 MB of trace. */
export const MOST_EDITS = 2_000;

/** The changes that make `next` of `old`; empty when nothing differs. Trailing unchanged text is left out. */
export function difference(old: readonly Run[], next: readonly Run[]): Change[] {
  const a = charactersOf(old);
  const b = charactersOf(next);
  return changesAlong(alignment(a.tokens, b.tokens), a, b);
}

/**
 * The same, where only characters under some authorship can have come or gone: all others are taken for what they are, one by one. Without that
 * the fewest changes could be to take somebody's words out and put them in again. Null when others did come or go.
 *
 * `caret` is where in `next` the change ended, in UTF-16 units. Of equal letters side by side it says which one came or went; without
 * it the wrong one may be written, and what others type beside it at that moment lands inside the word.
 */
export function ownDifference(
  old: readonly Run[],
  next: readonly Run[],
  isOwn: (authorship: string) => boolean,
  caret: number | null = null,
): Change[] | null {
  const a = charactersOf(old);
  const b = charactersOf(next);
  const end = caret === null ? null : b.placeOf(caret);
  const [fixedA, fixedB] = [a.places(isOwn), b.places(isOwn)];
  if (fixedA.length !== fixedB.length || fixedA.some((place, nth) => a.tokens[place] !== b.tokens[fixedB[nth] ?? -1])) return null;
  const stretches: Stretch[] = [];
  let [i, j] = [0, 0];
  fixedA.concat(a.tokens.length).forEach((place, nth) => {
    const other = fixedB[nth] ?? b.tokens.length;
    const [was, is] = [a.tokens.slice(i, place), b.tokens.slice(j, other)];
    const aligned = alignment(was, is);
    stretches.push(...(end === null ? aligned : endingAt(end - j, aligned, was, is)));
    if (nth < fixedA.length) stretches.push({ kind: "keep", count: 1 });
    [i, j] = [place + 1, other + 1];
  });
  return changesAlong(stretches, a, b);
}

/** The same alignment with the stretch that came or went moved to end at `place` of `b`, where it reads the same there. */
function endingAt(place: number, stretches: readonly Stretch[], a: readonly string[], b: readonly string[]): readonly Stretch[] {
  let [i, j] = [0, 0];
  for (const [nth, { kind, count }] of stretches.entries()) {
    if (kind !== "keep") {
      const [tokens, from, end] = kind === "insert" ? [b, j, j + count] : [a, i, j];
      const by = place - end;
      const [before, after] = [stretches[nth - 1], stretches[nth + 1]];
      const alone = before?.kind !== OPPOSITE[kind] && after?.kind !== OPPOSITE[kind];
      if (by !== 0 && alone && (before?.count ?? 0) + by >= 0 && (after?.count ?? 0) >= by && repeats(tokens, from, count, by)) {
        const kept = [(before?.count ?? 0) + by, (after?.count ?? 0) - by];
        const moved: Stretch[] = [{ kind: "keep", count: kept[0] ?? 0 }, { kind, count }, { kind: "keep", count: kept[1] ?? 0 }];
        return [...stretches.slice(0, Math.max(nth - 1, 0)), ...moved, ...stretches.slice(nth + 2)].filter((one) => one.count > 0);
      }
    }
    if (kind !== "insert") i += count;
    if (kind !== "delete") j += count;
  }
  return stretches;
}

const OPPOSITE = { insert: "delete", delete: "insert" } as const;

/** Whether `count` tokens from `from` on can be taken for those `by` places further. */
function repeats(tokens: readonly string[], from: number, count: number, by: number): boolean {
  const [low, high] = by < 0 ? [from + by, from] : [from, from + by];
  for (let place = low; place < high; place++) if (tokens[place] !== tokens[place + count]) return false;
  return true;
}

type Characters = ReturnType<typeof charactersOf>;

function changesAlong(stretches: readonly Stretch[], a: Characters, b: Characters): Change[] {
  const changes = new Changes();
  let i = 0;
  let j = 0;
  for (const step of stretches) {
    for (let left = step.count; left > 0; left--) {
      if (step.kind === "keep") changes.keep(a.units(i), a.marks(i++), b.marks(j++));
      else if (step.kind === "delete") changes.delete(a.units(i++));
      else changes.insert(b.text(j), b.marks(j++));
    }
  }
  return changes.end();
}

/** The characters of runs: for each its token (equal tokens are the same character), its text and its marks. */
function charactersOf(runs: readonly Run[]) {
  const tokens: string[] = [];
  const texts: string[] = [];
  const authorships: string[] = [];
  const marks: (readonly MarkKey[])[] = [];
  for (const run of runs) {
    const authorship = run.marks.filter(isAuthorship).join(" ");
    for (const character of run.text) {
      tokens.push(character + authorship);
      texts.push(character);
      authorships.push(authorship);
      marks.push(run.marks);
    }
  }
  return {
    tokens,
    /** Where the characters are that cannot come or go. */
    places: (isOwn: (authorship: string) => boolean) => {
      const own = new Map<string, boolean>();
      const places: number[] = [];
      authorships.forEach((authorship, place) => {
        if (!own.has(authorship)) own.set(authorship, isOwn(authorship));
        if (own.get(authorship) === false) places.push(place);
      });
      return places;
    },
    /** The character that begins at so many UTF-16 units, or the one behind it; their number at the end. */
    placeOf: (units: number) => {
      let place = 0;
      for (let left = units; left > 0 && place < texts.length; place++) left -= texts[place]?.length ?? 0;
      return place;
    },
    text: (place: number) => texts[place] ?? "",
    units: (place: number) => texts[place]?.length ?? 0,
    marks: (place: number) => marks[place] ?? [],
  };
}

function isAuthorship(key: MarkKey): boolean {
  const kind = markOf(key)?.kind;
  return kind === "insertion" || kind === "origin";
}

class Changes {
  private readonly changes: Change[] = [];

  keep(length: number, before: readonly MarkKey[], after: readonly MarkKey[]): void {
    const on = sameMarks(before, after) ? [] : after.filter((key) => !before.includes(key));
    const off = sameMarks(before, after) ? [] : before.filter((key) => !after.includes(key));
    const last = this.changes.at(-1);
    if (on.length + off.length === 0) {
      if (last?.kind === "keep") this.extend({ kind: "keep", length: last.length + length });
      else this.changes.push({ kind: "keep", length });
    } else if (last?.kind === "format" && sameMarks(last.on, on) && sameMarks(last.off, off)) {
      this.extend({ kind: "format", length: last.length + length, on, off });
    } else {
      this.changes.push({ kind: "format", length, on, off });
    }
  }

  delete(length: number): void {
    const last = this.changes.at(-1);
    if (last?.kind === "delete") this.extend({ kind: "delete", length: last.length + length });
    else this.changes.push({ kind: "delete", length });
  }

  insert(text: string, marks: readonly MarkKey[]): void {
    const last = this.changes.at(-1);
    if (last?.kind === "insert" && sameMarks(last.marks, marks)) this.extend({ kind: "insert", text: last.text + text, marks });
    else this.changes.push({ kind: "insert", text, marks });
  }

  end(): Change[] {
    if (this.changes.at(-1)?.kind === "keep") this.changes.pop();
    return this.changes;
  }

  private extend(change: Change): void {
    this.changes[this.changes.length - 1] = change;
  }
}

export interface Stretch {
  readonly kind: "keep" | "delete" | "insert";
  readonly count: number;
}

/** How to get from one row of tokens to another with the fewest deletions and insertions (Myers' greedy search, bounded). */
export function alignment(a: readonly string[], b: readonly string[]): Stretch[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = shortest(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [{ kind: "keep", count: start } as Stretch, ...middle, { kind: "keep", count: end } as Stretch].filter(
    (stretch) => stretch.count > 0,
  );
}

function shortest(a: readonly string[], b: readonly string[]): Stretch[] {
  if (a.length === 0 || b.length === 0) return [{ kind: "delete", count: a.length }, { kind: "insert", count: b.length }];
  const trace = search(a, b);
  if (!trace) return [{ kind: "delete", count: a.length }, { kind: "insert", count: b.length }];
  const steps: Stretch[] = [];
  const push = (kind: Stretch["kind"], count: number) => {
    const last = steps.at(-1);
    if (count === 0) return;
    if (last?.kind === kind) steps[steps.length - 1] = { kind, count: last.count + count };
    else steps.push({ kind, count });
  };
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d] as Int32Array;
    const k = x - y;
    const down = d > 0 && (k === -d || (k !== d && at(reach, d, k - 1) < at(reach, d, k + 1)));
    const from = down ? k + 1 : k - 1;
    const startX = d === 0 ? 0 : at(reach, d, from);
    const startY = d === 0 ? 0 : startX - from;
    const diagonal = Math.min(x - startX, y - startY);
    push("keep", d === 0 ? x : diagonal);
    if (d > 0) push(down ? "insert" : "delete", 1);
    x = startX;
    y = startY;
  }
  return steps.reverse();
}

/** `reach` of round d holds, for the diagonals -d..d, how far round d - 1 came. */
const at = (reach: Int32Array, d: number, k: number): number => reach[k + d] ?? -1;

function search(a: readonly string[], b: readonly string[]): Int32Array[] | null {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const far = new Int32Array(2 * most + 3).fill(-1);
  const middle = most + 1;
  far[middle + 1] = 0;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(far.slice(middle - d, middle + d + 1));
    for (let k = -d; k <= d; k += 2) {
      const left = far[middle + k - 1] ?? -1;
      const right = far[middle + k + 1] ?? -1;
      let x = k === -d || (k !== d && left < right) ? right : left + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      far[middle + k] = x;
      if (x >= a.length && y >= b.length) return trace;
    }
  }
  return null;
}
