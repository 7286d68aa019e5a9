/**
 * The column of margin cards: each beside its words, none over another, more than three on a line as one (guide: ux 1.2).
 *
 * Only cards near the window are drawn; the heights of the others are remembered or guessed. On narrow screens the same cards are a
 * list in a sheet at the foot of the page.
 */

import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Amendment } from "../model/record";
import { proposals, shownOf } from "../terms";
import type { Anchors } from "./anchors";
import { Card } from "./card";
import { Codes } from "./party";
import { byLine, stacked } from "./stacking";
import { isExpert } from "./powers";
import type { PageState } from "./state";
import { isNear, NARROW, useChanges, useMedia, usePage, useHeight, useRange } from "./watch";

/** Cards on one line beyond which they are shown as one. */
const MOST_ON_A_LINE = 3;
const GUESSED_HEIGHT = 62;

type Item =
  | { readonly id: string; readonly anchor: number; readonly one: Amendment; readonly all: null }
  | { readonly id: string; readonly anchor: number; readonly one: null; readonly all: readonly Amendment[] };

export function Cards({ page }: { page: PageState }) {
  usePage(page);
  const narrow = useMedia(NARROW);
  if (page.choices.view !== "marked") return null;
  return narrow ? <Sheet page={page} /> : <Column page={page} />;
}

function Column({ page }: { page: PageState }) {
  useChanges(page, () => [page.anchors]);
  const column = useRef<HTMLDivElement>(null);
  const { anchors } = page;
  const heights = useRef(new Map<string, number>());
  const [, restack] = useState(0);
  const [expanded, expand] = useState<ReadonlySet<string>>(new Set());
  const range = useRange(column);
  const { selected } = page.choices;
  const shown = page.shown;

  const items = useMemo(
    () => itemsOf(page, shown, anchors, expanded),
    [page.facts, page.choices.filter, anchors, expanded, selected],
  );
  const tops = stacked(
    items.map(({ id, anchor }) => ({ id, anchor, height: heights.current.get(id) ?? GUESSED_HEIGHT })),
    selected,
  );
  const measured = useCallback((id: string, height: number) => {
    if (heights.current.get(id) === height) return;
    heights.current.set(id, height);
    restack((count) => count + 1);
  }, []);
  const reach = items.reduce(
    (most, { id }, place) => Math.max(most, tops[place]! + (heights.current.get(id) ?? GUESSED_HEIGHT)),
    0,
  );

  return (
    <div ref={column} class="card-column" style={{ minHeight: `${Math.ceil(reach)}px` }}>
      {anchors !== null && items.length === 0 && <Nothing page={page} />}
      {items.map((item, place) => {
        const top = tops[place]!;
        const height = heights.current.get(item.id) ?? GUESSED_HEIGHT;
        if (item.id !== selected && !isNear(range, top, height)) return null;
        if (item.one) return <Card key={item.id} page={page} amendment={item.one} top={top} measured={measured} />;
        const ids = item.all.map(({ id }) => id);
        return (
          <Group
            key={item.id}
            page={page}
            item={item.all}
            id={item.id}
            top={top}
            measured={measured}
            open={() => expand(new Set([...expanded, ...ids]))}
          />
        );
      })}
    </div>
  );
}

/** One item per card, or per line that holds too many. A line opens when one of its cards is selected, or on demand. */
function itemsOf(page: PageState, shown: readonly Amendment[], anchors: Anchors | null, expanded: ReadonlySet<string>): Item[] {
  if (anchors === null) return [];
  const { selected } = page.choices;
  const placed = shown
    .map((amendment) => ({
      amendment,
      anchor: anchors.amendments.get(amendment.id) ?? anchors.paragraphs.get(page.placeOf(amendment)) ?? 0,
    }))
    .sort((a, b) => a.anchor - b.anchor);
  return byLine(placed).flatMap(({ anchor, members }): Item[] => {
    const open = members.some(({ amendment }) => expanded.has(amendment.id) || amendment.id === selected);
    if (members.length <= MOST_ON_A_LINE || open) {
      return members.map(({ amendment }) => ({ id: amendment.id, anchor, one: amendment, all: null }));
    }
    const all = members.map(({ amendment }) => amendment);
    return [{ id: `line-${all[0]?.id ?? ""}`, anchor, one: null, all }];
  });
}

interface GroupProps {
  readonly page: PageState;
  readonly item: readonly Amendment[];
  readonly id: string;
  readonly top: number;
  readonly measured: (id: string, height: number) => void;
  readonly open: () => void;
}

function Group({ page, item, id, top, measured, open }: GroupProps) {
  const element = useRef<HTMLButtonElement>(null);
  useHeight(element, id, measured);
  return (
    <button
      ref={element}
      type="button"
      class="proposal-card group"
      style={{ transform: `translateY(${Math.round(top)}px)` }}
      aria-expanded={false}
      onClick={open}
    >
      <b>{proposals(item.length)}</b>
      <Codes page={page} codes={[...new Set(item.map(({ delegation }) => delegation))]} />
    </button>
  );
}

function Nothing({ page }: { page: PageState }) {
  const all = page.pending.length;
  return (
    <p class="cards-empty quiet">
      {all > 0
        ? `${shownOf(0, all)}. The filter hides the others.`
        : isExpert(page.who)
          ? "No proposals yet. What you type stands here as your draft until you submit it."
          : "No proposals yet."}
    </p>
  );
}

/** Narrow screens: a bar at the foot that opens into the list of cards. */
function Sheet({ page }: { page: PageState }) {
  const { sheet, selected } = page.choices;
  const shown = page.shown;
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (sheet && selected) document.getElementById(`card-${selected}`)?.scrollIntoView({ block: "nearest" });
  }, [sheet, selected]);
  return (
    <div class={sheet ? "card-sheet open" : "card-sheet"}>
      <button
        type="button"
        class="sheet-bar"
        aria-expanded={sheet}
        aria-controls="card-sheet-list"
        onClick={() => page.choose({ sheet: !sheet })}
      >
        {proposals(page.pending.length)}
        {shown.length < page.pending.length && <span class="quiet">{shownOf(shown.length, page.pending.length)}</span>}
        <span class="sheet-way">{sheet ? "Close" : "Show"}</span>
      </button>
      <div ref={list} id="card-sheet-list" class="sheet-list" hidden={!sheet}>
        {sheet && shown.length === 0 && <Nothing page={page} />}
        {sheet &&
          shown.map((amendment) => (
            <Card key={amendment.id} page={page} amendment={amendment} top={null} measured={unmeasured} />
          ))}
      </div>
    </div>
  );
}

const unmeasured = (): void => {};
