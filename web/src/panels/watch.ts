/** How a panel follows the page: it draws itself anew after every change told. */

import { useEffect, useReducer, useState } from "preact/hooks";
import type { PageState } from "./state";

export function useChanges(page: PageState): void {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => page.subscribe(() => redraw(undefined)), [page]);
}

/** Whether the page is as narrow as a media query says; follows the window. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = (): void => setMatches(list.matches);
    changed();
    list.addEventListener("change", changed);
    return () => list.removeEventListener("change", changed);
  }, [query]);
  return matches;
}

/** Screens without room for the cards beside the text. */
export const NARROW = "(max-width: 899.98px)";
/** Screens without room for the outline beside the text. */
export const NO_OUTLINE = "(max-width: 1199.98px)";
