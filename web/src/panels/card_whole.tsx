/** What a card shows when it is opened: who proposed it, why, what was ruled, and what can be done. */

import { isOpen, type Amendment } from "../model/record";
import { POSITION } from "../table_terms";
import { RULING_WORDS, STATUS_WORDS } from "../terms";
import { returnToText } from "./card";
import { CardActions } from "./card_actions";
import { isRecorded } from "./facts";
import { numberOf } from "./kind_words";
import { Codes } from "./party";
import { speaker, Stances, TakePosition } from "./positions";
import type { PageState } from "./state";
import { aboutParagraph, threadsOf } from "./threads_feed";
import { brief, moment } from "./times";

export function CardWhole({ page, amendment, name }: { page: PageState; amendment: Amendment; name: string }) {
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
        {amendment.late !== "" && <span class="quiet"> late</span>}
      </p>
      {revised && revised.number > 0 && <p class="small">Rewords #{revised.number}.</p>}
      {amendment.reason !== "" && (
        <p class="card-reason">
          <span class="quiet">Reason:</span> <bdi>{amendment.reason}</bdi>
        </p>
      )}
      {amendment.source !== "" && amendment.source !== "placeholder" && <p class="small quiet">From {amendment.source}</p>}
      {amendment.replaces.length > 0 && (
        <p class="small">
          {POSITION.compromise}{" "}
          {amendment.replaces.map((id) => {
            const other = facts.record.amendments.get(id);
            return (
              other && (
                <button key={id} type="button" class="plain" onClick={() => page.select(id, { scroll: true })}>
                  {other.delegation} {numberOf(other)}
                </button>
              )
            );
          })}
        </p>
      )}
      <Stances page={page} stances={amendment.stances} revision={amendment.revision} />
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
      {isOpen(amendment) && amendment.status !== "draft" && (
        <TakePosition
          page={page}
          own={amendment.delegation === speaker(page)}
          subject={{ amendment: amendment.id, revision: amendment.revision }}
          taken={amendment.stances.find(({ delegation }) => delegation === speaker(page))}
        />
      )}
      <CardActions page={page} amendment={amendment} />
      <button
        type="button"
        class="plain small card-comment"
        onClick={() => threadsOf(page).ask({ ...aboutParagraph(page.placeOf(amendment)), amendment: amendment.id })}
      >
        Comment
      </button>
    </div>
  );
}

/** What was ruled before: a reopened proposal keeps its history. */
export function Outcomes({ page, amendment }: { page: PageState; amendment: Amendment }) {
  return (
    <ul class="small outcomes">
      {amendment.decisions.map(({ ruling, revision, at, ruledBy, recordedBy, note, meeting, askedBy }, place) => (
        <li key={place}>
          {RULING_WORDS[ruling]}
          {askedBy.length > 0 && ` (${askedBy.join(", ")})`}
          {revision > 0 && `, revision ${revision}`}, <time dateTime={at}>{brief(at, page.zone)}</time>, <bdi>{ruledBy}</bdi>
          {recordedBy !== ruledBy && (
            <>
              , recorded by <bdi>{recordedBy}</bdi>
            </>
          )}
          {meeting !== "" && `, ${meeting}`}
          {note !== "" && `: ${note}`}
        </li>
      ))}
    </ul>
  );
}
