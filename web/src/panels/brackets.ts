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

/** The list in reading order: whole paragraphs before what is in them, the longer before the shorter. Drafts are not yet before the meeting. */
export function openBrackets(
  paragraphs: readonly TextParagraph[],
  record: RecordView,
  changes: ReadonlyMap<AmendmentId, Change>,
): OpenBracket[] {
  const found: Found[] = [];
  const order = new Map(paragraphs.map((paragraph, place) => [paragraph.id, place]));
  for (const amendment of record.amendments.values()) {
    if (!isOpen(amendment) || amendment.status === "draft") continue;
    found.push(...of(amendment, paragraphs, order, changes.get(amendment.id)));
  }
  return found.sort(inOrder);
}

interface Found extends OpenBracket {
  readonly place: number;
  /** Number of the paragraph in which it ends. */
  readonly until: number;
  readonly since: string;
}

function inOrder(a: Found, b: Found): number {
  const stretch = ({ kind }: Found): number => Number(kind === "insertion" || kind === "deletion");
  return (
    a.place - b.place ||
    a.start - b.start ||
    Number(b.kind === "paragraph") - Number(a.kind === "paragraph") ||
    b.until - a.until ||
    b.end - a.end ||
    stretch(a) - stretch(b) ||
    compare(a.since, b.since) ||
    compare(a.amendment, b.amendment) ||
    compare(a.kind, b.kind)
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function* of(
  amendment: Amendment,
  paragraphs: readonly TextParagraph[],
  order: ReadonlyMap<ParagraphId, number>,
  change: Change | undefined,
): Generator<Found> {
  const { id, createdAt: since } = amendment;
  const at = (paragraph: ParagraphId): number => order.get(paragraph) ?? 0;
  const whole = change?.added ?? [];
  for (const paragraph of amendment.kind === "SUP" ? [amendment.paragraph, ...whole] : whole) {
    const place = order.get(paragraph);
    const found = place === undefined ? undefined : paragraphs[place];
    if (!found) continue;
    const words = wordsOf(found);
    yield {
      amendment: id,
      kind: "paragraph",
      paragraph,
      start: 0,
      end: words.length,
      words,
      place: at(paragraph),
      until: at(paragraph),
      since,
    };
  }
  const brackets = (change?.pieces ?? []).filter(({ kind }) => kind === "bracket");
  const [first, last] = [brackets[0], brackets.at(-1)];
  if (first && last) {
    const kind = amendment.source === "placeholder" ? "placeholder" : "bracket";
    const words = brackets.map(({ text }) => text).join(" … ");
    const { paragraph, start } = first;
    yield { amendment: id, kind, paragraph, start, end: last.end, words, place: at(paragraph), until: at(last.paragraph), since };
  }
  for (const { kind, paragraph, start, end, text } of change?.pieces ?? []) {
    if ((kind !== "insertion" && kind !== "deletion") || whole.includes(paragraph)) continue;
    yield { amendment: id, kind, paragraph, start, end, words: text, place: at(paragraph), until: at(paragraph), since };
  }
}
