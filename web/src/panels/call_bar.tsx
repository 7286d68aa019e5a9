/**
 * Is there any objection? The bar of a call at the foot of the page: what is put, what each delegation answered, and the buttons of
 * who may answer or rule. The timer is guidance: when it has run out, nothing happens (I9).
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { callsOf, type Call } from "../model/on_table";
import type { Answer } from "../model/record";
import { ANSWER_WORDS, CALL, CONSOLE } from "../table_terms";
import { ACTS, RULING_WORDS } from "../terms";
import { EditWords } from "./edit_words";
import { kindWord, numberOf } from "./kind_words";
import { RuledBy, ToConsole } from "./outcome_buttons";
import { Code } from "./party";
import { spoken } from "./places";
import { isExpert, isSecretariat, records } from "./powers";
import type { PageState } from "./state";
import { usePage } from "./watch";

/** How long what became of a call stays on the screen. */
const TOLD_MS = 20_000;

export function CallBar({ page }: { page: PageState }) {
  usePage(page);
  const calls = callsOf(page.facts.record);
  const open = calls.filter(({ state }) => state === "open");
  const ended = useEnded(calls[0]);
  if (open.length === 0 && !ended) return null;
  return (
    <section class="call-bars" aria-label={ACTS.callForObjections}>
      {open.map((call) => (
        <OpenCall key={call.id} page={page} call={call} />
      ))}
      {open.length === 0 && ended && (
        <p class="call-bar ended" role="status">
          {outcome(page, ended)} {ended.closedNote}
        </p>
      )}
    </section>
  );
}

function outcome(page: PageState, call: Call): string {
  if (call.ruling) return `${CALL.decided} ${called(page, call)}, ${RULING_WORDS[call.ruling].toLowerCase()}.`;
  return call.state === "void" ? CALL.changed : CALL.withdrawn;
}

/** The newest call for as long as its end is news. */
function useEnded(newest: Call | undefined): Call | null {
  const [, redraw] = useState(0);
  const age = newest && newest.closedAt !== "" ? Date.now() - Date.parse(newest.closedAt) : Infinity;
  const fresh = newest !== undefined && newest.state !== "open" && age < TOLD_MS;
  useEffect(() => {
    if (!fresh) return;
    const timer = setTimeout(() => redraw((count) => count + 1), TOLD_MS - age);
    return () => clearTimeout(timer);
  }, [fresh, newest?.id]);
  return fresh ? newest : null;
}

const called = (page: PageState, { items }: Call): string =>
  items
    .map(({ amendment }) => page.facts.record.amendments.get(amendment))
    .filter((one) => one !== undefined)
    .map(numberOf)
    .join(", ");

function OpenCall({ page, call }: { page: PageState; call: Call }) {
  const head = `call-${call.id}`;
  return (
    <div class="call-bar" role="group" aria-labelledby={head}>
      <div class="call-words">
        <p class="call-question">
          <span id={head} role="alert">
            {CALL.question} <b>{called(page, call)}</b>?
          </span>{" "}
          <Left call={call} />
        </p>
        <ul class="call-items">
          {call.items.map(({ amendment, revision }) => (
            <Item key={amendment} page={page} id={amendment} revision={revision} />
          ))}
        </ul>
        {call.note !== "" && <p class="small">{call.note}</p>}
        <Answers page={page} call={call} />
      </div>
      <div class="call-acts">
        {isExpert(page.who) && page.bootstrap.member.voice && <Answering page={page} call={call} />}
        {isExpert(page.who) && !page.bootstrap.member.voice && <p class="small quiet">{CALL.notTheVoice}</p>}
        {records(page.who) && <Ruling page={page} call={call} />}
      </div>
    </div>
  );
}

function Item({ page, id, revision }: { page: PageState; id: string; revision: number }) {
  const amendment = page.facts.record.amendments.get(id);
  if (!amendment) return null;
  const edits = page.editsOf(amendment);
  const place = page.facts.places.get(page.placeOf(amendment));
  return (
    <li>
      <button type="button" class="plain" onClick={() => page.select(id, { scroll: true })}>
        <Code page={page} code={amendment.delegation} /> {numberOf(amendment)}
      </button>{" "}
      <span class="small quiet">
        {kindWord(amendment, edits)}
        {revision > 1 && `, revision ${revision}`}
        {place && `, ${spoken(place)}`}
      </span>{" "}
      <EditWords edits={edits} most={160} />
    </li>
  );
}

/** Time left by the chair's guidance, counted by this screen's clock; after it the bar stays as it is. */
function Left({ call }: { call: Call }) {
  const until = Date.parse(call.openedAt) + call.seconds * 1000;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (call.seconds === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [call.seconds]);
  if (call.seconds === 0) return null;
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return <span class="call-left">{seconds > 0 ? shown : CALL.guidanceOver}</span>;
}

function Answers({ page, call }: { page: PageState; call: Call }) {
  if (call.answers.length === 0) return <p class="small quiet">{CALL.noAnswers}</p>;
  const order: readonly Answer[] = ["object", "need_time", "no_objection"];
  return (
    <ul class="call-answers small" aria-live="polite">
      {order.flatMap((answer) => {
        const given = call.answers.filter((one) => one.answer === answer);
        if (given.length === 0) return [];
        return [
          <li key={answer} class={answer}>
            <b>{ANSWER_WORDS[answer]}</b>{" "}
            {given.map((one) => (
              <span key={one.delegation}>
                <Code page={page} code={one.delegation} />
                {one.note !== "" && <bdi> {one.note}</bdi>}{" "}
              </span>
            ))}
          </li>,
        ];
      })}
    </ul>
  );
}

/** A delegation's answer. An objection says why; whoever has answered can answer anew. */
function Answering({ page, call }: { page: PageState; call: Call }) {
  const [reason, setReason] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const own = call.answers.find(({ delegation }) => delegation === page.who.delegation);
  useEffect(() => {
    if (reason === "") field.current?.focus();
  }, [reason === null]);
  const answer = (given: Answer, note = ""): void =>
    void page.run({ act: "answer_call", call: call.id, answer: given, note }).then((done) => done && setReason(null));
  return (
    <>
      <div class="call-buttons" role="group" aria-label={CALL.yourAnswer}>
        {(["object", "need_time", "no_objection"] as const).map((given) => (
          <button
            key={given}
            type="button"
            class={`call-answer ${given}`}
            aria-pressed={own?.answer === given}
            disabled={!page.stage.connected}
            onClick={() => (given === "object" ? setReason("") : answer(given))}
          >
            {ANSWER_WORDS[given]}
          </button>
        ))}
      </div>
      {reason !== null && (
        <form
          class="call-reason"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() !== "") answer("object", reason.trim());
          }}
        >
          <label class="small-field">
            {CALL.why}
            <textarea
              ref={field}
              rows={2}
              maxLength={2000}
              dir="auto"
              required
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="small-button danger" disabled={!page.stage.connected}>
            {ANSWER_WORDS.object}
          </button>{" "}
          <button type="button" class="plain small" onClick={() => setReason(null)}>
            {ACTS.cancel}
          </button>
        </form>
      )}
    </>
  );
}

/** The chair's part. With an objection on record the ruling needs a note: how it was resolved, or that the chair so ruled. */
function Ruling({ page, call }: { page: PageState; call: Call }) {
  const [note, setNote] = useState("");
  const objected = call.answers.some(({ answer }) => answer === "object");
  return (
    <>
      {isSecretariat(page.who) && <RuledBy page={page} />}
      <label class="small-field">
        {objected ? CALL.noteNeeded : CALL.note}
        <input type="text" maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <div class="call-buttons">
        <button
          type="button"
          class="primary"
          disabled={!page.stage.connected}
          onClick={() => void page.run({ act: "decide_call", call: call.id, note: note.trim(), ...page.onInstruction() })}
        >
          {CALL.decide}
        </button>
        <button
          type="button"
          disabled={!page.stage.connected}
          onClick={() => void page.run({ act: "withdraw_call", call: call.id, note: note.trim(), ...page.onInstruction() })}
        >
          {CALL.withdraw}
        </button>
      </div>
      <ToConsole page={page} about={`amendment:${call.items[0]?.amendment ?? ""}`}>
        {CONSOLE.outcomes}
      </ToConsole>
    </>
  );
}
