/** Marks beside the paragraphs: how each stands. A click opens the paragraph's menu; the toolbar offers the same by key. */

import { useRef } from "preact/hooks";
import { STATE_WORDS } from "../terms";
import { openParagraphMenu } from "./paragraph_chip";
import { spoken } from "./places";
import type { PageState } from "./state";
import { isNear, useChanges, usePage, useRange } from "./watch";

export function Gutter({ page }: { page: PageState }) {
  usePage(page);
  useChanges(page, () => [page.anchors]);
  const element = useRef<HTMLDivElement>(null);
  const range = useRange(element);
  const { facts, choices } = page;
  if (facts.paragraphs.length === 0) {
    return <p class="sheet-empty quiet">This draft Opinion has no text yet. The secretariat brings it in by import.</p>;
  }
  return (
    <div ref={element} class="gutter" aria-hidden="true">
      {[...(page.anchors?.paragraphs ?? [])].map(([id, top]) => {
        if (!isNear(range, top, 28)) return null;
        const state = facts.record.paragraphs.get(id)?.state ?? "base";
        const place = facts.places.get(id);
        return (
          <button
            key={id}
            type="button"
            tabIndex={-1}
            class={`gutter-mark${choices.paragraph === id ? " here" : ""}`}
            title={`${place ? spoken(place) : ""}: ${STATE_WORDS[state]}`}
            style={{ transform: `translateY(${top}px)` }}
            onClick={(event) => openParagraphMenu(page, id, event.clientX + 12, event.clientY)}
          >
            <span class={`state-mark ${state}`} />
          </button>
        );
      })}
    </div>
  );
}
