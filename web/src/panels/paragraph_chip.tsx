/** Where the caret is and how that paragraph stands, in the toolbar; and the place where the paragraph's menu opens. */

import { useRef } from "preact/hooks";
import type { ParagraphId } from "../model/marks";
import { STATE_WORDS } from "../terms";
import { Later } from "./later";
import { spoken, type Place } from "./places";
import type { PageState } from "./state";
import { usePage } from "./watch";

const MENU = "paragraph-menu";

/** Opens the menu of a paragraph beside a point of the window. */
export function openParagraphMenu(page: PageState, paragraph: ParagraphId, left: number, top: number): void {
  page.choose({ paragraph });
  const menu = document.getElementById(MENU);
  if (!menu) return;
  menu.showPopover();
  const { offsetWidth, offsetHeight } = menu;
  menu.style.left = `${Math.round(Math.max(8, Math.min(left, innerWidth - offsetWidth - 8)))}px`;
  menu.style.top = `${Math.round(Math.max(8, Math.min(top, innerHeight - offsetHeight - 8)))}px`;
  menu.querySelector<HTMLElement>("button")?.focus();
}

export const closeParagraphMenu = (): void => document.getElementById(MENU)?.hidePopover();

/** The chip in the toolbar: where the caret is and how that paragraph stands; opens the menu. */
export function ParagraphChip({ page }: { page: PageState }) {
  usePage(page);
  const button = useRef<HTMLButtonElement>(null);
  const id = page.choices.paragraph;
  const place = id === null ? undefined : page.facts.places.get(id);
  if (id === null || !place) return <span class="quiet paragraph-chip none">No paragraph chosen</span>;
  const state = page.facts.record.paragraphs.get(id)?.state ?? "base";
  return (
    <button
      ref={button}
      type="button"
      class="paragraph-chip"
      data-paragraph={id}
      aria-haspopup="dialog"
      onClick={() => {
        const rect = button.current?.getBoundingClientRect();
        openParagraphMenu(page, id, rect?.left ?? 0, (rect?.bottom ?? 0) + 4);
      }}
    >
      <Cited place={place} />
      <span class={`chip-state ${state}`}>
        <span class={`state-mark ${state}`} />
        {STATE_WORDS[state]}
      </span>
    </button>
  );
}

export function Cited({ place }: { place: Place }) {
  return (
    <span class="cited">
      {place.verb !== "" && <i>{place.verb}</i>} {place.label}
    </span>
  );
}

export function ParagraphMenu({ page }: { page: PageState }) {
  usePage(page);
  const id = page.choices.paragraph;
  const place = id === null ? undefined : page.facts.places.get(id);
  return (
    <div
      id={MENU}
      popover="auto"
      class="panel-popover paragraph-menu"
      role="dialog"
      aria-label={place ? spoken(place) : "Paragraph"}
    >
      {id !== null && place && (
        <Later page={page} draw={({ ParagraphActs }) => <ParagraphActs key={id} page={page} id={id} place={place} />} />
      )}
    </div>
  );
}
