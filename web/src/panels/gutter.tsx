/** Marks beside the paragraphs: how each stands. A click opens the paragraph's menu; the toolbar offers the same by key. */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ParagraphId } from "../model/marks";
import { STATE_WORDS } from "../terms";
import { openParagraphMenu } from "./paragraph_menu";
import { spoken } from "./places";
import type { PageState } from "./state";
import { usePage } from "./watch";

export function Gutter({ page }: { page: PageState }) {
  usePage(page);
  const element = useRef<HTMLDivElement>(null);
  const [tops, setTops] = useState<ReadonlyMap<ParagraphId, number>>(new Map());
  const { facts, editor, choices } = page;
  const measure = useCallback(() => {
    const origin = element.current?.getBoundingClientRect().top;
    if (!editor || origin === undefined) return;
    const next = new Map<ParagraphId, number>();
    for (const paragraph of editor.element.querySelectorAll<HTMLElement>("p[data-id]")) {
      next.set(paragraph.dataset["id"] ?? "", Math.round(paragraph.getBoundingClientRect().top - origin));
    }
    setTops((known) => (same(known, next) ? known : next));
  }, [editor]);
  useLayoutEffect(measure, [facts, measure]);
  useEffect(() => {
    if (!editor) return;
    const sizes = new ResizeObserver(() => measure());
    sizes.observe(editor.element);
    return () => sizes.disconnect();
  }, [editor, measure]);
  return (
    <div ref={element} class="gutter" aria-hidden="true">
      {[...tops].map(([id, top]) => {
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

const same = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([id, top]) => b.get(id) === top);
