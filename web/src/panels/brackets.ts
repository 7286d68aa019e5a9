/** All that is open, as a list: what the count in the header counts. Twin of `open_brackets` in `opinions/brackets.py` (B1). */

import type { AmendmentId, ParagraphId } from "../model/marks";
import { isOpen, type Amendment, type RecordView } from "../model/record";
import type { Change } from "./changes";
import { wordsOf, type TextParagraph } from "./text";

export interface OpenBracket {
  readonly amendment: AmendmentId;
  readonly kind: "bracket" | "insertion" | "deletion" | "paragraph" | "placeholder";
  readonly paragraph: ParagraphId;
  readonly start: number;
  readonly end: number;
  readonly words: string;
}

/** The list in reading order, the longer first where two begin together. Drafts are not yet before the meeting. */
export function openBrackets(
  paragraphs: readonly TextParagraph[],
  record: RecordView,
  changes: ReadonlyMap<AmendmentId, Change>,
): OpenBracket[] {
  const found: (OpenBracket & { readonly place: number; readonly until: number })[] = [];
  const order = new Map(paragraphs.map((paragraph, place) => [paragraph.id, place]));
  for (const amendment of record.amendments.values()) {
    if (!isOpen(amendment) || amendment.status === "draft") continue;
    for (const bracket of of(amendment, paragraphs, order, changes.get(amendment.id))) {
      found.push({ ...bracket, place: order.get(bracket.paragraph) ?? 0 });
    }
  }
  found.sort((a, b) => a.place - b.place || a.start - b.start || b.until - a.until || b.end - a.end);
  return found;
}

type Found = OpenBracket & { readonly until: number };

function* of(
  amendment: Amendment,
  paragraphs: readonly TextParagraph[],
  order: ReadonlyMap<ParagraphId, number>,
  change: Change | undefined,
): Generator<Found> {
  const { id } = amendment;
  const whole = change?.added ?? [];
  for (const paragraph of amendment.kind === "SUP" ? [amendment.paragraph, ...whole] : whole) {
    const place = order.get(paragraph);
    const found = place === undefined ? undefined : paragraphs[place];
    if (!found) continue;
    const words = wordsOf(found);
    yield { amendment: id, kind: "paragraph", paragraph, start: 0, end: words.length, words, until: place ?? 0 };
  }
  const brackets = (change?.pieces ?? []).filter(({ kind }) => kind === "bracket");
  const [first, last] = [brackets[0], brackets.at(-1)];
  if (first && last) {
    const kind = amendment.source === "placeholder" ? "placeholder" : "bracket";
    const words = brackets.map(({ text }) => text).join(" … ");
    const until = order.get(last.paragraph) ?? 0;
    yield { amendment: id, kind, paragraph: first.paragraph, start: first.start, end: last.end, words, until };
  }
  for (const { kind, paragraph, start, end, text } of change?.pieces ?? []) {
    if ((kind !== "insertion" && kind !== "deletion") || whole.includes(paragraph)) continue;
    yield { amendment: id, kind, paragraph, start, end, words: text, until: order.get(paragraph) ?? 0 };
  }
}
