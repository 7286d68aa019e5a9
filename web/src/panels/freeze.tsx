/** The freeze dialog: what the version will hold, what is still open, who is still sending; then the act that cannot be undone. */

import { useEffect, useState } from "preact/hooks";
import type { VersionKind } from "../model/commands";
import { confirmed, PasskeyFailed } from "../passkey_ceremony";
import { ACTS, changesNotSent, counted, draftName, openBrackets, PROOF, proposals } from "../terms";
import { BracketRows } from "./bracket_list";
import { Dialog } from "./dialog";
import { RuledBy } from "./outcome_buttons";
import { spoken } from "./places";
import type { PageState } from "./state";

const VERSION_KINDS: readonly (readonly [VersionKind, string])[] = [
  ["meeting", "Text at the close of a meeting"],
  ["draft", "Published draft"],
];

export function FreezeDialog({ page }: { page: PageState }) {
  const { facts, session, bootstrap } = page;
  const [milestone, setMilestone] = useState(bootstrap.milestone);
  /** Null while it follows the milestone: what is frozen at a meeting is the text at its close. */
  const [chosen, setKind] = useState<VersionKind | null>(null);
  const offered = milestone === bootstrap.milestone ? bootstrap.milestoneKind : "meeting";
  const kind = chosen ?? (milestone.trim() === "" ? "draft" : offered);
  const [busy, setBusy] = useState(false);
  /** The draft that the dialog was opened for: once somebody else froze it, the act would make a second version of it. */
  const [draft] = useState(facts.record.opinion.draft);
  const frozenMeanwhile = !busy && facts.record.opinion.draft !== draft;
  /** Null while it is the suggestion, which follows kind and milestone. */
  const [named, setNamed] = useState<string | null>(null);
  const suggested = kind === "draft" || milestone.trim() === "" ? draftName(draft) : `Text at close of ${milestone.trim()}`;
  const label = named ?? suggested;
  const [note, setNote] = useState("");
  /** Whether the server wants to know first that it is the person; then what went wrong with that, if anything. */
  const [unproved, setUnproved] = useState<{ readonly told: string } | null>(null);
  /** Of the drafting check; null until they are counted. */
  const [remarks, setRemarks] = useState<number | null>(null);
  const checked = `/opinions/${bootstrap.opinion.id}/drafting-check`;
  useEffect(() => {
    void fetch(`/api${checked}`)
      .then((answer) => answer.json() as Promise<{ remarks: unknown[] }>)
      .then((found) => setRemarks(found.remarks.length))
      .catch(() => undefined);
  }, [checked]);
  const close = (): void => page.choose({ dialog: null });
  const pending = page.pending.filter(({ status }) => status !== "draft");
  const base = facts.paragraphs.filter(
    ({ id, added }) => added === null && (facts.record.paragraphs.get(id)?.state ?? "base") === "base",
  );
  const sending = session.present.filter((one) => one.sending && !one.self);

  const freeze = async (): Promise<void> => {
    setBusy(true);
    setUnproved(null);
    const seen = session.seq;
    const done = await page.run(
      {
        act: "freeze",
        label: label.trim(),
        milestone: milestone.trim(),
        note: note.trim(),
        seen_seq: seen,
        kind,
        ...page.onInstruction(),
      },
      () => setUnproved({ told: "" }),
    );
    setBusy(false);
    if (done) close();
  };

  const confirmAndFreeze = async (): Promise<void> => {
    setBusy(true);
    try {
      await confirmed();
    } catch (error) {
      if (!(error instanceof PasskeyFailed)) throw error;
      return setUnproved({ told: error.message });
    } finally {
      setBusy(false);
    }
    await freeze();
  };

  return (
    <Dialog
      title={`Freeze the ${draftName(draft).toLowerCase()} of ${bootstrap.opinion.name}`}
      close={close}
      wide
    >
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void freeze();
        }}
      >
        <ul class="checks">
          <Check
            clear={facts.brackets.length === 0}
            words={openBrackets(facts.brackets.length)}
            note="They are frozen as text, in brackets."
          >
            <BracketRows page={page} />
          </Check>
          <Check
            clear={pending.length === 0}
            words={`${proposals(pending.length)} pending`}
            note="They go on into the next draft; nothing is lost."
          />
          <Check
            clear={base.length === 0}
            words={`${counted(base.length, "paragraph", "paragraphs")} never considered`}
            note="A clean export of this version will say so."
          >
            <ul class="plain-list">
              {base.map(({ id }) => {
                const place = facts.places.get(id);
                return <li key={id}>{place ? spoken(place) : id}</li>;
              })}
            </ul>
          </Check>
          <Check
            clear={sending.length === 0}
            words={sending.length === 0 ? "Nobody is still sending" : `Still sending: ${names(sending)}`}
            note="What arrives after the freeze goes into the next draft, tagged."
          />
          {remarks !== null && (
            <Check clear={remarks === 0} words={`${counted(remarks, "remark", "remarks")} of the drafting check`} note="No freeze waits for them.">
              <a href={checked}>Drafting check</a>
            </Check>
          )}
          {session.sending > 0 && (
            <Check clear={false} words={changesNotSent(session.sending)} note="These are your own. Wait until they are saved." />
          )}
        </ul>
        <label class="small-field">
          Milestone, such as IEG-4 (may stay empty)
          <input type="text" value={milestone} maxLength={100} onInput={(event) => setMilestone(event.currentTarget.value)} />
        </label>
        <fieldset class="choices">
          <legend>What the version is</legend>
          {VERSION_KINDS.map(([one, words]) => (
            <label class="tick" key={one}>
              <input type="radio" name="version-kind" checked={one === kind} onChange={() => setKind(one)} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
        <label class="small-field">
          Name of the version
          <input type="text" value={label} maxLength={200} required onInput={(event) => setNamed(event.currentTarget.value)} />
        </label>
        <label class="small-field">
          Note (may stay empty)
          <input type="text" value={note} maxLength={2000} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        <RuledBy page={page} />
        <p class="note">
          {facts.record.opinion.renumbering
            ? "This freeze renumbers, as the secretariat marked it: labels such as “3 bis” become plain, and citations follow. "
            : "Labels stay as they are. "}
          <a href={`/opinions/${bootstrap.opinion.id}/renumbering`}>Renumbering</a> ·{" "}
          <a href={checked}>Drafting check</a>
        </p>
        <p class="note frozen">A version cannot be changed afterwards. A correction is a new version.</p>
        {frozenMeanwhile && (
          <p class="note warn" role="alert">
            The {draftName(draft).toLowerCase()} was frozen meanwhile. Look at that version first; to freeze the next draft too, close this and begin
            anew.
          </p>
        )}
        {unproved && (
          <div class="note" role="alert">
            <p>
              {PROOF.needed} {unproved.told}
            </p>
            <p class="actions">
              <button type="button" class="primary" disabled={busy} onClick={() => void confirmAndFreeze()}>
                {PROOF.confirm}
              </button>
            </p>
          </div>
        )}
        <div class="actions">
          <button type="submit" class={unproved ? "" : "primary"} disabled={busy || frozenMeanwhile || unproved !== null || !page.stage.connected || label.trim() === ""}>
            {busy ? "Freezing" : ACTS.freeze}
          </button>
          <button type="button" onClick={close}>
            {ACTS.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface CheckProps {
  readonly clear: boolean;
  readonly words: string;
  readonly note: string;
  readonly children?: preact.ComponentChildren;
}

function Check({ clear, words, note, children }: CheckProps) {
  return (
    <li class={clear ? "check clear" : "check"}>
      <span class="check-sign" aria-hidden="true" />
      <div>
        <p>
          <b>{words}</b> {!clear && <span class="quiet">{note}</span>}
        </p>
        {!clear && children !== undefined && (
          <details>
            <summary>List</summary>
            {children}
          </details>
        )}
      </div>
    </li>
  );
}

const names = (present: readonly { readonly delegation: string; readonly name: string }[]): string =>
  [...new Set(present.map(({ delegation, name }) => delegation || name))].join(", ");
