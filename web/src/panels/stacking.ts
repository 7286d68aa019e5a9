/**
 * Where the margin cards stand: each beside the first line of its words, pushed away where they would overlap.
 *
 * A pure function of anchors and heights, so that reading the page and writing to it stay apart (guide: ux 3.6).
 */

export interface Anchored {
  readonly id: string;
  /** Where the first line of its words begins, in pixels from the top of the column. */
  readonly anchor: number;
  readonly height: number;
}

/**
 * The top of every card, in the order given (reading order). Nobody overlaps; the selected card stands exactly on its line, those
 * before it move up and those after it down. Without one, cards are pushed down only.
 */
export function stacked(cards: readonly Anchored[], selected: string | null, gap = 8): number[] {
  const tops = new Array<number>(cards.length).fill(0);
  const chosen = selected === null ? -1 : cards.findIndex((card) => card.id === selected);
  const from = Math.max(chosen, 0);
  let free = Number.NEGATIVE_INFINITY;
  for (let place = from; place < cards.length; place++) {
    const card = cards[place]!;
    tops[place] = Math.max(card.anchor, free);
    free = tops[place]! + card.height + gap;
  }
  if (chosen > 0) placeUpward(cards, tops, chosen, gap);
  return tops;
}

/** Those before the selected card: downward as usual, then back up from the selected one as far as it takes. */
function placeUpward(cards: readonly Anchored[], tops: number[], chosen: number, gap: number): void {
  let free = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < chosen; place++) {
    const card = cards[place]!;
    tops[place] = Math.max(card.anchor, free);
    free = tops[place]! + card.height + gap;
  }
  let limit = tops[chosen]!;
  for (let place = chosen - 1; place >= 0; place--) {
    const lowest = limit - gap - cards[place]!.height;
    if (tops[place]! <= lowest) break;
    tops[place] = lowest;
    limit = lowest;
  }
}

export interface Line<T> {
  readonly anchor: number;
  readonly members: readonly T[];
}

/** Cards whose words begin on one line, in order; `within` pixels still count as the same line. */
export function byLine<T extends { readonly anchor: number }>(cards: readonly T[], within = 6): Line<T>[] {
  const lines: { anchor: number; members: T[] }[] = [];
  for (const card of cards) {
    const last = lines.at(-1);
    if (last && Math.abs(card.anchor - last.anchor) <= within) last.members.push(card);
    else lines.push({ anchor: card.anchor, members: [card] });
  }
  return lines;
}
