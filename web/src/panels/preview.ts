/** What a paragraph reads now and what it would read under each outcome of one amendment, others' pending words left out. */

import { idsOf, type Run } from "../model/marks";
import { isOpen, type Amendment, type RecordView } from "../model/record";
import type { TextParagraph } from "./text";

export interface Part {
  readonly text: string;
  /** `new`: words that come; `gone`: words that go; `glyph`: a bracket's sign. */
  readonly kind: "same" | "new" | "gone" | "glyph";
}

export interface Preview {
  readonly now: readonly Part[];
  readonly agreed: readonly Part[];
  readonly notRetained: readonly Part[];
}

/** The preview of one paragraph; an empty row of parts means that there would be no paragraph. */
export function previewOf(amendment: Amendment, paragraph: TextParagraph, record: RecordView): Preview {
  const { id, kind } = amendment;
  const settled = paragraph.runs.filter((run) => isVisible(run, id, record));
  const has = (run: Run, mark: "insertion" | "deletion" | "bracket"): boolean => idsOf(run.marks, mark).includes(id);
  const standing = (run: Run): boolean => !has(run, "insertion");
  if (kind === "SUP") {
    const words = parts(settled, () => "same");
    return { now: words, agreed: [], notRetained: words };
  }
  if (paragraph.added === id) {
    return { now: [], agreed: parts(settled, (run) => (has(run, "insertion") ? "new" : "same")), notRetained: [] };
  }
  if (kind === "bracket") {
    const inside = (run: Run): boolean => has(run, "bracket");
    return {
      now: bracketed(settled, inside),
      agreed: parts(settled, () => "same"),
      notRetained: parts(
        settled.filter((run) => !inside(run)),
        () => "same",
      ),
    };
  }
  return {
    now: parts(settled.filter(standing), (run) => (has(run, "deletion") ? "gone" : "same")),
    agreed: parts(
      settled.filter((run) => !has(run, "deletion")),
      (run) => (has(run, "insertion") ? "new" : "same"),
    ),
    notRetained: parts(settled.filter(standing), () => "same"),
  };
}

/** Words that stand whatever becomes of others' proposals, and those of the amendment itself. */
function isVisible(run: Run, id: string, record: RecordView): boolean {
  return idsOf(run.marks, "insertion").every((other) => {
    const owner = record.amendments.get(other);
    return other === id || (owner !== undefined && !isOpen(owner));
  });
}

function parts(runs: readonly Run[], kindOf: (run: Run) => Part["kind"]): Part[] {
  const result: Part[] = [];
  for (const run of runs) {
    const kind = kindOf(run);
    const last = result.at(-1);
    if (last?.kind === kind) result[result.length - 1] = { kind, text: last.text + run.text };
    else result.push({ kind, text: run.text });
  }
  return result;
}

function bracketed(runs: readonly Run[], inside: (run: Run) => boolean): Part[] {
  const first = runs.findIndex(inside);
  const last = runs.findLastIndex(inside);
  if (first < 0) return parts(runs, () => "same");
  const same = (): Part["kind"] => "same";
  return [
    ...parts(runs.slice(0, first), same),
    { kind: "glyph", text: "[" },
    ...parts(runs.slice(first, last + 1), same),
    { kind: "glyph", text: "]" },
    ...parts(runs.slice(last + 1), same),
  ];
}

/** The parts with long stretches that stay as they are shortened to the words near a change. */
export function nearby(parts: readonly Part[], around = 70): Part[] {
  return parts.map((part, place) => {
    if (part.kind !== "same" || part.text.length <= around * 2) return part;
    const [first, last] = [place === 0, place === parts.length - 1];
    if (first && last) return { ...part, text: `${startOf(part.text, around * 3)}…` };
    if (first) return { ...part, text: `…${endOf(part.text, around)}` };
    if (last) return { ...part, text: `${startOf(part.text, around)}…` };
    return { ...part, text: `${startOf(part.text, around)} … ${endOf(part.text, around)}` };
  });
}

function startOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const blank = text.lastIndexOf(" ", most);
  return text.slice(0, blank > 0 ? blank : most);
}

function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const blank = text.indexOf(" ", text.length - most);
  return text.slice(blank >= 0 ? blank : text.length - most);
}
