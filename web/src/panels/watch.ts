/** How a panel follows the page: it draws itself anew after every change told. */

import { Component, type ComponentChildren, type FunctionComponent } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { PageState } from "./state";

/** With `watched`, only when one of these values is another one than at the last drawing. */
export function useChanges(page: PageState, watched?: () => readonly unknown[]): void {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const drawn = useRef<readonly unknown[]>([]);
  const look = useRef(watched);
  look.current = watched;
  if (watched) drawn.current = watched();
  // Before anything else may happen: what changes between drawing and subscribing would be missed.
  useLayoutEffect(
    () =>
      page.subscribe(() => {
        const now = look.current?.();
        if (!now || now.some((value, place) => !Object.is(value, drawn.current[place]))) redraw(undefined);
      }),
    [page],
  );
}

/** The part of the text's height that the window shows, in pixels from the top of `element`; coarse, so that few scrolls matter. */
export function useRange(element: { readonly current: HTMLElement | null }): Range {
  const [range, setRange] = useState<Range>({ from: 0, to: 2000 });
  useEffect(() => {
    let waiting = 0;
    const look = (): void => {
      waiting = 0;
      if (!element.current) return;
      const from = -element.current.getBoundingClientRect().top;
      setRange((known) => (Math.abs(known.from - from) < MARGIN / 2 ? known : { from, to: from + innerHeight }));
    };
    const later = (): void => void (waiting ||= requestAnimationFrame(look));
    look();
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later, { passive: true });
    return () => {
      cancelAnimationFrame(waiting);
      removeEventListener("scroll", later);
      removeEventListener("resize", later);
    };
  }, []);
  return range;
}

/** Tells how high an element is, after each drawing and whenever something in it opens or closes. */
export function useHeight(
  element: { readonly current: HTMLElement | null },
  id: string,
  measured: (id: string, height: number) => void,
): void {
  useLayoutEffect(() => {
    if (element.current) measured(id, element.current.offsetHeight);
  });
  useEffect(() => {
    const { current } = element;
    if (!current || typeof ResizeObserver === "undefined") return;
    const sizes = new ResizeObserver(() => measured(id, current.offsetHeight));
    sizes.observe(current);
    return () => sizes.disconnect();
  }, [id, measured]);
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** How far outside the window things beside the text are still drawn, in pixels. */
const MARGIN = 900;
export const isNear = ({ from, to }: Range, top: number, height: number): boolean =>
  top + height > from - MARGIN && top < to + MARGIN;

/** A component drawn anew only when one of its properties is another value. */
export function drawnOnce<Props extends object>(draw: (props: Props) => ComponentChildren): FunctionComponent<Props> {
  class DrawnOnce extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const [a, b] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
      return Object.keys(b).some((key) => !Object.is(a[key], b[key])) || Object.keys(a).some((key) => !(key in b));
    }

    override render(props: Props): ComponentChildren {
      return draw(props);
    }
  }
  return DrawnOnce as unknown as FunctionComponent<Props>;
}

/** What most panels follow: text, record and what the reader has chosen, but not every acknowledgement. */
export const usePage = (page: PageState): void =>
  useChanges(page, () => [
    page.facts,
    page.choices,
    page.editor,
    page.session.status.kind,
    page.session.readOnly,
    page.session.saves,
    page.session.identity?.role,
  ]);

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
