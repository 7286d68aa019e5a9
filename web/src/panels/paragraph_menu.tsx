/** What can be said of a paragraph as a whole: where it stands, its link, its removal, the chair's ruling, the secretariat's structure. */

import { useEffect, useState } from "preact/hooks";
import { mintAmendmentId, mintParagraphId } from "../model/ids";
import type { ParagraphId } from "../model/marks";
import type { ParagraphState } from "../model/record";
import { ACTS, RULING_WORDS, STATE_WORDS } from "../terms";
import { RuledBy } from "./outcome_buttons";
import { Cited, closeParagraphMenu } from "./paragraph_chip";
import { spoken, type Place } from "./places";
import { speaker, Stances, TakePosition } from "./positions";
import { isExpert, isSecretariat, mayConsider } from "./powers";
import type { PageState } from "./state";
import { codePoints, wordsOf } from "./text";
import { aboutParagraph, threadsOf } from "./threads_feed";
import { brief } from "./times";

export function ParagraphActs({ page, id, place }: { page: PageState; id: ParagraphId; place: Place }) {
  const { facts, who, stage } = page;
  const record = facts.record.paragraphs.get(id);
  const state = record?.state ?? "base";
  return (
    <>
      <p class="menu-head">
        <b>
          <Cited place={place} />
        </b>
        <span>
          <span class={`state-mark ${state}`} /> {STATE_WORDS[state]}
        </span>
      </p>
      {record && record.decisions.length > 0 && (
        <ul class="small outcomes">
          {record.decisions.map(({ ruling, at, ruledBy, recordedBy, note }, number) => (
            <li key={number}>
              {RULING_WORDS[ruling]}, <time dateTime={at}>{brief(at, page.zone)}</time>, <bdi>{ruledBy}</bdi>
              {recordedBy !== ruledBy && `, recorded by ${recordedBy}`}
              {note !== "" && `: ${note}`}
            </li>
          ))}
        </ul>
      )}
      {record && <Stances page={page} stances={record.stances} revision={0} />}
      <TakePosition
        page={page}
        subject={{ paragraph: id }}
        taken={record?.stances.find(({ delegation }) => delegation === speaker(page))}
      />
      {mayConsider(who, stage) && <Consider page={page} id={id} state={state} />}
      <div class="menu-group">
        <CopyLink page={page} id={id} place={place} />
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            closeParagraphMenu();
            threadsOf(page).ask(aboutParagraph(id));
          }}
        >
          Comment
        </button>
        {isExpert(who) && !stage.closed && <ProposeRemoval page={page} id={id} />}
      </div>
      {isSecretariat(who) && !stage.closed && <Structure page={page} id={id} />}
    </>
  );
}

const CONSIDERED: readonly (readonly [Exclude<ParagraphState, "base">, string])[] = [
  ["agreed", ACTS.consideredAgreed],
  ["agreed_ad_referendum", ACTS.consideredAdReferendum],
  ["open", ACTS.consideredOpen],
];

function Consider({ page, id, state }: { page: PageState; id: ParagraphId; state: ParagraphState }) {
  const record = (wanted: ParagraphState): void =>
    void page.run({ act: "consider_paragraph", paragraph: id, state: wanted, ...page.onInstruction() }).then((done) => {
      const place = page.facts.places.get(id);
      if (!done) return;
      closeParagraphMenu();
      page.tell({ tone: "plain", text: `${place ? spoken(place) : "The paragraph"}: ${STATE_WORDS[wanted].toLowerCase()}.` });
    });
  return (
    <div class="menu-group" role="group" aria-label="The chair's ruling on the paragraph">
      <p class="menu-title">The chair's ruling</p>
      <RuledBy page={page} />
      {CONSIDERED.filter(([wanted]) => wanted !== state).map(([wanted, words]) => (
        <button key={wanted} type="button" class="menu-item" disabled={!page.stage.connected} onClick={() => record(wanted)}>
          {words}
        </button>
      ))}
    </div>
  );
}

function CopyLink({ page, id, place }: { page: PageState; id: ParagraphId; place: Place }) {
  const [words, setWords] = useState("Copy link");
  useEffect(() => setWords("Copy link"), [id]);
  const copy = (): void => {
    const address = `${location.origin}${location.pathname}#${id}`;
    const cited = `${page.bootstrap.opinion.name}, ${spoken(place)}`;
    void navigator.clipboard.writeText(`${cited}\n${address}`).then(
      () => setWords("Copied"),
      () => setWords("Not allowed by the browser"),
    );
  };
  return (
    <button type="button" class="menu-item" onClick={copy}>
      {words}
    </button>
  );
}

function ProposeRemoval({ page, id }: { page: PageState; id: ParagraphId }) {
  const propose = (): void => {
    const amendment = mintAmendmentId();
    void page.run({ act: "propose_removal", amendment, paragraph: id }).then((done) => {
      if (!done) return;
      closeParagraphMenu();
      page.select(done.amendment ?? amendment);
      page.choose({ sheet: true });
    });
  };
  return (
    <button type="button" class="menu-item" disabled={!page.stage.connected} onClick={propose}>
      {ACTS.deleteParagraph}
    </button>
  );
}

/** Commands that keep every paragraph's id; the server carries them out and asks those who type there to finish first. */
function Structure({ page, id }: { page: PageState; id: ParagraphId }) {
  const { facts, editor } = page;
  const number = facts.order.get(id) ?? -1;
  const caret = editor?.caret?.paragraph === id ? editor.caret : null;
  const paragraph = facts.paragraphs[number];
  const before = facts.paragraphs[number - 2]?.id ?? null;
  const next = facts.paragraphs[number + 1];
  const run = (command: Parameters<PageState["run"]>[0]): void =>
    void page.run(command).then((done) => {
      if (done) closeParagraphMenu();
    });
  const disabled = !page.stage.connected;
  const from = caret?.from ?? 0;
  const to = caret?.to ?? 0;
  const words = paragraph ? wordsOf(paragraph) : "";
  return (
    <div class="menu-group" role="group" aria-label="Structure">
      <p class="menu-title">Structure</p>
      <button
        type="button"
        class="menu-item"
        disabled={disabled || !caret || from === 0 || from >= words.length}
        onClick={() =>
          run({
            act: "split_paragraph",
            paragraph: id,
            at: codePoints(words, from),
            new_paragraph: mintParagraphId(),
            was: words.slice(0, from),
          })
        }
      >
        {ACTS.split}
      </button>
      <button
        type="button"
        class="menu-item"
        disabled={disabled || !next}
        onClick={() => run({ act: "join_paragraph", paragraph: id })}
      >
        {ACTS.join}
      </button>
      <button
        type="button"
        class="menu-item"
        disabled={disabled || number < 1}
        onClick={() => run({ act: "move_paragraph", paragraph: id, after: before })}
      >
        {ACTS.moveUp}
      </button>
      <button
        type="button"
        class="menu-item"
        disabled={disabled || !next}
        onClick={() => run({ act: "move_paragraph", paragraph: id, after: next?.id ?? null })}
      >
        {ACTS.moveDown}
      </button>
      {(["insert", "retype", "correct"] as const).map((name) => (
        <button
          key={name}
          type="button"
          class="menu-item"
          disabled={disabled}
          onClick={() => {
            closeParagraphMenu();
            page.choose({ dialog: { name, paragraph: id, from, to } });
          }}
        >
          {name === "correct" && paragraph?.kind === "title" ? ACTS.retitle : ACTS[name]}
        </button>
      ))}
    </div>
  );
}
