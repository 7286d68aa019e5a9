/** A margin card: one pending proposal beside its words. Closed it says whose and what; selected it says everything and acts. */

import { useRef } from "preact/hooks";
import type { Amendment } from "../model/record";
import { ATTITUDE_WORDS, RULING_WORDS, STATUS_WORDS } from "../terms";
import { CardActions } from "./card_actions";
import { isRecorded } from "./facts";
import { EditWords } from "./edit_words";
import { kindWord, numberOf } from "./kind_words";
import { Code, Codes } from "./party";
import { spoken } from "./places";
import type { PageState } from "./state";
import { brief, moment } from "./times";
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
      {selected && <Whole page={page} amendment={amendment} name={name} />}
    </article>
  );
}

function Chip({ amendment }: { amendment: Amendment }) {
  const { status, pinned, revision, revises } = amendment;
  if (!isRecorded(amendment)) return <span class="status unsaved">Not saved yet</span>;
  if (pinned) return <span class="status pinned">Call for objections</span>;
  if (status === "draft")
    return <span class="status draft">{revises === null ? STATUS_WORDS.draft : "Draft of the next revision"}</span>;
  if (status === "set_aside") return <span class="status set_aside">{STATUS_WORDS.set_aside}</span>;
  return revision > 1 ? <span class="status">revision {revision}</span> : null;
}

function Whole({ page, amendment, name }: { page: PageState; amendment: Amendment; name: string }) {
  const { facts, zone } = page;
  const others = (facts.conflicts.get(amendment.id) ?? [])
    .map((id) => facts.record.amendments.get(id))
    .filter((one) => one !== undefined);
  const revised = amendment.revises === null ? undefined : facts.record.amendments.get(amendment.revises);
  return (
    <div
      class="card-whole"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !(event.target instanceof HTMLTextAreaElement)) returnToText(page, event);
      }}
    >
      <p class="card-party">
        {name}
        {amendment.sponsors.length > 0 && (
          <span class="sponsors">
            {" with "}
            <Codes page={page} codes={amendment.sponsors} />
          </span>
        )}
      </p>
      {revised && revised.number > 0 && <p class="small">Rewords #{revised.number}.</p>}
      {amendment.reason !== "" && (
        <p class="card-reason">
          <span class="quiet">Reason:</span> <bdi>{amendment.reason}</bdi>
        </p>
      )}
      {amendment.source !== "" && amendment.source !== "placeholder" && <p class="small quiet">From {amendment.source}</p>}
      {amendment.stances.length > 0 && (
        <ul class="small stances">
          {amendment.stances.map(({ delegation, attitude, note }, place) => (
            <li key={place}>
              <b>
                <bdi>{delegation}</bdi>
              </b>{" "}
              {ATTITUDE_WORDS[attitude]}
              {note !== "" && `, ${note}`}
            </li>
          ))}
        </ul>
      )}
      {amendment.pinned && (
        <p class="small pinned">Words pinned at revision {amendment.revision}. What is typed now is the next revision.</p>
      )}
      {amendment.decisions.length > 0 && <Outcomes page={page} amendment={amendment} />}
      {others.length > 0 && (
        <p class="conflict-note">
          Others touch the same words:{" "}
          {others.map((other) => (
            <button key={other.id} type="button" class="plain" onClick={() => page.select(other.id, { scroll: true })}>
              {other.delegation} {numberOf(other) || STATUS_WORDS.draft.toLowerCase()}
            </button>
          ))}
        </p>
      )}
      {isRecorded(amendment) && (
        <p class="small quiet card-when">
          <bdi>{amendment.author}</bdi>
          {amendment.typist !== "" && amendment.typist !== amendment.author && (
            <>
              , typed by <bdi>{amendment.typist}</bdi>
            </>
          )}
          , <time dateTime={amendment.changedAt}>{moment(amendment.changedAt, zone)}</time>
        </p>
      )}
      <CardActions page={page} amendment={amendment} />
    </div>
  );
}

/** What was ruled before: a reopened proposal keeps its history. */
export function Outcomes({ page, amendment }: { page: PageState; amendment: Amendment }) {
  return (
    <ul class="small outcomes">
      {amendment.decisions.map(({ ruling, revision, at, ruledBy, recordedBy, note }, place) => (
        <li key={place}>
          {RULING_WORDS[ruling]}
          {revision > 0 && `, revision ${revision}`}, <time dateTime={at}>{brief(at, page.zone)}</time>, <bdi>{ruledBy}</bdi>
          {recordedBy !== ruledBy && (
            <>
              , recorded by <bdi>{recordedBy}</bdi>
            </>
          )}
          {note !== "" && `: ${note}`}
        </li>
      ))}
    </ul>
  );
}

function returnToText(page: PageState, event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
  page.choose({ sheet: false });
  page.editor?.focus();
}
