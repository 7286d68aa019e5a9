/** From change to change and from bracket to bracket, in reading order and round. */

import type { Node } from "prosemirror-model";
import { TextSelection, type EditorState, type Transaction } from "prosemirror-state";
import { isOpen, type RecordView } from "../model/record";
import { stretchesOf } from "./annotations";
import { extentsOf } from "./extents";
import { attrsOf, markIds } from "./schema";

export interface Stop {
  readonly pos: number;
  /** The amendment it belongs to. */
  readonly id: string;
}

/** What was gone to: "3 of 7". */
export interface Visit extends Stop {
  readonly kind: "change" | "bracket";
  readonly number: number;
  readonly of: number;
}

/** The places of changes: each stretch of inserted or struck words, each added paragraph, each proposal to remove one. */
export function changesIn(doc: Node, record: RecordView): Stop[] {
  const stops = new Map<string, Stop>();
  const put = (pos: number, id: string) => {
    const spelling = `${pos} ${id}`;
    if (!stops.has(spelling)) stops.set(spelling, { pos, id });
  };
  const removals = [...record.amendments.values()].filter((amendment) => amendment.kind === "SUP" && isOpen(amendment));
  doc.forEach((paragraph, start) => {
    const { id, added } = attrsOf(paragraph);
    if (added !== null) put(start + 1, added);
    for (const removal of removals) if (removal.paragraph === id) put(start + 1, removal.id);
    for (const kind of ["deletion", "insertion"] as const) {
      let last: { id: string; to: number } | null = null;
      for (const stretch of stretchesOf(paragraph, kind)) {
        // Words struck and put in their place by one amendment are one change.
        const struckBefore = kind === "insertion" && endsAt(paragraph, stretch.from, stretch.id);
        if (stretch.id !== added && !struckBefore && !(last?.id === stretch.id && last.to === stretch.from)) put(start + 1 + stretch.from, stretch.id);
        last = stretch;
      }
    }
  });
  return [...stops.values()].sort((a, b) => a.pos - b.pos);
}

function endsAt(paragraph: Node, offset: number, id: string): boolean {
  const { node } = paragraph.childBefore(offset);
  return node !== null && markIds(node, "deletion").includes(id);
}

export function bracketsIn(doc: Node): Stop[] {
  return extentsOf(doc).map(({ id, from }) => ({ pos: from, id }));
}

/** The stop after (or before) the caret, and a transaction that goes there; null when there is none at all. */
export function goOn(state: EditorState, stops: readonly Stop[], direction: 1 | -1): { stop: Stop; number: number; transaction: Transaction } | null {
  const { head } = state.selection;
  const beyond = direction === 1 ? stops.findIndex(({ pos }) => pos > head) : stops.findLastIndex(({ pos }) => pos < head);
  const place = beyond >= 0 ? beyond : direction === 1 ? 0 : stops.length - 1;
  const stop = stops[place];
  return stop ? { stop, number: place + 1, transaction: goTo(state, stop.pos) } : null;
}

export function goTo(state: EditorState, pos: number): Transaction {
  const selection = TextSelection.near(state.doc.resolve(Math.min(pos, state.doc.content.size)));
  return state.tr.setSelection(selection).scrollIntoView();
}

/** Where an amendment's first words are; for a removal, its paragraph. */
export function placeOf(doc: Node, record: RecordView, id: string): number | null {
  let found: number | null = null;
  doc.descendants((node, pos) => {
    if (found !== null) return false;
    const carries = node.isText ? node.marks.some((mark) => mark.attrs["id"] === id) : attrsOf(node).added === id;
    if (carries) found = node.isText ? pos : pos + 1;
    return found === null;
  });
  const removal = record.amendments.get(id);
  return found ?? (removal?.kind === "SUP" ? paragraphAt(doc, removal.paragraph) : null);
}

/** Where a paragraph's text begins. */
export function paragraphAt(doc: Node, id: string): number | null {
  let found: number | null = null;
  doc.forEach((paragraph, start) => {
    if (attrsOf(paragraph).id === id) found ??= start + 1;
  });
  return found;
}
