/** What keys and input do: typing, striking, brackets, new paragraphs. Each is a ProseMirror command that builds a proposal. */

import type { Node } from "prosemirror-model";
import { TextSelection, type Command, type EditorState, type Transaction } from "prosemirror-state";
import { cleaned, linesOf, nextBoundary, nextWord, previousBoundary, previousWord } from "../model/characters";
import type { ParagraphAttrs } from "../model/marks";
import type { Authority } from "./authority";
import { extentsOf } from "./extents";
import { CLOSING, OPENING, pastedWords } from "./pasted_brackets";
import { isOwn, Proposal } from "./proposal";
import { attrsOf } from "./schema";

/** Something the person should be told without being stopped. */
export type Hint =
  | { readonly kind: "read-only" }
  | { readonly kind: "select-to-bracket" }
  | { readonly kind: "paragraph-not-split" }
  | { readonly kind: "paragraphs-not-joined" }
  | { readonly kind: "no-line-break" }
  | { readonly kind: "submitted-bracket"; readonly amendment: string }
  | { readonly kind: "characters-dropped"; readonly count: number }
  | { readonly kind: "too-long" }
  | { readonly kind: "unwritable"; readonly message: string };

export type Tell = (hint: Hint) => void;

/** Characters of a paragraph; the server refuses more (crdt/SPEC.md G14). */
export const MOST_CHARACTERS = 20_000;

export class Typing {
  private readonly authority: Authority;
  private readonly tell: Tell;

  constructor(authority: Authority, tell: Tell) {
    this.authority = authority;
    this.tell = tell;
  }

  /** Types `text` over the selection; a bracket character puts the selected words in brackets instead. */
  text(text: string): Command {
    return (state, dispatch) => {
      const { from, to, empty } = state.selection;
      if (OPENING.has(text) || (CLOSING.has(text) && !empty)) return this.bracket()(state, dispatch);
      return this.over(from, to, text)(state, dispatch);
    };
  }

  /** Types `text` over a range. */
  over(from: number, to: number, text: string): Command {
    return this.proposing((state, dispatch) => {
      const { text: allowed, dropped } = cleaned(text);
      if (dropped > 0) this.tell({ kind: "characters-dropped", count: dropped });
      if (allowed === "" && text !== "") return true;
      if (!inParagraph(state, from)) return false;
      if (state.doc.resolve(from).parent.content.size + allowed.length > MOST_CHARACTERS) {
        this.tell({ kind: "too-long" });
        return true;
      }
      const proposal = new Proposal(state, this.authority);
      const end = proposal.replace(from, to, allowed);
      dispatch?.(proposal.caret(end).transaction);
      return true;
    });
  }

  /** Puts the selected words in brackets. */
  bracket(): Command {
    return this.proposing((state, dispatch) => {
      const { from, to, empty } = state.selection;
      const proposal = new Proposal(state, this.authority);
      const id = empty ? null : proposal.bracket(from, to);
      if (id === null) this.tell({ kind: "select-to-bracket" });
      else dispatch?.(proposal.caret(to).transaction);
      return true;
    });
  }

  /** Backspace and Delete, by character or by word. Own struck words are passed over; a bracket sign of one's own goes first. */
  erase(direction: "backward" | "forward", unit: "character" | "word" | "paragraph" = "character"): Command {
    return this.proposing((state, dispatch) => {
      const { from, to, empty } = state.selection;
      if (!empty) return this.strike(from, to, direction)(state, dispatch);
      if (!inParagraph(state, from)) return false;
      if (this.eraseBracket(state, from, direction, dispatch)) return true;
      const { $from } = state.selection;
      const paragraph = $from.parent;
      const place = this.pastOwnStruck(paragraph, $from.parentOffset, direction);
      const other = boundary(paragraph.textContent, place, direction, unit);
      if (other === place) return this.eraseParagraph(state, direction, dispatch);
      const [start, end] = direction === "backward" ? [other, place] : [place, other];
      return this.strike($from.start() + start, $from.start() + end, direction)(state, dispatch);
    });
  }

  /** Takes a range out or strikes it. */
  strike(from: number, to: number, direction: "backward" | "forward" = "backward"): Command {
    return this.proposing((state, dispatch) => {
      const proposal = new Proposal(state, this.authority);
      const end = proposal.strike(from, to);
      dispatch?.(proposal.caret(direction === "backward" ? from : end).transaction);
      return true;
    });
  }

  /** A new paragraph behind the one with the caret. A paragraph is never split: that is the secretariat's to do. */
  addParagraph(): Command {
    return this.proposing((state, dispatch) => {
      const { $to } = state.selection;
      if ($to.depth === 0) return false;
      if ($to.parentOffset < $to.parent.content.size) this.tell({ kind: "paragraph-not-split" });
      const proposal = new Proposal(state, this.authority);
      const { kind, level } = following(attrsOf($to.parent));
      const start = proposal.addParagraph($to.index(0), kind, level, "");
      dispatch?.(proposal.caret(start).transaction);
      return true;
    });
  }

  /** Text has no line breaks. */
  lineBreak(): Command {
    return () => {
      this.tell({ kind: "no-line-break" });
      return true;
    };
  }

  /** Sets an own added item one level deeper or higher. False elsewhere, so that Tab leaves the editor. */
  indent(by: 1 | -1): Command {
    return (state, dispatch) => {
      const { $from } = state.selection;
      if ($from.depth === 0 || !this.authority.mayType) return false;
      const attrs = attrsOf($from.parent);
      const indented = indentedBy(attrs, by, state.doc, $from.index(0));
      if (attrs.added === null || this.authority.standing(attrs.added) !== "editable" || !indented) return false;
      const { transaction } = new Proposal(state, this.authority);
      dispatch?.(transaction.setNodeMarkup($from.before(1), null, { ...attrs, ...indented }));
      return true;
    };
  }

  /**
   * Pastes plain text: the first line at the caret, every further line (`on`: every line) as an added paragraph. Balanced square
   * brackets of a line become brackets round its words; those without a partner stay pending characters.
   */
  paste(text: string, on = false): Command {
    return this.proposing((state, dispatch) => {
      const lines = linesOf(text).map((line) => {
        const { text: allowed, dropped } = cleaned(line);
        return { ...pastedWords(allowed), dropped };
      });
      const dropped = lines.reduce((sum, line) => sum + line.dropped, 0);
      if (dropped > 0) this.tell({ kind: "characters-dropped", count: dropped });
      const { from, to, $from, empty } = state.selection;
      const room = MOST_CHARACTERS - $from.parent.content.size;
      if (lines.some((line, place) => line.text.length > (place === 0 ? room : MOST_CHARACTERS))) {
        this.tell({ kind: "too-long" });
        return true;
      }
      if ($from.depth === 0) return true;
      const proposal = new Proposal(state, this.authority);
      const [first, ...others] = lines;
      if (first === undefined) return true;
      const atEnd = empty && $from.parent.content.size > 0 && $from.parentOffset === $from.parent.content.size;
      const onlyParagraphs = on || (others.length > 0 && atEnd);
      let end = onlyParagraphs ? from : proposal.replace(from, to, first.text);
      if (!onlyParagraphs) proposal.bracketAll(end - first.text.length, first.brackets);
      let place = $from.index(0);
      let attrs = attrsOf($from.parent);
      for (const line of onlyParagraphs ? lines : others) {
        const { kind, level } = following(attrs);
        const start = proposal.addParagraph(place++, kind, level, line.text);
        proposal.bracketAll(start, line.brackets);
        end = start + line.text.length;
        attrs = { ...attrs, kind, level };
      }
      dispatch?.(proposal.caret(end).transaction);
      return true;
    });
  }

  private proposing(command: Command): Command {
    return (state, dispatch, view) => {
      if (this.authority.mayType) return command(state, dispatch, view);
      this.tell({ kind: "read-only" });
      return true;
    };
  }

  /** Words one has struck already are as good as gone: erasing goes on behind them. */
  private pastOwnStruck(paragraph: Node, offset: number, direction: "backward" | "forward"): number {
    let place = offset;
    for (;;) {
      const found = direction === "backward" ? paragraph.childBefore(place) : paragraph.childAfter(place);
      if (!found.node || !isOwn(found.node, "deletion", this.authority)) return place;
      if (isOwn(found.node, "insertion", this.authority)) return place;
      place = direction === "backward" ? found.offset : found.offset + found.node.nodeSize;
    }
  }

  private eraseBracket(
    state: EditorState,
    pos: number,
    direction: "backward" | "forward",
    dispatch?: (transaction: Transaction) => void,
  ): boolean {
    const extent = extentsOf(state.doc).find(({ from, to }) => (direction === "backward" ? to : from) === pos);
    if (!extent) return false;
    const standing = this.authority.standing(extent.id);
    if (standing === "fixed") this.tell({ kind: "submitted-bracket", amendment: extent.id });
    if (standing !== "editable") return false;
    const proposal = new Proposal(state, this.authority);
    proposal.unbracket(extent.id);
    dispatch?.(proposal.transaction);
    return true;
  }

  /** Erasing at a paragraph's edge takes an own empty added paragraph away; others are never joined. */
  private eraseParagraph(state: EditorState, direction: "backward" | "forward", dispatch?: (tr: Transaction) => void): boolean {
    const place = state.selection.$from.index(0);
    const here = state.doc.child(place);
    const beyond = direction === "backward" ? null : state.doc.maybeChild(place + 1);
    const target = beyond ?? here;
    const { added } = attrsOf(target);
    const own = added !== null && this.authority.standing(added) === "editable" && target.content.size === 0;
    const neighbours = state.doc.childCount > 1;
    if (!own || !neighbours || (direction === "forward" && !beyond)) {
      if (state.doc.maybeChild(direction === "backward" ? place - 1 : place + 1)) this.tell({ kind: "paragraphs-not-joined" });
      return true;
    }
    const at = beyond ? state.selection.$from.after(1) : state.selection.$from.before(1);
    const { transaction } = new Proposal(state, this.authority);
    transaction.delete(at, at + target.nodeSize);
    const caret = beyond ? state.selection.from : Math.max(at - 1, 0);
    const towards = direction === "backward" && at > 0 ? -1 : 1;
    transaction.setSelection(TextSelection.near(transaction.doc.resolve(caret), towards)).scrollIntoView();
    dispatch?.(transaction);
    return true;
  }
}

function inParagraph(state: EditorState, pos: number): boolean {
  return state.doc.resolve(pos).depth > 0;
}

function boundary(text: string, offset: number, direction: "backward" | "forward", unit: "character" | "word" | "paragraph"): number {
  if (unit === "paragraph") return direction === "backward" ? 0 : text.length;
  if (direction === "backward") return unit === "word" ? previousWord(text, offset) : previousBoundary(text, offset);
  return unit === "word" ? nextWord(text, offset) : nextBoundary(text, offset);
}

/** What a paragraph behind this one most likely is: an item behind a verb or an item, plain text behind a title. */
export function following({ kind, level }: ParagraphAttrs): { kind: string; level: number } {
  switch (kind) {
    case "preambular_verb":
      return { kind: "preambular_item", level: 0 };
    case "operative_verb":
      return { kind: "operative_item", level: 0 };
    case "preambular_item":
    case "operative_item":
    case "sub_item":
      return { kind, level };
    default:
      return { kind: "paragraph", level: 0 };
  }
}

/** Items go one level down as sub-items (`a)`, then `i)`) and up again to what the items around them are. */
function indentedBy({ kind, level }: ParagraphAttrs, by: 1 | -1, doc: Node, place: number): { kind: string; level: number } | null {
  if (kind === "preambular_item" || kind === "operative_item") return by === 1 ? { kind: "sub_item", level: 1 } : null;
  if (kind !== "sub_item") return null;
  const deeper = Math.max(level, 1) + by;
  if (deeper > 2) return null;
  if (deeper >= 1) return { kind, level: deeper };
  for (let index = place - 1; index >= 0; index--) {
    const above = attrsOf(doc.child(index)).kind;
    if (above === "preambular_item" || above === "preambular_verb") return { kind: "preambular_item", level: 0 };
    if (above === "operative_item" || above === "operative_verb") return { kind: "operative_item", level: 0 };
  }
  return null;
}
