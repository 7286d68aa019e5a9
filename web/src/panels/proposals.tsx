/**
 * The list of proposals: the chair's queue, and for everybody the changes outside the text, one by one, with what became of them.
 *
 * Single letters record outcomes only while this list has the focus (WCAG 2.1.4), and only for who may record them.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Amendment, Ruling } from "../model/record";
import { CONSOLE } from "../table_terms";
import { shownOf, STATUS_WORDS } from "../terms";
import type { Change } from "./changes";
import { EditWords } from "./edit_words";
import { admits } from "./filter";
import { Floor } from "./floor";
import { kindWord, numberOf } from "./kind_words";
import { Code } from "./party";
import { spoken } from "./places";
import { ToConsole } from "./outcome_buttons";
import { records } from "./powers";
import { QUEUE_FILTERS, QUEUE_WORDS, queued, type QueueFilter } from "./queue_filter";
import type { PageState } from "./state";
import { drawnOnce, usePage } from "./watch";

const RULING_KEYS: Readonly<Record<string, Ruling>> = { a: "agreed", r: "not_retained", s: "set_aside" };

export function Proposals({ page }: { page: PageState }) {
  usePage(page);
  const [filter, setFilter] = useState<QueueFilter>("all");
  const list = useRef<HTMLOListElement>(null);
  const { facts, choices } = page;
  const admitted = useMemo(
    () => facts.amendments.filter((amendment) => admits(choices.filter, amendment, page.who.delegation)),
    [facts, choices.filter],
  );
  const rows = queued(facts, admitted, filter, page.lookedAt);
  const all = queued(facts, facts.amendments, filter, page.lookedAt).length;
  const among = rows.some(({ id }) => id === choices.selected);

  // What is on the floor takes room from the list; the row it came from stays in sight.
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [choices.selected]);

  const step = (by: number): void => {
    const here = rowButtons(list.current).findIndex((button) => button === document.activeElement);
    focusRow(list.current, here + by);
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const by = { j: 1, arrowdown: 1, k: -1, arrowup: -1 }[key];
    if (by !== undefined) step(by);
    else {
      const amendment = focusedRow(event, rows);
      const here = amendment ? rows.indexOf(amendment) : -1;
      // The row leaves the list, or stays with its outcome: either way the next one is in its hands.
      const next = (): void => {
        const now = rowButtons(list.current);
        const stays = now[here]?.closest<HTMLElement>("[data-row]")?.dataset["row"] === amendment?.id;
        focusRow(list.current, stays ? here + 1 : here);
      };
      if (!keyedOutcome(page, key, amendment, () => requestAnimationFrame(next))) return;
    }
    event.preventDefault();
  };

  return (
    <div class="proposals">
      <div class="chips" role="group" aria-label="Which proposals">
        {QUEUE_FILTERS.map((name) => (
          <button key={name} type="button" class="chip" aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {QUEUE_WORDS[name]}
            <span class="number">{queued(facts, admitted, name, page.lookedAt).length}</span>
          </button>
        ))}
      </div>
      {rows.length < all && <p class="small quiet side-count">{shownOf(rows.length, all)}</p>}
      {rows.length === 0 ? (
        <p class="side-empty quiet">{EMPTY[filter]}</p>
      ) : (
        <ol ref={list} class="rows-list" onKeyDown={keyed} aria-label="Proposals" aria-keyshortcuts="J K">
          {rows.map((amendment, number) => {
            const place = facts.places.get(page.placeOf(amendment));
            const selected = choices.selected === amendment.id;
            return (
              <Row
                key={amendment.id}
                page={page}
                amendment={amendment}
                change={facts.changes.get(amendment.id)}
                place={place ? spoken(place) : "No longer in the text"}
                conflicts={facts.conflicts.get(amendment.id)?.length ?? 0}
                selected={selected}
                reached={selected || (number === 0 && !among)}
              />
            );
          })}
        </ol>
      )}
      {records(page.who) && rows.length > 0 && choices.selected === null && (
        <>
          <p class="small quiet keys-line">
            <kbd>J</kbd> <kbd>K</kbd> move, <kbd>Enter</kbd> look, <kbd>A</kbd> agreed, <kbd>R</kbd> not retained, <kbd>S</kbd> set
            aside
          </p>
          <ToConsole page={page} about="">
            {CONSOLE.rest}
          </ToConsole>
        </>
      )}
      <Floor page={page} />
    </div>
  );
}

const rowButtons = (list: HTMLElement | null): HTMLButtonElement[] => [
  ...(list?.querySelectorAll<HTMLButtonElement>("button.row") ?? []),
];

function focusRow(list: HTMLElement | null, place: number): void {
  const buttons = rowButtons(list);
  const button = buttons[Math.min(buttons.length - 1, Math.max(0, place))];
  button?.focus();
  button?.scrollIntoView({ block: "nearest" });
}

const EMPTY: Readonly<Record<QueueFilter, string>> = {
  all: "Nothing is pending. Proposals appear here as delegations submit them.",
  conflicting: "No two delegations propose changes to the same words.",
  new: "Nothing new since you last looked.",
  set_aside: "Nothing is set aside.",
  decided: "No outcome is on record yet.",
};

function focusedRow(event: KeyboardEvent, rows: readonly Amendment[]): Amendment | undefined {
  const id = (event.target as Element | null)?.closest<HTMLElement>("[data-row]")?.dataset["row"];
  return rows.find((amendment) => amendment.id === id);
}

/** Records the outcome of a letter on the row with the focus; true when the key meant something here. */
function keyedOutcome(page: PageState, key: string, amendment: Amendment | undefined, then: () => void): boolean {
  const ruling = RULING_KEYS[key];
  if (!ruling || !amendment || !records(page.who) || page.stage.closed) return false;
  if (amendment.status === "draft") return false;
  void page.record(amendment, ruling).then((done) => {
    if (done) then();
  });
  return true;
}

interface RowProps {
  readonly page: PageState;
  readonly amendment: Amendment;
  /** Looked at only to see that it is another one. */
  readonly change: Change | undefined;
  readonly place: string;
  readonly conflicts: number;
  readonly selected: boolean;
  /** Whether Tab comes to this row: to the selected one, else to the first. */
  readonly reached: boolean;
}

const Row = drawnOnce(({ page, amendment, place, conflicts, selected, reached }: RowProps) => {
  const edits = page.editsOf(amendment);
  return (
    <li data-row={amendment.id} class={`region-${page.party(amendment.delegation).region}`}>
      <button
        type="button"
        class="row"
        aria-current={selected}
        tabIndex={reached ? 0 : -1}
        onClick={() => page.select(amendment.id, { scroll: true })}
      >
        <span class="row-head">
          <Code page={page} code={amendment.delegation} />
          <span class="number">{numberOf(amendment)}</span>
          <span class="kind">{kindWord(amendment, edits)}</span>
          <span class={`status ${amendment.status}`}>
            {amendment.status === "submitted" ? "" : STATUS_WORDS[amendment.status]}
          </span>
        </span>
        <span class="row-words">
          <EditWords edits={edits} most={110} />
        </span>
        <span class="row-foot">
          <span class="where">{place}</span>
          {conflicts > 0 && <span class="conflict">{conflicts === 1 ? "1 conflict" : `${conflicts} conflicts`}</span>}
        </span>
      </button>
    </li>
  );
});
