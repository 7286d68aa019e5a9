/** What delegations say of an amendment or a paragraph, and the way to say it for one's own. Words and codes, never a count (I9). */

import { useState } from "preact/hooks";
import type { Command } from "../model/commands";
import type { Attitude, Stance } from "../model/record";
import { POSITION, POSITION_CHOICES } from "../table_terms";
import { ACTS, ATTITUDE_WORDS } from "../terms";
import { Code, Codes } from "./party";
import { isExpert, isSecretariat } from "./powers";
import type { PageState } from "./state";

/** `revision`: the one that stands; what was said of an earlier one is told as such. 0: of a paragraph. */
export function Stances({ page, stances, revision }: { page: PageState; stances: readonly Stance[]; revision: number }) {
  if (stances.length === 0) return null;
  return (
    <ul class="small stances">
      {stances.map(said).map((one, place) => (
        <li key={place} class={one.revision > 0 && one.revision < revision ? "earlier" : undefined}>
          <Code page={page} code={one.delegation} />
          {one.members.length > 0 && (
            <>
              {" (with "}
              <Codes page={page} codes={one.members} />
              {")"}
            </>
          )}{" "}
          {ATTITUDE_WORDS[one.attitude]}
          {one.revision > 0 && one.revision < revision && ` (revision ${one.revision})`}
          {one.note !== "" && (
            <>
              : <bdi>{one.note}</bdi>
            </>
          )}
          {one.unconfirmed && ` (${POSITION.unconfirmed})`}
        </li>
      ))}
    </ul>
  );
}

const WITH_REVISION = /^revision (\d+)(?:: ([^]*))?$/;

/** Records of earlier releases hold revision and words both in `note`: `revision 2: subject to capital`. */
function said(one: Stance): Stance {
  const old = one.revision === 0 && one.at === "" ? WITH_REVISION.exec(one.note) : null;
  return old ? { ...one, revision: Number(old[1]), note: old[2] ?? "" } : one;
}

type Subject = { readonly amendment: string; readonly revision: number } | { readonly paragraph: string };

/** Attitudes that say why: a reservation makes its statement, an objection gives its reason. */
const WHY: ReadonlySet<Attitude> = new Set<Attitude>(["reserve", "formal_objection"]);

/** For whom a position is taken here: the reader's delegation, or the one for which the secretariat types; "" for nobody. */
export function speaker({ who, session, bootstrap }: PageState): string {
  if (isExpert(who)) return bootstrap.member.voice ? who.delegation : "";
  return isSecretariat(who) && session.party !== "SEC" ? session.party : "";
}

interface Taking {
  readonly page: PageState;
  readonly subject: Subject;
  readonly taken: Stance | undefined;
  /** Of its own amendment a delegation says nothing; for its groups it may. */
  readonly own?: boolean;
}

export function TakePosition({ page, subject, taken, own = false }: Taking) {
  const [attitude, setAttitude] = useState<Attitude | "">("");
  const [note, setNote] = useState("");
  const [group, setGroup] = useState("");
  const { speaksFor = [], objects = true } = page.bootstrap;
  const party = speaker(page);
  const speaking = own ? speaksFor : ["", ...speaksFor];
  const saidFor = speaking.includes(group) ? group : (speaking[0] ?? "");
  if (party === "" || speaking.length === 0 || page.stage.closed) return null;
  const typing = isSecretariat(page.who);
  const take = (): void => {
    if (attitude === "") return;
    const about = "paragraph" in subject ? { amendment: "", revision: 0, paragraph: subject.paragraph } : subject;
    const command: Command = { act: "take_position", ...about, attitude, note: note.trim(), ...(saidFor && { group: saidFor }) };
    void page.run(command).then((done) => {
      if (!done) return;
      setAttitude("");
      setNote("");
      setGroup("");
    });
  };
  const why = attitude !== "" && WHY.has(attitude);
  return (
    <form
      class="take-position"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <label class="small-field">
        {typing ? `${POSITION.of} ${party}` : own ? POSITION.ofGroup : taken ? POSITION.change : POSITION.take}
        <select value={attitude} onChange={(event) => setAttitude(event.currentTarget.value as Attitude | "")}>
          <option value="">{taken && !own ? ATTITUDE_WORDS[taken.attitude] : POSITION.none}</option>
          {POSITION_CHOICES.map(
            ([value, words]) =>
              (objects || typing || value !== "formal_objection") && (
                <option key={value} value={value}>
                  {words}
                </option>
              ),
          )}
        </select>
      </label>
      {attitude !== "" && (
        <>
          {speaksFor.length > 0 && (
            <label class="small-field">
              {POSITION.forGroup}
              <select value={saidFor} onChange={(event) => setGroup(event.currentTarget.value)}>
                {speaking.map((one) => (
                  <option key={one} value={one}>
                    {one || party}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label class="small-field">
            {why ? POSITION.why : POSITION.note}
            <textarea
              rows={2}
              maxLength={2000}
              dir="auto"
              required={why}
              value={note}
              onInput={(event) => setNote(event.currentTarget.value)}
            />
          </label>
          <div class="card-buttons">
            <button type="submit" class="small-button" disabled={!page.stage.connected}>
              {POSITION.record}
            </button>
            <button type="button" class="plain small" onClick={() => setAttitude("")}>
              {ACTS.cancel}
            </button>
          </div>
        </>
      )}
    </form>
  );
}
