/** The row of tools under the head: the paragraph at the caret, writing, going from change to change, and the chair's switches. */

import { ACTS, LIVE, PANELS, SECRETARIATS } from "../terms";
import { Later } from "./later";
import { SECRETARIAT } from "./kind_words";
import { ParagraphChip } from "./paragraph_chip";
import { isExpert, isSecretariat, records } from "./powers";
import type { PageState } from "./state";
import { NO_OUTLINE, useChanges, useMedia } from "./watch";

export function Toolbar({ page }: { page: PageState }) {
  useChanges(page);
  const drawer = useMedia(NO_OUTLINE);
  const { editor, who, stage, session, choices } = page;
  const writing = choices.view === "marked" && !session.readOnly && session.saves && !stage.closed && session.party !== "";
  return (
    <div class="tools" role="toolbar" aria-label="Drafting">
      {drawer && (
        <button
          type="button"
          class="tool"
          aria-expanded={choices.drawer}
          onClick={() => page.choose({ drawer: !choices.drawer })}
        >
          {PANELS.outline}
        </button>
      )}
      <ParagraphChip page={page} />
      {choices.view === "marked" && (
        <>
          {writing && (isExpert(who) || isSecretariat(who) || who.group) && (
            <div class="tool-group" role="group" aria-label="Writing">
              <button
                type="button"
                class="tool"
                title={`${ACTS.bracket} ( [ )`}
                onMouseDown={keepCaret}
                onClick={() => editor?.bracketSelection()}
              >
                <b class="glyph" aria-hidden="true">
                  [ ]
                </b>
                Bracket
              </button>
              <button
                type="button"
                class="tool"
                title="Enter at the end of a paragraph"
                onMouseDown={keepCaret}
                onClick={() => editor?.addParagraph()}
              >
                {ACTS.addParagraph}
              </button>
            </div>
          )}
          <div class="tool-group" role="group" aria-label="Go to">
            <Step words="change" hint="F8" go={(by) => editor?.nextChange(by)} />
            <Step words="open bracket" hint="F9" go={(by) => editor?.nextBracket(by)} />
          </div>
        </>
      )}
      <div class="tools-end">
        {session.parties.length > 1 && <TypingFor page={page} />}
        {!!page.bootstrap.groups?.length && <Later page={page} draw={(panels) => <panels.DraftingIn page={page} />} />}
        {isExpert(who) && (page.facts.record.opinion.liveDrafting || session.scope === "opinion") && <WriteLive page={page} />}
        {records(who) && !stage.closed && <Steering page={page} />}
        <Later page={page} draw={({ CommentsButton }) => <CommentsButton page={page} />} />
      </div>
    </div>
  );
}

/** The selection stays in the text while a tool is clicked. */
const keepCaret = (event: MouseEvent): void => event.preventDefault();

function Step({ words, hint, go }: { words: string; hint: string; go: (by: 1 | -1) => void }) {
  return (
    <span class="tool-pair">
      <button
        type="button"
        class="tool"
        title={`Shift ${hint}`}
        aria-label={`Previous ${words}`}
        onMouseDown={keepCaret}
        onClick={() => go(-1)}
      >
        <span aria-hidden="true" class="arrow back" />
      </button>
      <span class="tool-words" aria-hidden="true">
        {words}
      </span>
      <button type="button" class="tool" title={hint} aria-label={`Next ${words}`} onMouseDown={keepCaret} onClick={() => go(1)}>
        <span aria-hidden="true" class="arrow" />
      </button>
    </span>
  );
}

/** The secretariat types for who has the floor; the record names both. For nobody, nothing can be typed: a stray key changes nothing. */
function TypingFor({ page }: { page: PageState }) {
  const { party, parties } = page.session;
  return (
    <label class="typing-for">
      Typing for
      <select value={party} onChange={(event) => page.session.actFor(event.currentTarget.value)}>
        <option value="">Nobody yet</option>
        {parties.map((code) => (
          <option key={code} value={code}>
            {code === SECRETARIAT ? SECRETARIATS : `${code}, ${page.party(code).name}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** In live drafting each expert chooses whether to write before everybody's eyes; nobody is put there unasked. */
function WriteLive({ page }: { page: PageState }) {
  const { session } = page;
  const on = session.scope === "opinion";
  const change = (wanted: boolean): void =>
    void session.switchScope(wanted ? "opinion" : "workspace").then(() => {
      page.tell({ tone: "plain", text: wanted ? LIVE.joined : LIVE.left });
    });
  return (
    <div class="tool-group steering">
      <Toggle words={LIVE.join} on={on} disabled={!page.stage.connected} title={LIVE.joined} set={change} />
    </div>
  );
}

function Steering({ page }: { page: PageState }) {
  const { liveDrafting, observersAdmitted } = page.facts.record.opinion;
  const disabled = !page.stage.connected;
  return (
    <div class="tool-group steering" role="group" aria-label="The sitting">
      <Toggle
        words={LIVE.badge}
        on={liveDrafting}
        disabled={disabled}
        title="What is typed is seen by everybody as it is typed"
        set={(on) => void page.run({ act: "open_live_drafting", on })}
      />
      <Toggle
        words="Observers"
        on={observersAdmitted}
        disabled={disabled}
        title="Whether observers may follow the sitting"
        set={(on) => void page.run({ act: "admit_observers", on })}
      />
      <button type="button" class="tool freeze" disabled={disabled} onClick={() => page.choose({ dialog: { name: "freeze" } })}>
        {ACTS.freeze}
      </button>
    </div>
  );
}

interface ToggleProps {
  readonly words: string;
  readonly on: boolean;
  readonly disabled: boolean;
  readonly title: string;
  readonly set: (on: boolean) => void;
}

function Toggle({ words, on, disabled, title, set }: ToggleProps) {
  return (
    <button
      type="button"
      class="tool switch"
      role="switch"
      aria-checked={on}
      disabled={disabled}
      title={title}
      onClick={() => set(!on)}
    >
      <span class="switch-track" aria-hidden="true" />
      {words}
    </button>
  );
}
