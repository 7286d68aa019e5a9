/** Everything the panels show that follows from text and record, worked out together once after each change. */

import type { AmendmentId, ParagraphId } from "../model/marks";
import { isOpen, type Amendment, type RecordView } from "../model/record";
import { openBrackets, type OpenBracket } from "./brackets";
import { changesIn, type Change } from "./changes";
import { conflictsIn } from "./conflicts";
import { placesOf, type Place } from "./places";
import type { TextParagraph } from "./text";

export interface Facts {
  readonly paragraphs: readonly TextParagraph[];
  readonly record: RecordView;
  readonly places: ReadonlyMap<ParagraphId, Place>;
  readonly changes: ReadonlyMap<AmendmentId, Change>;
  readonly conflicts: ReadonlyMap<AmendmentId, readonly AmendmentId[]>;
  readonly brackets: readonly OpenBracket[];
  /** All amendments in reading order; those without a place in the text come last. */
  readonly amendments: readonly Amendment[];
  readonly order: ReadonlyMap<ParagraphId, number>;
}

/** `own` is the party of this page: what it has just typed has no record yet and is shown as its draft meanwhile. */
export function factsOf(paragraphs: readonly TextParagraph[], known: RecordView, own = ""): Facts {
  const changes = changesIn(paragraphs);
  const record = own === "" ? known : withFresh(known, changes, own);
  const order = new Map(paragraphs.map((paragraph, place) => [paragraph.id, place]));
  return {
    paragraphs,
    record,
    places: placesOf(paragraphs, record.paragraphs),
    changes,
    conflicts: conflictsIn(record, changes),
    brackets: openBrackets(paragraphs, record, changes),
    amendments: inReadingOrder(record, changes, order),
    order,
  };
}

/** The record with drafts for the marks that the server has not put on record yet: words typed a moment ago, or offline. */
function withFresh(record: RecordView, changes: ReadonlyMap<AmendmentId, Change>, own: string): RecordView {
  const fresh = [...changes].filter(
    ([id, { pieces }]) => !record.amendments.has(id) && pieces.some(({ kind }) => kind !== "origin"),
  );
  if (fresh.length === 0) return record;
  const amendments = new Map(record.amendments);
  for (const [id, change] of fresh) amendments.set(id, freshDraft(id, change, own));
  return { ...record, amendments };
}

function freshDraft(id: AmendmentId, { pieces, added }: Change, delegation: string): Amendment {
  const brackets = pieces.every(({ kind }) => kind === "bracket");
  const kind = added.length > 0 ? "ADD" : brackets ? "bracket" : "MOD";
  return { ...UNRECORDED, id, kind, delegation, paragraph: added[0] ?? pieces[0]?.paragraph ?? "" };
}

const UNRECORDED: Amendment = {
  id: "",
  kind: "MOD",
  delegation: "",
  author: "",
  paragraph: "",
  createdAt: "",
  changedAt: "",
  status: "draft",
  revision: 0,
  number: 0,
  typist: "",
  sponsors: [],
  reason: "",
  source: "",
  pinned: false,
  revises: null,
  group: "",
  stances: [],
  spelling: null,
  removed: [],
  decisions: [],
  replaces: [],
  into: null,
  late: "",
};

/** Whether the server has put it on record; before that it can neither be submitted nor discarded. */
export const isRecorded = (amendment: Amendment): boolean => amendment.createdAt !== "";

function inReadingOrder(
  record: RecordView,
  changes: ReadonlyMap<AmendmentId, Change>,
  order: ReadonlyMap<ParagraphId, number>,
): Amendment[] {
  const placed = [...record.amendments.values()].map((amendment) => {
    const paragraph = paragraphOf(amendment, changes.get(amendment.id));
    const start = changes.get(amendment.id)?.pieces[0]?.start ?? 0;
    return { amendment, place: order.get(paragraph) ?? Number.MAX_SAFE_INTEGER, start };
  });
  placed.sort(
    (a, b) =>
      a.place - b.place ||
      a.start - b.start ||
      (a.amendment.createdAt < b.amendment.createdAt ? -1 : a.amendment.createdAt > b.amendment.createdAt ? 1 : 0) ||
      (a.amendment.id < b.amendment.id ? -1 : 1),
  );
  return placed.map(({ amendment }) => amendment);
}

/** The paragraph in which an amendment stands: where its first mark is, else the one its record names. */
export function paragraphOf(amendment: Amendment, change: Change | undefined): ParagraphId {
  return change?.added[0] ?? change?.pieces[0]?.paragraph ?? amendment.paragraph;
}

/** What is pending in each paragraph, drafts included. */
export function pendingByParagraph({ amendments, changes }: Facts): ReadonlyMap<ParagraphId, readonly Amendment[]> {
  const found = new Map<ParagraphId, Amendment[]>();
  for (const amendment of amendments) {
    if (!isOpen(amendment)) continue;
    const change = changes.get(amendment.id);
    const touched = new Set([...(change?.added ?? []), ...(change?.pieces ?? []).map(({ paragraph }) => paragraph)]);
    if (touched.size === 0) touched.add(amendment.paragraph);
    for (const paragraph of touched) {
      const row = found.get(paragraph);
      if (row) row.push(amendment);
      else found.set(paragraph, [amendment]);
    }
  }
  return found;
}
