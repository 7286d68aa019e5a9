/** What delegations say of an amendment or a paragraph, and the way to say it for one's own. Words and codes, never a count (I9). */

import { useState } from "preact/hooks";
import type { Command } from "../model/commands";
import type { Attitude, Stance } from "../model/record";
import { POSITION, POSITION_CHOICES } from "../table_terms";
import { ACTS, ATTITUDE_WORDS } from "../terms";
import { Code, Codes } from "./party";
import { isExpert } from "./powers";
import type { PageState } from "./state";

/** `revision`: the one that stands; what was said of an earlier one is told as such. 0: of a paragraph. */
export function Stances({ page, stances, revision }: { page: PageState; stances: readonly Stance[]; revision: number }) {
  if (stances.length === 0) return null;
  return (
    <ul class="small stances">
      {stances.map((one, place) => (
        <li key={place} class={one.revision > 0 && one.revision < revision ? "earlier" : undefined}>
          <Code page={page} code={one.delegation} />
          {one.members.length > 0 && (
            <>
              {" ("}
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
        </li>
      ))}
    </ul>
  );
}

type Subject = { readonly amendment: string; readonly revision: number } | { readonly paragraph: string };

/** Attitudes that say why: a reservation makes its statement, an objection gives its reason. */
const WHY: ReadonlySet<Attitude> = new Set<Attitude>(["reserve", "formal_objection"]);

export function TakePosition({ page, subject, taken }: { page: PageState; subject: Subject; taken: Stance | undefined }) {
  const [attitude, setAttitude] = useState<Attitude | "">("");
  const [note, setNote] = useState("");
  if (!isExpert(page.who) || !page.bootstrap.member.voice || page.stage.closed) return null;
  const take = (): void => {
    if (attitude === "") return;
    const about = "paragraph" in subject ? { amendment: "", revision: 0, paragraph: subject.paragraph } : subject;
    const command: Command = { act: "take_position", ...about, attitude, note: note.trim() };
    void page.run(command).then((done) => {
      if (!done) return;
      setAttitude("");
      setNote("");
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
        {taken ? POSITION.change : POSITION.take}
        <select value={attitude} onChange={(event) => setAttitude(event.currentTarget.value as Attitude | "")}>
          <option value="">{taken ? ATTITUDE_WORDS[taken.attitude] : POSITION.none}</option>
          {POSITION_CHOICES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {attitude !== "" && (
        <>
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
