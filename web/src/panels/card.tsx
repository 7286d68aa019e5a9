/** A margin card: one pending proposal beside its words. Closed it says whose and what; selected it says everything and acts. */

import { useRef } from "preact/hooks";
import type { Amendment } from "../model/record";
import { STATUS_WORDS } from "../terms";
import { isRecorded } from "./facts";
import { EditWords } from "./edit_words";
import { kindWord, numberOf } from "./kind_words";
import { Later } from "./later";
import { Code } from "./party";
import { spoken } from "./places";
import type { PageState } from "./state";
import { useHeight } from "./watch";

interface Props {
  readonly page: PageState;
  readonly amendment: Amendment;
  readonly top: number | null;
  /** Told its height after each drawing, so that the column can stack. */
  readonly measured: (id: string, height: number) => void;
}

export function Card({ page, amendment, top, measured }: Props) {
  const element = useRef<HTMLElement>(null);
  const selected = page.choices.selected === amendment.id;
  useHeight(element, amendment.id, measured);
  const { facts } = page;
  const edits = page.editsOf(amendment);
  const place = facts.places.get(page.placeOf(amendment));
  const name = page.party(amendment.delegation).name;
  const kind = kindWord(amendment, edits);
  return (
    <article
      ref={element}
      id={`card-${amendment.id}`}
      class={`proposal-card region-${page.party(amendment.delegation).region} ${amendment.status}${selected ? " selected" : ""}`}
      aria-label={`${name} ${numberOf(amendment)}, ${kind}, ${place ? spoken(place) : ""}`}
      {...(top !== null && { style: { transform: `translateY(${Math.round(top)}px)` } })}
      onMouseEnter={() => page.editor?.highlight(amendment.id)}
      onMouseLeave={() => page.editor?.highlight(page.choices.selected)}
    >
      <button
        type="button"
        class="card-head"
        aria-expanded={selected}
        onClick={() => page.select(selected ? null : amendment.id)}
        onKeyDown={(event) => {
          if (event.key === "Escape") returnToText(page, event);
        }}
      >
        <Code page={page} code={amendment.delegation} />
        <span class="number">{numberOf(amendment)}</span>
        <span class="kind">{kind}</span>
        <Chip amendment={amendment} />
      </button>
      <div class="card-words">
        <EditWords edits={edits} most={selected ? 600 : 120} />
      </div>
      {selected && <Later page={page} draw={({ CardWhole }) => <CardWhole page={page} amendment={amendment} name={name} />} />}
    </article>
  );
}

function Chip({ amendment }: { amendment: Amendment }) {
  const { status, pinned, revision, revises } = amendment;
  if (!isRecorded(amendment)) return <span class="status unsaved">Not saved yet</span>;
  if (pinned) return <span class="status pinned">Call for objections</span>;
  if (status === "draft")
    return <span class="status draft">{revises === null ? STATUS_WORDS.draft : "Draft of the next revision"}</span>;
  if (status !== "submitted") return <span class={`status ${status}`}>{STATUS_WORDS[status]}</span>;
  return revision > 1 ? <span class="status">revision {revision}</span> : null;
}

/** From a card, by Escape. */
export function returnToText(page: PageState, event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
  page.choose({ sheet: false });
  page.editor?.focus();
}
