/** Recording what the chair announced: on a card, and in the queue. The secretariat names the chair who ruled. */

import { useState } from "preact/hooks";
import type { Amendment, Ruling } from "../model/record";
import { CONSOLE } from "../table_terms";
import { ACTS, RULING_WORDS } from "../terms";
import { isSecretariat, type Power } from "./powers";
import type { PageState } from "./state";
import { usePage } from "./watch";

interface Props {
  readonly page: PageState;
  readonly amendment: Amendment;
  readonly powers: readonly Power[];
  /** Where the same proposal stands in the queue too, each button stands once: the ruling there, the call on the card. */
  readonly place?: "card" | "queue" | "alone";
}

const RULINGS: readonly Exclude<Ruling, "reopened">[] = ["agreed", "agreed_ad_referendum", "not_retained", "set_aside"];
const BRACKET_BUTTONS: readonly (readonly [Exclude<Ruling, "reopened">, string])[] = [
  ["agreed", ACTS.wordsAgreed],
  ["agreed_ad_referendum", `${RULING_WORDS.agreed_ad_referendum} (lift brackets)`],
  ["not_retained", ACTS.wordsNotRetained],
  ["set_aside", ACTS.keepBrackets],
];

export function OutcomeButtons({ page, amendment, powers, place = "alone" }: Props) {
  const [note, setNote] = useState<string | null>(null);
  if (place === "card") {
    return powers.includes("decide") ? <CallButton page={page} amendment={amendment} /> : null;
  }
  if (powers.includes("reopen")) return <Decided page={page} amendment={amendment} />;
  if (!powers.includes("decide")) return null;
  const buttons =
    amendment.kind === "bracket" ? BRACKET_BUTTONS : RULINGS.map((ruling) => [ruling, RULING_WORDS[ruling]] as const);
  const record = (ruling: Ruling): void => void page.record(amendment, ruling, note ?? "").then((done) => done && setNote(null));
  return (
    <div class="outcome" role="group" aria-label={`${ACTS.recordOutcome}, #${amendment.number}`}>
      <p class="outcome-head">
        {ACTS.recordOutcome}
        {amendment.pinned && <b class="pinned">words pinned at revision {amendment.revision}</b>}
      </p>
      <RuledBy page={page} />
      <div class="outcome-buttons">
        {buttons.map(([ruling, words]) => (
          <button
            key={ruling}
            type="button"
            class={`small-button ${ruling}`}
            disabled={!page.stage.connected || (ruling === "set_aside" && amendment.status === "set_aside")}
            onClick={() => record(ruling)}
          >
            {words}
          </button>
        ))}
      </div>
      {note === null ? (
        <button type="button" class="plain small" onClick={() => setNote("")}>
          Add a note to the record
        </button>
      ) : (
        <label class="small-field">
          Note for the record
          <input type="text" value={note} maxLength={2000} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
      )}
      {place === "alone" && <CallButton page={page} amendment={amendment} />}
      <ToConsole page={page} about={`amendment:${amendment.id}`}>
        {(page.facts.conflicts.get(amendment.id)?.length ?? 0) > 0 ? CONSOLE.competing : CONSOLE.more}
      </ToConsole>
    </div>
  );
}

/** Pins the words while the meeting looks at them; what their author types meanwhile is the next revision. */
function CallButton({ page, amendment }: { page: PageState; amendment: Amendment }) {
  const { id, revision, pinned } = amendment;
  const end = (): void =>
    void page.run({ act: "call_for_objections", amendment: id, revision, on: false, ...page.onInstruction() });
  const call = (): void =>
    void page.call(amendment).then((done) => {
      if (!done) return;
      page.tell({ tone: "plain", text: `Call for objections to #${amendment.number}: words pinned at revision ${revision}.` });
    });
  return (
    <button type="button" class="small-button call" aria-pressed={pinned} disabled={!page.stage.connected} onClick={pinned ? end : call}>
      {pinned ? ACTS.endCall : ACTS.callForObjections}
    </button>
  );
}

function Decided({ page, amendment }: { page: PageState; amendment: Amendment }) {
  return (
    <div class="outcome" role="group" aria-label={`Outcome of #${amendment.number}`}>
      <RuledBy page={page} />
      <div class="outcome-buttons">
        {amendment.status === "agreed_ad_referendum" && (
          <button
            type="button"
            class="small-button agreed"
            disabled={!page.stage.connected}
            onClick={() => void page.record(amendment, "agreed")}
          >
            {RULING_WORDS.agreed}
          </button>
        )}
        <button
          type="button"
          class="small-button"
          disabled={!page.stage.connected}
          onClick={() => void page.run(page.reopening(amendment))}
        >
          {ACTS.reopen}
        </button>
      </div>
      <ToConsole page={page} about={`amendment:${amendment.id}`}>
        {CONSOLE.whoAsked}
      </ToConsole>
    </div>
  );
}

/** What is decided here is one amendment by itself. Whatever says more of it is asked for on the chair's console. */
export function ToConsole({ page, about, children }: { page: PageState; about: string; children: string }) {
  const base = `/opinions/${encodeURIComponent(page.bootstrap.opinion.id)}/console`;
  const address = about ? `${base}?on=${encodeURIComponent(about)}` : base;
  return (
    <p class="small quiet">
      {children} <a href={address}>{CONSOLE.name}</a>
    </p>
  );
}

/** Whose ruling the secretariat records: the ruling is the chair's, never the secretariat's own. */
export function RuledBy({ page }: { page: PageState }) {
  usePage(page);
  const { chairs } = page.bootstrap;
  if (!isSecretariat(page.who)) return null;
  if (chairs.length === 0) return <p class="small warn-words">This draft Opinion has no chair yet: nobody can have ruled.</p>;
  return (
    <label class="small-field ruled-by">
      On the instruction of
      <select value={page.ruledBy} required onChange={(event) => (page.ruledBy = event.currentTarget.value)}>
        {chairs.length > 1 && <option value="">{CONSOLE.choose}</option>}
        {chairs.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
