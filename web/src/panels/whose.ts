/** F2: from the words at the caret to their card; where they are agreed, base text, or under several amendments, to what is on record. */

import { isOpen } from "../model/record";
import { amendmentsOn, askWhose, openCard } from "./asking";
import { wordsElement } from "./reveal";
import type { PageState } from "./state";

/** False when there is no caret to ask about. */
export function askedWhose(page: PageState): boolean {
  const { editor } = page;
  const caret = editor?.caret;
  if (!editor || !caret) return false;
  const ids = [...caret.amendments, ...caret.origins];
  const amendment = page.facts.record.amendments.get(ids[0] ?? "");
  if (ids.length === 1 && amendment && isOpen(amendment)) {
    openCard(page, amendment.id);
    return true;
  }
  const target = markedElement(editor.element, ids);
  if (target) askWhose(editor.element, ids, target);
  return true;
}

function markedElement(root: HTMLElement, ids: readonly string[]): Element | null {
  const node = document.getSelection()?.focusNode ?? null;
  const near = node instanceof Element ? node : (node?.parentElement ?? null);
  const [first] = ids;
  if (near && root.contains(near) && (first === undefined || amendmentsOn(near, root).length > 0)) return near;
  return first === undefined ? null : wordsElement(root, first);
}
