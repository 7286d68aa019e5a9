/** The list of comments beside the text: by paragraph, with what can be said and done. */

import "../styles/editor-threads.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { numberOf } from "./kind_words";
import { Code } from "./party";
import { spoken } from "./places";
import { bring, paragraphElement } from "./reveal";
import type { PageState } from "./state";
import type { About, ShownRemark, ShownThread, ThreadFilter, ThreadsFeed } from "./threads_feed";
import { brief } from "./times";
import { usePage } from "./watch";

const MOST_TEXT = 4_000;
/** What is typed and not sent, by what it answers (empty: a new comment): it is here again when the list is opened again. */
const unsent = new Map<string, string>();
let begun: About | null = null;
const EMPTY: Readonly<Record<ThreadFilter, string>> = {
  open: "No open comments. Select words and press Ctrl+Alt+M to write the first one.",
  resolved: "Nothing is resolved yet.",
  mine: "You have not written in any of these.",
  notes: "No notes. A note is seen by your own delegation alone.",
};

export function ThreadsList({ page, feed }: { page: PageState; feed: ThreadsFeed }) {
  usePage(page);
  const element = useRef<HTMLElement>(null);
  const close = (): void => {
    feed.show(false);
    page.editor?.focus();
  };
  useEffect(() => {
    const left = (event: KeyboardEvent): void => {
      // The text prevents what Escape does by itself; menus and dialogs have their own use for it.
      const taken = event.defaultPrevented && !page.editor?.element.contains(event.target as Node);
      if (event.key === "Escape" && !event.isComposing && !taken && !document.querySelector("dialog[open], .provenance")) close();
    };
    if (begun && unsent.has("") && !feed.about) feed.ask(begun);
    addEventListener("keydown", left);
    return () => {
      removeEventListener("keydown", left);
      highlight(page, null);
    };
  }, []);
  const filters: readonly (readonly [ThreadFilter, string])[] = [
    ["open", "Open"],
    ["resolved", "Resolved"],
    ["mine", "Mine"],
    ...(feed.notesOf ? ([["notes", "Notes"]] as const) : []),
  ];
  const { shown } = feed;
  return (
    <aside
      ref={element}
      class="threads"
      aria-label="Comments"
    >
      <div class="threads-head">
        <h2>Comments</h2>
        <button type="button" class="plain" onClick={close}>
          Close
        </button>
      </div>
      <div class="threads-filter" role="group" aria-label="Which comments">
        {filters.map(([name, words]) => (
          <button key={name} type="button" aria-pressed={feed.filter === name} onClick={() => feed.choose(name)}>
            {words}
          </button>
        ))}
      </div>
      {feed.trouble !== "" && <p class="note warn">{feed.trouble}</p>}
      {feed.about ? (
        <Begin key={JSON.stringify(feed.about)} page={page} feed={feed} />
      ) : (
        <button type="button" class="threads-new" onMouseDown={(event) => event.preventDefault()} onClick={() => feed.ask()}>
          Write a comment
        </button>
      )}
      <ol class="thread-rows">
        {shown.map((thread, number) => (
          <Row key={thread.id} page={page} feed={feed} thread={thread} before={shown[number - 1]} />
        ))}
      </ol>
      {shown.length === 0 && <p class="side-empty quiet">{EMPTY[feed.filter]}</p>}
      {feed.leftOut > 0 && <p class="quiet small">Older ones, not listed: {feed.leftOut}</p>}
    </aside>
  );
}

function Begin({ page, feed }: { page: PageState; feed: ThreadsFeed }) {
  const about = feed.about;
  const [audience, setAudience] = useState<"all" | "delegation">("all");
  begun = about;
  if (!about) return null;
  const place = page.facts.places.get(about.paragraph);
  const amendment = page.facts.record.amendments.get(about.amendment);
  const on = about.paragraph === "" ? "the whole text" : place ? spoken(place) : "this paragraph";
  return (
    <div class="thread-begin">
      <p class="small">
        On {amendment ? `${amendment.delegation} ${numberOf(amendment)}, ` : ""}
        {on}
        {about.words !== "" && ":"}
      </p>
      {about.words !== "" && <blockquote dir="auto">{about.words}</blockquote>}
      <Words
        unsentAs=""
        label={audience === "all" ? "Comment" : "Note"}
        button="Add"
        focus
        send={(text) => feed.send("", { ...about, text, audience }).then((wrong) => (wrong === "" ? (feed.drop(), "") : wrong))}
        cancel={() => feed.drop()}
      >
        {feed.notesOf !== "" && (
          <fieldset class="thread-audience">
            <legend class="visually-hidden">Who sees it</legend>
            <label>
              <input type="radio" name="thread-audience" checked={audience === "all"} onChange={() => setAudience("all")} /> All
              members
            </label>
            <label>
              <input
                type="radio"
                name="thread-audience"
                checked={audience === "delegation"}
                onChange={() => setAudience("delegation")}
              />{" "}
              Only <bdi>{feed.notesOf}</bdi>: a note
            </label>
          </fieldset>
        )}
      </Words>
    </div>
  );
}

interface RowProps {
  readonly page: PageState;
  readonly feed: ThreadsFeed;
  readonly thread: ShownThread;
  readonly before: ShownThread | undefined;
}

function Row({ page, feed, thread, before }: RowProps) {
  const [answering, setAnswering] = useState(unsent.has(thread.id));
  const [wrong, setWrong] = useState("");
  const paragraph = feed.placeOf(thread);
  const place = page.facts.places.get(paragraph);
  const gone = thread.hold === "gone" && paragraph === "";
  const cited = gone ? `${thread.cited || "A paragraph"}, no longer in the text` : place ? spoken(place) : thread.cited || "The whole text";
  const first = before === undefined || feed.placeOf(before) !== paragraph || before.hold !== thread.hold;
  const amendment = page.facts.record.amendments.get(thread.amendment);
  const note = thread.audience === "delegation";
  const settle = (): void =>
    void feed.send(`/${thread.id}/resolution`, { resolved: !thread.resolved }).then(setWrong);
  const jump = (): void => {
    if (paragraph === "") return;
    page.goTo(paragraph);
    highlight(page, thread, paragraph);
  };
  return (
    <li class={`thread-row${note ? " note" : ""}${thread.resolved ? " resolved" : ""}`} id={`thread-${thread.id}`}>
      {first && <h3>{paragraph === "" ? cited : <button type="button" class="link" onClick={jump}>{cited}</button>}</h3>}
      {note && <p class="small thread-note">Note of {thread.remarks[0]?.delegation}, seen by nobody else</p>}
      {amendment && (
        <button type="button" class="link small" onClick={() => page.select(amendment.id, { scroll: true })}>
          On {amendment.delegation} {numberOf(amendment)}
        </button>
      )}
      {thread.words !== "" && (
        <blockquote dir="auto" onClick={jump}>
          {thread.words}
        </blockquote>
      )}
      {!feed.hasWords(thread) && <p class="small quiet">These words are no longer in the text.</p>}
      {thread.remarks.map((remark) => (
        <Remark key={remark.id} page={page} feed={feed} remark={remark} />
      ))}
      {thread.settled_at !== null && (
        <p class="small quiet">
          {thread.resolved ? "Resolved" : "Opened again"} by <bdi>{thread.settled_by}</bdi>
          {thread.settled_for && ` (${thread.settled_for})`}, <time dateTime={thread.settled_at}>{brief(thread.settled_at, page.zone)}</time>
        </p>
      )}
      {answering ? (
        <Words
          unsentAs={thread.id}
          label="Your answer"
          button="Answer"
          focus
          send={(text) => feed.send(`/${thread.id}/answers`, { text }).then((told) => (told === "" ? (setAnswering(false), "") : told))}
          cancel={() => setAnswering(false)}
        />
      ) : (
        <div class="thread-acts">
          <button type="button" class="small-button" onClick={() => setAnswering(true)}>
            Answer
          </button>
          <button type="button" class="small-button" onClick={settle}>
            {thread.resolved ? "Open again" : "Resolve"}
          </button>
        </div>
      )}
      {wrong !== "" && (
        <p class="small error" role="alert">
          {wrong}
        </p>
      )}
    </li>
  );
}

function Remark({ page, feed, remark }: { page: PageState; feed: ThreadsFeed; remark: ShownRemark }) {
  const [changing, setChanging] = useState(remark.may_change && unsent.has(`was ${remark.id}`));
  const [sure, setSure] = useState(false);
  const [wrong, setWrong] = useState("");
  return (
    <div class="remark">
      <p class="small by">
        <Code page={page} code={remark.delegation} /> <bdi>{remark.author}</bdi>, <time dateTime={remark.at}>{brief(remark.at, page.zone)}</time>
        {remark.source && `, ${remark.source}`}
        {remark.changed && !remark.taken_out && ", changed"}
      </p>
      {remark.taken_out && <p class="quiet">Taken out by its author.</p>}
      {!remark.taken_out && !changing && <div class="said" dangerouslySetInnerHTML={{ __html: remark.html }} />}
      {changing && (
        <Words
          unsentAs={`was ${remark.id}`}
          label="Change your comment"
          button="Change"
          was={remark.text}
          focus
          send={(text) => feed.send(`/${remark.id}/words`, { text }).then((told) => (told === "" ? (setChanging(false), "") : told))}
          cancel={() => setChanging(false)}
        />
      )}
      {remark.own && !changing && (
        <div class="thread-acts own">
          {remark.may_change && (
            <button type="button" class="link small" onClick={() => setChanging(true)}>
              Change
            </button>
          )}
          <button
            type="button"
            class="link small"
            onClick={() => (sure ? void feed.send(`/${remark.id}/taking-out`, {}).then(setWrong) : setSure(true))}
            onBlur={() => setSure(false)}
          >
            {sure ? "Take it out: its words go for good" : "Take out"}
          </button>
        </div>
      )}
      {wrong !== "" && (
        <p class="small error" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

interface WordsProps {
  readonly unsentAs: string;
  readonly label: string;
  readonly button: string;
  readonly was?: string;
  readonly focus?: boolean;
  readonly send: (text: string) => Promise<string>;
  readonly cancel: () => void;
  readonly children?: preact.ComponentChildren;
}

/** A small form for words: they stay until the server has them. Ctrl+Enter sends. */
function Words({ unsentAs, label, button, was = "", focus, send, cancel, children }: WordsProps) {
  const [text, setText] = useState(unsent.get(unsentAs) ?? was);
  const [wrong, setWrong] = useState("");
  const [sending, setSending] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focus) area.current?.focus();
  }, []);
  const go = (): void => {
    if (sending) return;
    setSending(true);
    void send(text).then((told) => {
      setSending(false);
      setWrong(told);
      if (told === "") unsent.delete(unsentAs);
      else area.current?.focus();
    });
  };
  return (
    <form
      class="thread-words"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <label>
        <span class="small">{label}</span>
        <textarea
          ref={area}
          rows={3}
          dir="auto"
          maxLength={MOST_TEXT}
          value={text}
          aria-invalid={wrong !== ""}
          title="**bold**, *italic*, [words](https://…), lines with - or 1."
          onInput={(event) => {
            setText(event.currentTarget.value);
            unsent.set(unsentAs, event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) go();
          }}
        />
      </label>
      {wrong !== "" && (
        <p class="small error" role="alert">
          {wrong}
        </p>
      )}
      {children}
      <div class="thread-acts">
        <button type="submit" class="primary small-button" disabled={sending}>
          {button}
        </button>
        <button
          type="button"
          class="small-button"
          onClick={() => {
            unsent.delete(unsentAs);
            cancel();
          }}
        >
          Cancel
        </button>
      </div>
    </form>
  );
}

/** Marks a thread's words in the text where the browser can; nothing else of the text is touched. */
function highlight(page: PageState, thread: ShownThread | null, paragraph = ""): void {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete("comment");
  const text = page.editor?.element;
  const element = text && thread && paragraphElement(text, paragraph);
  if (!element || !thread) return;
  bring(element);
  const range = rangeOf(element, thread.words, thread.left, thread.right);
  if (range) CSS.highlights.set("comment", new Highlight(range));
}

/** How many characters two texts begin with alike. */
function alike(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((letter, number) => letter !== other[number]);
  return at < 0 ? one.length : at;
}

/** The words in a paragraph; where they stand more than once, between what stood around them. */
export function rangeOf(element: HTMLElement, words: string, left = "", right = ""): Range | null {
  if (words === "") return null;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push(node);
    text += node.data;
  }
  let start = -1;
  let most = -1;
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const fits = alike([...left].reverse(), [...text.slice(0, at)].reverse()) + alike([...right], [...text.slice(at + words.length)]);
    if (fits > most) [start, most] = [at, fits];
  }
  if (start < 0) return null;
  const range = document.createRange();
  let at = 0;
  for (const node of nodes) {
    const end = at + node.length;
    if (start >= at && start < end) range.setStart(node, start - at);
    if (start + words.length > at && start + words.length <= end) {
      range.setEnd(node, start + words.length - at);
      return range;
    }
    at = end;
  }
  return null;
}
