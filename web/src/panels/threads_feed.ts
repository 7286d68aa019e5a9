/**
 * Comments on the text and the notes of one's own delegation, as the server gives them (server/api/threads.py).
 *
 * Nothing is sent when somebody writes one: this asks every few seconds while the list is open, and now and then while it is not, so
 * that a delegation's notes signal nothing to anybody else. What is being written stays here until the server has taken it.
 */

import type { AmendmentId, ParagraphId } from "../model/marks";
import type { PageState } from "./state";
import { codePoints, wordsOf } from "./text";

export interface ShownRemark {
  readonly id: string;
  readonly delegation: string;
  readonly author: string;
  /** Made harmless by the server: it escapes what was typed and lets a few elements through. */
  readonly html: string;
  readonly text: string;
  readonly source: string;
  readonly at: string;
  readonly changed: boolean;
  readonly taken_out: boolean;
  readonly own: boolean;
  readonly may_change: boolean;
}

export interface ShownThread {
  readonly id: string;
  readonly audience: "all" | "delegation";
  readonly hold: "words" | "changed" | "paragraph" | "gone" | "whole";
  readonly paragraph: ParagraphId;
  /** The paragraph it was written on, which may be in a draft of this delegation alone. */
  readonly on: ParagraphId;
  readonly cited: string;
  readonly words: string;
  /** What stood around the words when it was written. */
  readonly left: string;
  readonly right: string;
  readonly amendment: AmendmentId;
  readonly resolved: boolean;
  readonly settled_at: string | null;
  readonly settled_by: string;
  readonly settled_for: string;
  readonly remarks: readonly ShownRemark[];
}

interface Answer {
  readonly mark: string;
  readonly same: boolean;
  readonly notes_of: string;
  readonly left_out: number;
  readonly threads: readonly ShownThread[];
}

/** What a new comment is to be on. */
export interface About {
  readonly paragraph: ParagraphId;
  readonly words: string;
  /** Code points of the paragraph before the words. */
  readonly offset: number;
  readonly left: string;
  readonly right: string;
  readonly amendment: AmendmentId;
}

export type ThreadFilter = "open" | "resolved" | "mine" | "notes";

const OPEN_MS = 10_000;
const CLOSED_MS = 60_000;
const MOST_WORDS = 300;
const CONTEXT = 40;

export class ThreadsFeed {
  open = false;
  about: About | null = null;
  filter: ThreadFilter = "open";
  threads: readonly ShownThread[] = [];
  notesOf = "";
  leftOut = 0;
  /** Empty when the last question was answered. */
  trouble = "";
  readonly #page: PageState;
  readonly #address: string;
  readonly #listeners = new Set<() => void>();
  #mark = "";
  #timer = 0;
  #asking: Promise<void> | null = null;

  constructor(page: PageState) {
    this.#page = page;
    this.#address = `/api/opinions/${encodeURIComponent(page.bootstrap.opinion.id)}/threads`;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Asks now, and from then on by itself while somebody looks at the page. */
  start(): () => void {
    const look = (): void => void (document.visibilityState === "visible" && this.refresh());
    document.addEventListener("visibilitychange", look);
    void this.refresh();
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(this.#timer);
    };
  }

  show(open: boolean): void {
    this.open = open;
    if (!open) this.about = null;
    else void this.refresh();
    this.#tell();
  }

  choose(filter: ThreadFilter): void {
    this.filter = filter;
    this.#tell();
  }

  /** Begins a comment on this, or on what is selected; on the whole text where nothing is. */
  ask(about: About = this.selected()): void {
    this.about = about;
    this.open = true;
    this.#tell();
    void this.refresh();
  }

  drop(): void {
    this.about = null;
    this.#tell();
  }

  selected(): About {
    const caret = this.#page.editor?.caret ?? null;
    const paragraph = caret && this.#page.facts.paragraphs[this.#page.facts.order.get(caret.paragraph) ?? -1];
    if (!caret || !paragraph) return aboutParagraph(this.#page.choices.paragraph ?? "");
    return aboutWords(paragraph.id, wordsOf(paragraph), caret.from, caret.to);
  }

  get shown(): readonly ShownThread[] {
    const mine = (thread: ShownThread): boolean => thread.remarks.some((remark) => remark.own);
    return this.threads.filter((thread) => {
      if (this.filter === "resolved") return thread.resolved;
      if (this.filter === "mine") return mine(thread);
      if (this.filter === "notes") return thread.audience === "delegation";
      return !thread.resolved;
    });
  }

  get openCount(): number {
    return this.threads.filter(({ resolved }) => !resolved).length;
  }

  /** Where a thread is in the text shown here; empty for the whole text, and for what is gone. */
  placeOf(thread: ShownThread): ParagraphId {
    return thread.paragraph || (this.#page.facts.order.has(thread.on) ? thread.on : "");
  }

  /** Whether its words stand in the text shown here, drafts of one's own delegation included. */
  hasWords(thread: ShownThread): boolean {
    if (thread.words === "" || thread.hold === "words" || thread.hold === "changed") return true;
    const paragraph = this.#page.facts.paragraphs[this.#page.facts.order.get(this.placeOf(thread)) ?? -1];
    return paragraph !== undefined && wordsOf(paragraph).includes(thread.words);
  }

  refresh(): Promise<void> {
    this.#asking ??= this.#refresh().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** Sends one act; what stands in its way as words, or empty once it is done. */
  async send(path: string, body: object): Promise<string> {
    try {
      const headers = { "content-type": "application/json", accept: "application/json" };
      const answer = await fetch(`${this.#address}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      if (!answer.ok) return ((await answer.json()) as { message?: string }).message ?? NOT_SENT;
    } catch {
      return NOT_SENT;
    }
    // A question asked before this may be answered with what was there before it.
    await this.#asking;
    await this.refresh();
    return "";
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const answer = await fetch(`${this.#address}?mark=${this.#mark}`, { headers: { accept: "application/json" } });
      if (answer.ok) this.#take((await answer.json()) as Answer);
      else this.#fail();
    } catch {
      this.#fail();
    }
    this.#timer = window.setTimeout(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, this.open ? OPEN_MS : CLOSED_MS);
  }

  #take(answer: Answer): void {
    const settled = this.trouble === "" && answer.same;
    this.trouble = "";
    if (!answer.same) {
      this.threads = answer.threads;
      this.#mark = answer.mark;
      this.leftOut = answer.left_out;
      this.notesOf = answer.notes_of;
    }
    if (!settled) this.#tell();
  }

  #fail(): void {
    if (this.trouble === STALE) return;
    this.trouble = STALE;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const NOT_SENT = "Not sent: the server does not answer. Your words are still here.";
const STALE = "The list may be old: the server does not answer.";

const feeds = new WeakMap<PageState, ThreadsFeed>();

/** The one feed of a page. */
export function threadsOf(page: PageState): ThreadsFeed {
  let feed = feeds.get(page);
  if (!feed) feeds.set(page, (feed = new ThreadsFeed(page)));
  return feed;
}

export const aboutParagraph = (paragraph: ParagraphId): About => ({
  paragraph,
  words: "",
  offset: 0,
  left: "",
  right: "",
  amendment: "",
});

/** Words of a paragraph by UTF-16 offsets; the paragraph as a whole where there are none, or too many. */
export function aboutWords(paragraph: ParagraphId, text: string, from: number, to: number): About {
  const words = text.slice(from, to).trim();
  if (words === "" || [...words].length > MOST_WORDS) return aboutParagraph(paragraph);
  const start = from + text.slice(from, to).indexOf(words);
  const end = start + words.length;
  return {
    paragraph,
    words,
    offset: codePoints(text, start),
    left: [...text.slice(0, start)].slice(-CONTEXT).join(""),
    right: [...text.slice(end)].slice(0, CONTEXT).join(""),
    amendment: "",
  };
}

/** Ctrl+Alt+M, on a Mac Cmd+Option+M. With AltGr, which many keyboards send as Ctrl+Alt, it is a letter that somebody types. */
export function asksToComment(event: KeyboardEvent): boolean {
  const chord = (event.ctrlKey || event.metaKey) && event.altKey && !event.shiftKey;
  return chord && event.code === "KeyM" && !event.getModifierState("AltGraph") && !event.isComposing;
}
