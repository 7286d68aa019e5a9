/** Asking whose words these are, from wherever it is asked; `provenance.tsx` answers. */

import type { AmendmentId } from "../model/marks";
import type { PageState } from "./state";

const KINDS = ["insertion", "deletion", "bracket", "origin"] as const;

/** The amendments whose marks lie on an element of the text, innermost first. */
export function amendmentsOn(target: Element | null, within: Element): AmendmentId[] {
  const ids: AmendmentId[] = [];
  for (let element = target; element && element !== within; element = element.parentElement) {
    if (!(element instanceof HTMLElement)) continue;
    for (const kind of KINDS) {
      const id = element.dataset[kind];
      if (id !== undefined && id !== "" && !ids.includes(id)) ids.push(id);
    }
  }
  return ids;
}

export const ASK = "unbracket:whose";

/** Opens the popover on words of the text, with the focus in it. */
export function askWhose(element: HTMLElement, ids: readonly AmendmentId[], target: Element): void {
  element.dispatchEvent(new CustomEvent(ASK, { detail: { ids, target } }));
}

/** Selects an amendment and puts the focus on its card. */
export function openCard(page: PageState, id: AmendmentId): void {
  page.select(id);
  page.choose({ sheet: true });
  requestAnimationFrame(() => {
    const card = document.getElementById(`card-${id}`);
    card?.scrollIntoView({ block: "nearest" });
    card?.querySelector<HTMLButtonElement>(".card-head")?.focus({ preventScroll: true });
  });
}
