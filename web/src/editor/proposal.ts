/**
 * A change that one delegation proposes, built up step by step as one transaction.
 *
 * P1 What is typed carries the party's own insertion and nothing else, whoever's words it stands among.
 * P2 Words are really removed only when they are the party's own editable insertions; all others are struck.
 * P3 An edit joins the party's own amendment that it touches in that paragraph; else it gets a new id.
 */

import type { Node } from "prosemirror-model";
import { TextSelection, type EditorState, type Transaction } from "prosemirror-state";
import { mintParagraphId } from "../model/ids";
import type { AmendmentId, MarkKind } from "../model/marks";
import type { Authority } from "./authority";
import { addMark, attrsOf, idOf, markFor, markIds, paragraphOf, schema } from "./schema";

/** Meta of transactions that are proposals already. */
export const PROPOSED = "proposed";

export class Proposal {
  readonly transaction: Transaction;
  private readonly authority: Authority;
  private readonly begun: AmendmentId | null;

  constructor(state: EditorState, authority: Authority) {
    this.transaction = state.tr.setMeta(PROPOSED, true);
    this.authority = authority;
    // An input method was given its mark before its first letter (`input.ts`).
    const stored = state.storedMarks?.find((mark) => mark.type.name === "insertion");
    this.begun = stored && authority.standing(idOf(stored)) === "editable" ? idOf(stored) : null;
  }

  /** Takes the words from `from` to `to` out, or strikes them (P2). Returns where the range ends afterwards. */
  strike(from: number, to: number): number {
    const { transaction } = this;
    const done = transaction.mapping.maps.length;
    for (const stretch of stretchesIn(transaction.doc, from, to).reverse()) this.strikeIn(stretch, from, to);
    return transaction.mapping.slice(done).map(to);
  }

  /** Proposes `text` in place of the words from `from` to `to`; it stands behind those struck in the first paragraph. */
  replace(from: number, to: number, text: string): number {
    const { transaction } = this;
    const done = transaction.mapping.maps.length;
    const behind = Math.min(to, transaction.doc.resolve(from).end());
    if (from < to) this.strike(from, to);
    const pos = transaction.mapping.slice(done).map(behind);
    return text === "" ? pos : this.insert(pos, text);
  }

  private strikeIn({ paragraph, start, pieces }: Stretch, from: number, to: number): void {
    const { transaction, authority } = this;
    const first = pieces[0]?.from ?? start;
    const last = pieces.at(-1)?.to ?? start;
    let id: AmendmentId | null = null;
    let left = paragraph.content.size;
    for (const piece of [...pieces].reverse()) {
      if (isOwn(piece.node, "insertion", authority)) {
        transaction.delete(piece.from, piece.to);
        left -= piece.to - piece.from;
      } else if (!isOwn(piece.node, "deletion", authority)) {
        id ??= this.amendmentAt(paragraph, first - start, last - start);
        addMark(transaction, piece.from, piece.to, markFor("deletion", id));
      }
    }
    const covered = start - 1 >= from && start + paragraph.content.size + 1 <= to;
    const { added } = attrsOf(paragraph);
    if (covered && left === 0 && added !== null && authority.standing(added) === "editable") {
      transaction.delete(start - 1, start + 1);
    }
  }

  /** Types `text` at `pos` (P1), behind the party's own struck words that begin there. Returns the position after it. */
  insert(pos: number, text: string): number {
    const { transaction, authority } = this;
    const $pos = transaction.doc.resolve(pos);
    const paragraph = $pos.parent;
    const start = $pos.start();
    const offset = this.begun === null ? typingOffset(paragraph, $pos.parentOffset, authority) : $pos.parentOffset;
    const id = this.amendmentAt(paragraph, offset, offset);
    transaction.insert(start + offset, schema.text(text, [markFor("insertion", id)]));
    return start + offset + text.length;
  }

  /** Puts a bracket around the words from `from` to `to`; null when there are none. Blanks at the ends stay outside. */
  bracket(from: number, to: number): AmendmentId | null {
    const { transaction, authority } = this;
    const [start, end] = trimmed(transaction.doc, from, to);
    const pieces = stretchesIn(transaction.doc, start, end).flatMap((stretch) => stretch.pieces);
    if (pieces.length === 0) return null;
    const id = authority.mint();
    for (const piece of pieces) addMark(transaction, piece.from, piece.to, markFor("bracket", id));
    return id;
  }

  /** Puts a bracket of its own round each of these stretches of the words that begin at `start`, outer ones first. */
  bracketAll(start: number, stretches: readonly (readonly [number, number])[]): void {
    for (const [from, to] of stretches) this.bracket(start + from, start + to);
  }

  /** Takes a bracket off all its words. */
  unbracket(id: AmendmentId): void {
    this.transaction.removeMark(0, this.transaction.doc.content.size, markFor("bracket", id));
  }

  /** Proposes a new paragraph behind the one at `place`. Returns where its text begins. */
  addParagraph(place: number, kind: string, level: number, text: string): number {
    const { transaction, authority } = this;
    let pos = 0;
    for (let index = 0; index <= place; index++) pos += transaction.doc.child(index).nodeSize;
    const added = authority.mint();
    const runs = text === "" ? [] : [{ text, marks: [`insertion:${added}`] }];
    transaction.insert(pos, paragraphOf({ id: mintParagraphId(), kind, level, added }, runs));
    return pos + 1;
  }

  /** Puts the caret at `pos`. */
  caret(pos: number): this {
    const { transaction } = this;
    transaction.setSelection(TextSelection.near(transaction.doc.resolve(Math.min(pos, transaction.doc.content.size))));
    transaction.scrollIntoView();
    return this;
  }

  /** The party's own amendment that an edit of these characters touches (P3), else a new one. */
  private amendmentAt(paragraph: Node, from: number, to: number): AmendmentId {
    return touchedAmendment(paragraph, from, to, this.authority) ?? this.begun ?? this.authority.mint();
  }
}

/** The editable amendment at, or right beside, the characters `from` to `to` of a paragraph; insertions before deletions. */
export function touchedAmendment(paragraph: Node, from: number, to: number, authority: Authority): AmendmentId | null {
  const { added } = attrsOf(paragraph);
  if (added !== null && authority.standing(added) === "editable") return added;
  const nodes: Node[] = [];
  const { node: before } = paragraph.childBefore(from);
  if (before) nodes.push(before);
  if (to > from) paragraph.nodesBetween(from, to, (node) => void nodes.push(node));
  const { node: after } = paragraph.childAfter(to);
  if (after) nodes.push(after);
  for (const kind of ["insertion", "deletion"] as const) {
    for (const node of nodes) {
      const id = markIds(node, kind).find((one) => authority.standing(one) === "editable");
      if (id !== undefined) return id;
    }
  }
  return null;
}

/**
 * Whether text is the party's own under a mark. Where formatting crossed on the way, a character can carry two insertions until the
 * server has mended it; it counts as the party's own only when nobody else's is among them.
 */
export function isOwn(node: Node, kind: MarkKind, authority: Authority): boolean {
  const own = markIds(node, kind).map((id) => authority.standing(id) === "editable");
  return kind === "insertion" ? own.length > 0 && own.every(Boolean) : own.some(Boolean);
}

/** Where typing at `offset` goes: behind the party's own struck words that begin there, unless it goes on with own new words. */
function typingOffset(paragraph: Node, offset: number, authority: Authority): number {
  const { node: before } = paragraph.childBefore(offset);
  if (before && isOwn(before, "insertion", authority)) return offset;
  let place = offset;
  for (;;) {
    const { node, offset: start } = paragraph.childAfter(place);
    if (!node || !isOwn(node, "deletion", authority)) return place;
    place = start + node.nodeSize;
  }
}

/** Pieces of equally marked text within one paragraph; `start` is where its text begins. */
interface Stretch {
  readonly paragraph: Node;
  readonly start: number;
  readonly pieces: readonly { readonly from: number; readonly to: number; readonly node: Node }[];
}

function stretchesIn(doc: Node, from: number, to: number): Stretch[] {
  const stretches: Stretch[] = [];
  doc.forEach((paragraph, offset) => {
    const start = offset + 1;
    if (start + paragraph.content.size < from || start > to) return;
    const pieces: { from: number; to: number; node: Node }[] = [];
    paragraph.forEach((node, place) => {
      const low = Math.max(start + place, from);
      const high = Math.min(start + place + node.nodeSize, to);
      if (low < high) pieces.push({ from: low, to: high, node });
    });
    stretches.push({ paragraph, start, pieces });
  });
  return stretches;
}

/** The range without blanks at its ends, as long as something is left of it. */
function trimmed(doc: Node, from: number, to: number): [number, number] {
  let [start, end] = [from, to];
  const blank = (pos: number) => /^\s$/.test(doc.textBetween(pos, pos + 1));
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  return start < end ? [start, end] : [from, to];
}
