/** Brings words of the text into sight without taking the focus from where the reader works. */

import type { AmendmentId, ParagraphId } from "../model/marks";

/** The first words of an amendment in the text; null when it has none there. */
export function wordsElement(text: HTMLElement, id: AmendmentId): HTMLElement | null {
  const name = CSS.escape(id);
  const kinds = ["insertion", "deletion", "bracket", "added", "origin"].map((kind) => `[data-${kind}="${name}"]`);
  return text.querySelector<HTMLElement>(kinds.join(","));
}

export const paragraphElement = (text: HTMLElement, id: ParagraphId): HTMLElement | null =>
  text.querySelector<HTMLElement>(`p[data-id="${CSS.escape(id)}"]`);

/** Scrolls only as far as needed: what can be read comfortably stays where it is. */
export function bring(element: HTMLElement, block: "center" | "start" = "center"): void {
  if (block === "center" && isComfortable(element)) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block, behavior: still ? "instant" : "smooth" });
  // What lay out of sight takes its true height on the way (editor-text.css), so the end of the way may be another place.
  const arrived = (): void => {
    if (block === "start" || !isComfortable(element)) element.scrollIntoView({ block, behavior: "instant" });
  };
  addEventListener("scrollend", arrived, { once: true });
}

function isComfortable(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const bar = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--bar-end")) || 0;
  return top > bar + 40 && bottom < innerHeight - 120;
}
