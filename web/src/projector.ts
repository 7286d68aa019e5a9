/**
 * The room's screen: keeps the text as it is committed, brings the paragraph in hand to the middle, shows the call for objections.
 *
 * The server renders everything that stands on it (server/projecting); this puts it in place, counts the shown time down, and minds
 * the keys. It can send nothing. Without it the page loads itself again every few seconds.
 */

import { put, type Told } from "./live";

/** One event of the stream (server/projecting/feed.py). */
export interface Shown extends Told {
  readonly here: string;
  readonly cited: string;
  readonly brackets: number;
  readonly bar: string;
  readonly until: string | null;
  readonly result: string;
  /** Seconds for which the result still stands. */
  readonly left: number;
  readonly now: string;
}

const SIZES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];
const USUAL = SIZES.indexOf(1);
const TICK_MS = 500;
const LOST_MS = 10_000;

/** "2:05" of seconds; nothing below zero: that the time has passed means nothing. */
export function spelled(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** The paragraph `step` further on; the first or last stays. */
export function neighbour(ids: readonly string[], here: string, step: 1 | -1): string {
  const at = ids.indexOf(here);
  if (at < 0) return ids[step === 1 ? 0 : ids.length - 1] ?? "";
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? "";
}

export class ProjectorScreen {
  readonly #page: Document;
  readonly #text: HTMLElement;
  readonly #main: HTMLElement;
  #stream: EventSource | null = null;
  #seq: string;
  /** What the chair has taken up, and what is shown: not the same once somebody pressed an arrow. */
  #chairs: string;
  #here: string;
  #following = true;
  #size = USUAL;
  /** Milliseconds by which the server's clock is ahead of this one. */
  #ahead = 0;
  #until: number | null = null;
  #resultUntil: number | null = null;

  constructor(page: Document) {
    this.#page = page;
    this.#text = this.#needed("text");
    this.#main = this.#needed("main");
    this.#seq = page.body.dataset["seq"] ?? "";
    this.#chairs = this.#here = this.#text.dataset["here"] ?? "";
    const timer = this.#needed("timer").dataset["until"];
    this.#until = timer ? Date.parse(timer) : null;
    const left = Number(this.#needed("result").dataset["left"] ?? 0);
    this.#resultUntil = left > 0 ? Date.now() + left * 1000 : null;
  }

  start(): void {
    const acts: Record<string, () => void> = {
      follow: () => this.#follow(),
      blank: () => this.#toggle("blanked"),
      smaller: () => this.#resize(-1),
      larger: () => this.#resize(1),
      light: () => this.#toggle("light"),
    };
    for (const [id, act] of Object.entries(acts)) this.#needed(id).addEventListener("click", act);
    this.#needed("controls").hidden = false;
    this.#page.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pagehide", () => this.#stream?.close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
    addEventListener("resize", () => this.#bring(false));
    setInterval(() => this.#tick(), TICK_MS);
    this.#mark();
    this.#bring(false);
    void this.#page.fonts?.ready.then(() => this.#bring(false));
    this.#tick();
    this.#open();
  }

  #open(): void {
    this.#stream?.close();
    const address = new URL(this.#page.body.dataset["events"] ?? "", location.href);
    address.searchParams.set("since", this.#seq);
    const stream = follow(address);
    this.#stream = stream;
    stream.addEventListener("open", () => this.#say(""));
    stream.addEventListener("screen", (event) => this.show(JSON.parse((event as MessageEvent<string>).data) as Shown));
    stream.addEventListener("error", () => this.#say("Connection lost. Trying again."));
  }

  show(shown: Shown): void {
    this.#ahead = Date.parse(shown.now) - Date.now();
    put(this.#text, shown);
    this.#seq = String(shown.seq);
    this.#chairs = shown.here;
    if (this.#following) this.#here = this.#chairs;
    this.#words("cited", shown.cited);
    this.#words("brackets", String(shown.brackets));
    this.#needed("brackets-noun").textContent = shown.brackets === 1 ? "bracket" : "brackets";
    const bar = this.#needed("bar");
    bar.hidden = shown.bar === "";
    const call = this.#needed("call");
    if (call.innerHTML !== shown.bar) call.innerHTML = shown.bar;
    this.#until = shown.until ? Date.parse(shown.until) : null;
    const result = this.#needed("result");
    result.innerHTML = shown.result;
    this.#resultUntil = shown.result ? Date.now() + shown.left * 1000 : null;
    this.#tick();
    this.#mark();
    this.#bring(true);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    if (act === "next") this.#step(1);
    else if (act === "previous") this.#step(-1);
    else this.#needed(act).click();
  }

  #step(step: 1 | -1): void {
    const ids = Array.from(this.#text.children, (element) => element.id);
    this.#following = false;
    this.#here = neighbour(ids, this.#here, step);
    this.#mark();
    this.#bring(true);
  }

  #follow(): void {
    this.#following = true;
    this.#here = this.#chairs;
    this.#mark();
    this.#bring(true);
  }

  #resize(step: 1 | -1): void {
    this.#size = Math.min(SIZES.length - 1, Math.max(0, this.#size + step));
    this.#page.documentElement.style.setProperty("--pj-scale", String(SIZES[this.#size]));
    this.#bring(false);
  }

  #toggle(name: "blanked" | "light"): void {
    const on = this.#page.body.classList.toggle(name);
    this.#needed(name === "light" ? "light" : "blank").setAttribute("aria-pressed", String(on));
  }

  #mark(): void {
    this.#text.classList.toggle("taken-up", this.#here !== "");
    for (const element of this.#text.children) {
      const here = element.id === this.#here;
      element.classList.toggle("here", here);
      if (here) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
    this.#needed("follow").setAttribute("aria-pressed", String(this.#following));
    this.#page.body.classList.toggle("astray", !this.#following);
  }

  /** The paragraph in hand to the middle; one longer than the screen with its beginning near the top. */
  #bring(smoothly: boolean): void {
    const element = this.#here ? this.#page.getElementById(this.#here) : null;
    if (!element) return;
    const room = this.#main.clientHeight;
    const height = element.offsetHeight;
    const above = height < room * 0.8 ? (room - height) / 2 : room * 0.1;
    const still = !smoothly || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = element.getBoundingClientRect().top - this.#main.getBoundingClientRect().top + this.#main.scrollTop - above;
    this.#main.scrollTo({ top, behavior: still ? "auto" : "smooth" });
  }

  #tick(): void {
    const now = Date.now() + this.#ahead;
    const zone = this.#page.body.dataset["zone"] ?? "UTC";
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: false });
    this.#words("clock", clock.format(now));
    const timer = this.#needed("timer");
    timer.hidden = this.#until === null;
    if (this.#until !== null) this.#words("time-left", spelled((this.#until - now) / 1000));
    const result = this.#needed("result");
    const stands = this.#resultUntil !== null && Date.now() < this.#resultUntil;
    if (result.hidden === stands) result.hidden = !stands;
  }

  #say(words: string): void {
    this.#words("state", words);
  }

  #words(id: string, words: string): void {
    const element = this.#needed(id);
    if (id === "cited") element.hidden = words === "";
    if (element.textContent !== words) element.textContent = words;
  }

  #needed(id: string): HTMLElement {
    const element = this.#page.getElementById(id);
    if (!element) throw new Error(`The screen lacks #${id}.`);
    return element;
  }
}

const KEYS: Readonly<Record<string, "next" | "previous" | "follow" | "blank" | "smaller" | "larger" | "light">> = {
  arrowdown: "next",
  arrowright: "next",
  pagedown: "next",
  arrowup: "previous",
  arrowleft: "previous",
  pageup: "previous",
  f: "follow",
  b: "blank",
  "-": "smaller",
  "+": "larger",
  "=": "larger",
  l: "light",
};

/** A stream that loads the page again when it is told to, or when the server answers with no stream. */
function follow(address: URL): EventSource {
  const stream = new EventSource(address);
  stream.addEventListener("reload", () => location.reload());
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), LOST_MS);
  });
  return stream;
}

if (typeof document !== "undefined" && document.body?.classList.contains("projector")) {
  if (document.getElementById("text")) new ProjectorScreen(document).start();
  else follow(new URL(document.body.dataset["events"] ?? "", location.href));
}
