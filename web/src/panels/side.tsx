/** The column before the text: outline, list of proposals, list of square brackets. Below 1200 px it is a drawer. */

import { useEffect, useRef } from "preact/hooks";
import { PANELS } from "../terms";
import { DelegationFilter } from "./delegation_filter";
import { Later } from "./later";
import { Outline } from "./outline";
import { records } from "./powers";
import type { PageState, SideTab } from "./state";
import { NO_OUTLINE, usePage, useMedia } from "./watch";

export function Side({ page }: { page: PageState }) {
  usePage(page);
  const drawer = useMedia(NO_OUTLINE);
  const { side, drawer: open } = page.choices;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (drawer && open) element.current?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus();
  }, [drawer, open]);
  if (drawer && !open) return null;
  const close = (): void => page.choose({ drawer: false });
  return (
    <div
      ref={element}
      class={drawer ? "side drawer" : "side"}
      onKeyDown={(event) => {
        if (drawer && event.key === "Escape") close();
      }}
    >
      <Tabs page={page} side={side} />
      {drawer && (
        <button type="button" class="plain close" onClick={close}>
          Close
        </button>
      )}
      <div class="side-panel" role="tabpanel" id={`panel-${side}`} aria-labelledby={`tab-${side}`}>
        {side === "outline" && (
          <>
            <Outline page={page} />
            <DelegationFilter page={page} />
          </>
        )}
        {side === "proposals" && <Later page={page} draw={({ Proposals }) => <Proposals page={page} />} />}
        {side === "brackets" && <Later page={page} draw={({ BracketList }) => <BracketList page={page} />} />}
      </div>
    </div>
  );
}

function Tabs({ page, side }: { page: PageState; side: SideTab }) {
  const tabs: readonly (readonly [SideTab, string, number | null])[] = [
    ["outline", PANELS.outline, null],
    ["proposals", records(page.who) ? PANELS.queue : PANELS.proposals, page.pending.length],
    ["brackets", "Brackets", page.facts.brackets.length],
  ];
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const place = tabs.findIndex(([name]) => name === side);
    const next = tabs[(place + by + tabs.length) % tabs.length];
    if (!next) return;
    page.choose({ side: next[0] });
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Lists beside the text" onKeyDown={step}>
      {tabs.map(([name, words, count]) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={side === name}
          {...(side === name && { "aria-controls": `panel-${name}` })}
          tabIndex={side === name ? 0 : -1}
          onClick={() => page.choose({ side: name })}
        >
          {words}
          {count !== null && <span class="number">{count}</span>}
        </button>
      ))}
    </div>
  );
}
