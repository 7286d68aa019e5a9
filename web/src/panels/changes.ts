/** What each amendment changes, read from the marks in the text and, once it is decided, from what its record kept. */

import { idsOf, markOf, type AmendmentId, type ParagraphId, type Run } from "../model/marks";
import type { Amendment } from "../model/record";
import type { TextParagraph } from "./text";

export type PieceKind = "insertion" | "deletion" | "bracket" | "origin";

/** One stretch of words under one mark of an amendment; offsets in UTF-16 units of the paragraph. */
export interface Piece {
  readonly paragraph: ParagraphId;
  readonly kind: PieceKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The words just before it that are not its own, for "after ...". */
  readonly before: string;
  /** How many settled stretches stood before it, and before what follows it: pieces with nothing settled between them belong together. */
  readonly from: number;
  readonly to: number;
}

export interface Change {
  readonly pieces: readonly Piece[];
  /** Paragraphs it proposes as a whole. */
  readonly added: readonly ParagraphId[];
}

const CONTEXT = 24;
const NOTHING: Change = { pieces: [], added: [] };

/**
 * The changes of all amendments that have marks in the text. Others' pending words among an amendment's own do not divide a piece,
 * settled words do; the list of open brackets counts the same way (`opinions/brackets.py`).
 *
 * A paragraph is read once as long as it stays the same value, and so does the change of an amendment that stands in it alone: lists
 * of five hundred need not be drawn anew for a letter typed.
 */
export function changesIn(paragraphs: readonly TextParagraph[]): ReadonlyMap<AmendmentId, Change> {
  const found = new Map<AmendmentId, Change>();
  for (const paragraph of paragraphs) {
    for (const [id, change] of changesOf(paragraph)) {
      const known = found.get(id);
      const both = known && { pieces: [...known.pieces, ...change.pieces], added: [...known.added, ...change.added] };
      found.set(id, both ?? change);
    }
  }
  return found;
}

const read = new WeakMap<TextParagraph, ReadonlyMap<AmendmentId, Change>>();

function changesOf(paragraph: TextParagraph): ReadonlyMap<AmendmentId, Change> {
  let known = read.get(paragraph);
  if (!known) read.set(paragraph, (known = changesWithin(paragraph)));
  return known;
}

interface Growing {
  pieces: Piece[];
  added: ParagraphId[];
}

function changesWithin(paragraph: TextParagraph): ReadonlyMap<AmendmentId, Change> {
  const found = new Map<AmendmentId, Growing>();
  const of = (id: AmendmentId): Growing => {
    let change = found.get(id);
    if (!change) found.set(id, (change = { pieces: [], added: [] }));
    return change;
  };
  if (paragraph.added !== null) of(paragraph.added).added.push(paragraph.id);
  let offset = 0;
  let solid = 0;
  let passed = "";
  for (const run of paragraph.runs) {
    const end = offset + run.text.length;
    const pending = run.marks.some((key) => key.startsWith("insertion:"));
    const after = pending ? solid : solid + 1;
    for (const key of run.marks) {
      const mark = markOf(key);
      if (!mark || mark.kind === "em" || mark.kind === "noteref") continue;
      const place = { paragraph: paragraph.id, kind: mark.kind, start: offset, end, from: solid, to: after };
      extend(of(mark.id).pieces, { ...place, text: run.text, before: passed });
    }
    passed = (passed + run.text).slice(-CONTEXT);
    offset = end;
    solid = after;
  }
  return found;
}

function extend(pieces: Piece[], piece: Piece): void {
  const place = pieces.findLastIndex(({ kind }) => kind === piece.kind);
  const last = pieces[place];
  if (last && last.to === piece.from) {
    pieces[place] = { ...last, end: piece.end, to: piece.to, text: last.text + piece.text };
  } else {
    pieces.push(piece);
  }
}

/** One thing an amendment does, as a card shows it: words struck, words written in their place, or words in brackets. */
export interface Edit {
  readonly struck: string;
  readonly written: string;
  readonly bracketed: string;
  /** The words it comes after, where nothing is struck. */
  readonly after: string;
}

/** What an amendment does, in reading order. Struck words and the words written beside them are one edit. */
export function editsOf(amendment: Amendment, change: Change = NOTHING): Edit[] {
  const edits = inText(change);
  const gone = takenOut(amendment, edits);
  return [...edits, ...gone];
}

function inText(change: Change): Edit[] {
  const edits: Edit[] = [];
  const pieces = [...change.pieces];
  for (let place = 0; place < pieces.length; place++) {
    const piece = pieces[place]!;
    const next = pieces[place + 1];
    if (piece.kind === "bracket") {
      edits.push({ struck: "", written: "", bracketed: piece.text, after: "" });
    } else if (next && pairs(piece, next)) {
      const [struck, written] = piece.kind === "deletion" ? [piece, next] : [next, piece];
      edits.push({ struck: struck.text, written: written.text, bracketed: "", after: "" });
      place += 1;
    } else if (piece.kind === "deletion") {
      edits.push({ struck: piece.text, written: "", bracketed: "", after: "" });
    } else {
      edits.push({ struck: "", written: piece.text, bracketed: "", after: piece.before.trim() });
    }
  }
  return edits;
}

const isWritten = (piece: Piece): boolean => piece.kind === "insertion" || piece.kind === "origin";

function pairs(piece: Piece, next: Piece): boolean {
  return (
    piece.paragraph === next.paragraph &&
    piece.to === next.from &&
    ((piece.kind === "deletion" && isWritten(next)) || (isWritten(piece) && next.kind === "deletion"))
  );
}

/** What a decision took out and the record kept. Struck words go, in `present`, with the words that came in their place. */
function takenOut(amendment: Amendment, present: Edit[]): Edit[] {
  const edits: Edit[] = [];
  for (const { runs, whole, left } of amendment.removed) {
    const words = whole ? whole.runs : runs;
    const text = textOf(words);
    if (text === "") continue;
    if (words.some((run) => idsOf(run.marks, "insertion").includes(amendment.id))) {
      const last = edits.at(-1);
      const replaces = last && last.struck !== "" && last.written === "" && follows(last.struck, left);
      if (replaces) edits[edits.length - 1] = { ...last, written: text };
      else edits.push({ struck: "", written: text, bracketed: "", after: left.trim() });
    } else if (words.some((run) => idsOf(run.marks, "bracket").includes(amendment.id))) {
      edits.push({ struck: "", written: "", bracketed: text, after: "" });
    } else {
      const partner = present.findIndex((edit) => edit.written !== "" && edit.struck === "" && follows(edit.after, left));
      if (partner >= 0) present[partner] = { ...present[partner]!, struck: text, after: "" };
      else edits.push({ struck: text, written: "", bracketed: "", after: "" });
    }
  }
  return edits;
}

const follows = (after: string, left: string): boolean => {
  const tail = left.trim().slice(-8);
  return tail === "" || after.endsWith(tail);
};

const textOf = (runs: readonly Run[]): string => runs.map((run) => run.text).join("");

/** A change in one plain sentence, for lists that are heard and for what is copied. */
export function sentenceOf(edits: readonly Edit[]): string {
  return edits.map(phraseOf).join("; ");
}

function phraseOf({ struck, written, bracketed, after }: Edit): string {
  if (bracketed !== "") return `bracket “${bracketed.trim()}”`;
  if (struck !== "" && written !== "") return `“${struck.trim()}” becomes “${written.trim()}”`;
  if (struck !== "") return `delete “${struck.trim()}”`;
  return after === "" ? `add “${written.trim()}”` : `add “${written.trim()}” after “${after}”`;
}
