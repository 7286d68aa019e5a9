/** How a panel follows the page: it draws itself anew after every change told. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { PageState } from "./state";

/** With `watched`, only when one of these values is another one than at the last drawing. */
export function useChanges(page: PageState, watched?: () => readonly unknown[]): void {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const drawn = useRef<readonly unknown[]>([]);
  const look = useRef(watched);
  look.current = watched;
  if (watched) drawn.current = watched();
  useEffect(
    () =>
      page.subscribe(() => {
        const now = look.current?.();
        if (!now || now.some((value, place) => !Object.is(value, drawn.current[place]))) redraw(undefined);
      }),
    [page],
  );
}

/** What most panels follow: text, record and what the reader has chosen, but not every acknowledgement. */
export const usePage = (page: PageState): void =>
  useChanges(page, () => [page.facts, page.choices, page.editor, page.session.status.kind, page.session.readOnly, page.session.identity?.role]);

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
