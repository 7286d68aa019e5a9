/**
 * A caret never stands inside a character (two UTF-16 units of one code point): typing there would leave two halves, which no text
 * can hold. Pages do not put it there; an offset kept from another text may.
 */

import { Plugin, TextSelection, type EditorState, type Transaction } from "prosemirror-state";

export const wholeCharacters = (): Plugin =>
  new Plugin({ appendTransaction: (_transactions, _before, state) => settled(state) });

function settled(state: EditorState): Transaction | null {
  const { selection, doc, tr } = state;
  if (!(selection instanceof TextSelection)) return null;
  const anchor = beforeCharacter(state, selection.anchor);
  const head = beforeCharacter(state, selection.head);
  if (anchor === selection.anchor && head === selection.head) return null;
  return tr.setSelection(TextSelection.create(doc, anchor, head)).setStoredMarks(state.storedMarks);
}

function beforeCharacter({ doc }: EditorState, pos: number): number {
  const $pos = doc.resolve(pos);
  if ($pos.parentOffset === 0 || $pos.parentOffset === $pos.parent.content.size) return pos;
  const around = $pos.parent.textBetween($pos.parentOffset - 1, $pos.parentOffset + 1);
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(around) ? pos - 1 : pos;
}
