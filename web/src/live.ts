/**
 * The live page: keeps the text as it stands in the room.
 *
 * The server renders every paragraph; this puts the changed ones in place, marks them for two seconds, and says how fresh the page
 * is. It can send nothing. Without it the page is complete as it was when loaded.
 */

/** One event of the stream (server/live_feed.py): changed paragraphs by id, and the order of all when it differs. */
export interface Told {
  readonly seq: number;
  readonly draft: string;
  readonly changed: Readonly<Record<string, string>>;
  readonly order?: readonly string[];
  readonly at: string;
  readonly clock: string;
}

export const CHANGED = "changed";
const MARK_MS = 2_000;
/** Events held back while paused; past this the page takes the whole text again when it goes on. */
const HELD_AT_MOST = 200;

/** Puts what was told into the text. Returns the ids of the paragraphs that read differently now. */
export function put(text: HTMLElement, told: Told): string[] {
  const page = text.ownerDocument;
  const fresh = new Map<string, Element>();
  for (const [id, html] of Object.entries(told.changed)) {
    const template = page.createElement("template");
    template.innerHTML = html;
    const element = template.content.firstElementChild;
    if (element) fresh.set(id, element);
  }
  const present = new Map(Array.from(text.children, (element) => [element.id, element] as const));
  const different: string[] = [];
  for (const [id, element] of fresh) {
    const old = present.get(id);
    if (old) unmark(old);
    if (old?.isEqualNode(element)) continue;
    different.push(id);
    old?.replaceWith(element);
    present.set(id, element);
  }
  if (told.order) {
    const wanted = new Set(told.order);
    for (const [id, element] of present) if (!wanted.has(id)) element.remove();
    let place = text.firstElementChild;
    for (const id of told.order) {
      const element = present.get(id);
      if (!element) continue;
      if (element === place) place = place.nextElementSibling;
      else text.insertBefore(element, place);
    }
  }
  return different;
}

/** Marks paragraphs as just changed, for two seconds each. */
export function mark(text: HTMLElement, ids: Iterable<string>): void {
  for (const id of ids) {
    const element = text.ownerDocument.getElementById(id);
    if (!element || !text.contains(element)) continue;
    element.classList.add(CHANGED);
    setTimeout(() => unmark(element), MARK_MS);
  }
}

function unmark(element: Element): void {
  element.classList.remove(CHANGED);
  if (element.classList.length === 0) element.removeAttribute("class");
}

class LivePage {
  readonly #text = needed("text");
  readonly #state = needed("state");
  readonly #clock = needed("as-of");
  readonly #pause = needed("pause");
  #stream: EventSource | null = null;
  #held: Told[] | null = null;
  #seq = this.#text.dataset["seq"] ?? "";

  start(): void {
    this.#pause.hidden = false;
    this.#pause.addEventListener("click", () => (this.#held ? this.#goOn() : this.#hold()));
    // A page kept in the browser's memory must not come back with an old text and a dead stream.
    addEventListener("pagehide", () => this.#stream?.close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  #open(): void {
    this.#stream?.close();
    const address = new URL(this.#text.dataset["events"] ?? "", location.href);
    address.searchParams.set("since", this.#seq);
    const stream = new EventSource(address);
    this.#stream = stream;
    stream.addEventListener("open", () => this.#say(this.#held ? "paused" : "live"));
    stream.addEventListener("text", (event) => this.#take(JSON.parse((event as MessageEvent<string>).data) as Told));
    stream.addEventListener("closed", (event) => this.#end(JSON.parse((event as MessageEvent<string>).data).clock));
    stream.addEventListener("reload", () => location.reload());
    stream.addEventListener("error", () => this.#lost(stream));
  }

  #lost(stream: EventSource): void {
    this.#say("lost");
    // The browser tries again by itself after a lost connection, but gives up after an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.#stream === stream && location.reload(), 10_000);
  }

  #take(told: Told): void {
    if (!this.#held) this.#show(told);
    else if (this.#held.length < HELD_AT_MOST) this.#held.push(told);
  }

  #show(told: Told): void {
    const first = this.#seq === "";
    const different = put(this.#text, told);
    if (!first) mark(this.#text, different);
    this.#seq = String(told.seq);
    this.#clock.textContent = told.clock;
    this.#clock.setAttribute("datetime", told.at);
    const draft = document.getElementById("draft");
    if (draft && draft.textContent !== told.draft) draft.textContent = told.draft;
    this.#say("live");
  }

  #hold(): void {
    this.#held = [];
    this.#pause.textContent = "Go on";
    this.#say("paused");
  }

  #goOn(): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#pause.textContent = "Pause updates";
    this.#say("live");
    if (held.length >= HELD_AT_MOST) {
      this.#seq = "";
      this.#open();
    }
    for (const told of held) this.#show(told);
  }

  #end(clock: string): void {
    this.#stream?.close();
    this.#stream = null;
    this.#pause.hidden = true;
    this.#say("ended");
    const ended = needed("ended");
    ended.hidden = false;
    const note = ended.firstElementChild;
    if (note) note.textContent = `This sitting was closed to observers at ${clock}. The text below is as it stood then.`;
    needed("sheet").classList.add("ended");
  }

  #say(state: keyof typeof WORDS): void {
    if (this.#state.dataset["state"] === state) return;
    this.#state.dataset["state"] = state;
    this.#state.textContent = WORDS[state];
  }
}

const WORDS = {
  live: "Live, as of",
  paused: "Paused, as of",
  lost: "Connection lost, as of",
  ended: "Closed, as of",
} as const;

function needed(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The live page lacks #${id}.`);
  return element;
}

if (typeof document !== "undefined" && document.getElementById("as-of")) new LivePage().start();
