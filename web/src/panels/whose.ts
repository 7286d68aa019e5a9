/** F2: from the words at the caret to their card; where they are agreed, or several amendments lie on them, to what is on record. */

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
  const [first] = ids;
  if (first === undefined) {
    page.tell({ tone: "plain", text: "Nobody proposed these words here: they are base text, or agreed as they stood." });
    return true;
  }
  const amendment = page.facts.record.amendments.get(first);
  if (ids.length === 1 && amendment && isOpen(amendment)) {
    openCard(page, first);
    return true;
  }
  const target = markedElement(editor.element, ids);
  if (target) askWhose(editor.element, ids, target);
  return true;
}

function markedElement(root: HTMLElement, ids: readonly string[]): Element | null {
  const node = document.getSelection()?.focusNode ?? null;
  const near = node instanceof Element ? node : (node?.parentElement ?? null);
  if (near && root.contains(near) && amendmentsOn(near, root).length > 0) return near;
  const [first] = ids;
  if (first === undefined) return null;
  return wordsElement(root, first);
}
