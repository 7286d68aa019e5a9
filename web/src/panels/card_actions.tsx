/** What a person may do with a proposal, by role: the author's party, another party, chair and secretariat. */

import { useState } from "preact/hooks";
import { isOpen, type Amendment } from "../model/record";
import { ACTS, WITHDRAWN_WORDS } from "../terms";
import { OutcomeButtons } from "./outcome_buttons";
import { isExpert, powersOver, type Power } from "./powers";
import type { PageState } from "./state";
import { NO_OUTLINE, useMedia } from "./watch";

interface Props {
  readonly page: PageState;
  readonly amendment: Amendment;
}

export function CardActions({ page, amendment }: Props) {
  const powers = powersOver(amendment, page.who, page.stage);
  const apart = useMedia(NO_OUTLINE);
  const queued = page.choices.side === "proposals" && !apart;
  const own = amendment.delegation === page.who.delegation && isExpert(page.who);
  return (
    <div class="card-actions">
      {powers.includes("submit") && <SubmitDraft page={page} amendment={amendment} />}
      <OutcomeButtons page={page} amendment={amendment} powers={powers} place={queued ? "card" : "alone"} />
      <div class="card-buttons">
        {powers.includes("support") && <Sponsor page={page} amendment={amendment} on />}
        {powers.includes("leave") && <Sponsor page={page} amendment={amendment} on={false} />}
        {powers.includes("withdraw") && <Withdraw page={page} amendment={amendment} powers={powers} />}
      </div>
      {own && isOpen(amendment) && amendment.status !== "draft" && hasOwnWords(amendment) && (
        <p class="small quiet">To reword it, type in its words; your draft is its next revision.</p>
      )}
    </div>
  );
}

/** A bracket and a proposal to delete hold no words to retype. */
const hasOwnWords = ({ kind }: Amendment): boolean => kind === "ADD" || kind === "MOD";

function SubmitDraft({ page, amendment }: Props) {
  const [reason, setReason] = useState(amendment.reason);
  const [confirming, setConfirming] = useState(false);
  const { connected } = page.stage;
  const submit = (): void =>
    void page.submit(amendment, reason.trim()).then((done) => {
      if (!done) return;
      const number = done.number ? `#${done.number}` : "Your proposal";
      page.tell({ tone: "plain", text: `${number} is submitted. Everybody sees it now.` });
      if (done.amendment) page.select(done.amendment);
    });
  return (
    <form
      class="submit"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p class="small quiet">Only {page.bootstrap.group?.name ?? page.party(amendment.delegation).name} sees this draft.</p>
      <label class="small-field">
        Reason (may stay empty)
        <textarea
          rows={2}
          maxLength={2000}
          dir="auto"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          }}
        />
      </label>
      <div class="card-buttons">
        <button type="submit" class="primary small-button" disabled={!connected}>
          {amendment.revises === null ? ACTS.submit : ACTS.submitAgain}
        </button>
        {confirming ? (
          <>
            <button
              type="button"
              class="small-button danger"
              onClick={() => void page.run({ act: "discard", amendment: amendment.id })}
            >
              Discard for good
            </button>
            <button type="button" class="plain small" onClick={() => setConfirming(false)}>
              Keep it
            </button>
          </>
        ) : (
          <button type="button" class="small-button" disabled={!connected} onClick={() => setConfirming(true)}>
            {ACTS.discard}
          </button>
        )}
      </div>
      {!connected && <p class="small quiet">Kept here. It can be submitted once you are connected again.</p>}
    </form>
  );
}

function Sponsor({ page, amendment, on }: Props & { on: boolean }) {
  const { id, revision, number } = amendment;
  const join = (): void =>
    void page.run({ act: "cosponsor", amendment: id, revision, on }).then((done) => {
      if (done && on)
        page.tell({
          tone: "plain",
          text: `${page.party(page.who.delegation).name} co-sponsors #${number}, revision ${revision}.`,
        });
    });
  return (
    <button type="button" class="small-button" disabled={!page.stage.connected} onClick={join}>
      {on ? ACTS.support : ACTS.leave}
    </button>
  );
}

function Withdraw({ page, amendment, powers }: Props & { powers: readonly Power[] }) {
  const [confirming, setConfirming] = useState(false);
  const { id, number, sponsors } = amendment;
  const withdraw = (): void =>
    void page.run({ act: "withdraw", amendment: id }).then((done) => {
      const [heir] = sponsors;
      const text =
        heir === undefined ? `#${number} is withdrawn.` : `You no longer propose #${number}. ${heir}, who co-sponsored it, does.`;
      if (done) page.tell({ tone: "plain", text });
    });
  if (!confirming) {
    return (
      <button type="button" class="small-button" disabled={!page.stage.connected} onClick={() => setConfirming(true)}>
        {ACTS.withdraw}
        {powers.includes("decide") && ` for ${amendment.delegation}`}
      </button>
    );
  }
  return (
    <>
      <p class="small">
        {sponsors.length > 0
          ? `${sponsors[0] ?? ""} co-sponsors it and becomes its author.`
          : WITHDRAWN_WORDS[amendment.kind]}
      </p>
      <button type="button" class="small-button danger" onClick={withdraw}>
        {ACTS.withdraw} #{number}
      </button>
      <button type="button" class="plain small" onClick={() => setConfirming(false)}>
        {ACTS.cancel}
      </button>
    </>
  );
}
