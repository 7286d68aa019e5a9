/**
 * The chair's console, kept up to date and worked by keys. The server draws every part of the page; this fetches the parts that
 * changed, sends the forms as commands, and moves the focus. Without it the page does all of this with links and forms.
 */

import "./styles/console.css";
import { commandOf, type Command } from "./console_forms";
import { partsOf, put, Typed, type Fetched } from "./console_parts";
import { mintCommandKey } from "./model/ids";

const KEYS_OFF = "unbracket-console-keys";
/** Notes that were being typed when the page was loaded again. */
const TYPED = "unbracket-console-typed";
const TOLD_MS = 8_000;
const AGAIN_MS = 5_000;
const GAP_MS = 1_000;
/** Outcomes after which the focus goes to the next row. */
const OUTCOMES = new Set(["record_outcome", "consider_paragraph", "pick_option", "decide_call"]);
/** Acts that decide about others on the same words, too: the form asks, and so do the keys. */
const ASKING = new Set(["a", "d", "y"]);
/** Where the buttons of keys are that are not about the row on the floor. */
const WITHIN: Readonly<Record<string, string>> = { y: ".call-bar", w: ".call-bar", c: ".bulk" };

class Console {
  readonly #page: HTMLElement;
  readonly #base: string;
  readonly #typed = new Typed();
  #look: URLSearchParams;
  #seq: string;
  #stream: EventSource | null = null;
  #fetching: Promise<void> | null = null;
  #again = false;
  /** The command under way, and what it asks: another one waits for it, the same one once more is one. */
  #sending: { readonly said: string; readonly done: Promise<boolean> } | null = null;
  #composing = false;
  #asking = "";
  #cursor = "";
  #called = "";
  #fetched = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #told: ReturnType<typeof setTimeout> | undefined;

  constructor(page: HTMLElement) {
    this.#page = page;
    this.#base = page.dataset["console"] ?? "";
    this.#seq = page.dataset["seq"] ?? "";
    this.#look = new URL(page.dataset["look"] ?? "", location.href).searchParams;
  }

  start(): void {
    const page = this.#page;
    this.#called = this.#callId();
    this.#cursor = this.#floorKey();
    this.#rove();
    this.#row(this.#cursor)?.scrollIntoView({ block: "nearest" });
    page.addEventListener("submit", (event) => this.#submitted(event));
    page.addEventListener("click", (event) => this.#clicked(event));
    page.addEventListener("focusin", (event) => this.#focused(event.target));
    page.addEventListener("compositionstart", () => (this.#composing = true));
    page.addEventListener("compositionend", () => {
      this.#composing = false;
      if (this.#again) void this.refresh();
    });
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("keyup", (event) => event.key === " " && this.#preview(false));
    addEventListener("blur", () => this.#preview(false));
    this.#prepareHelp();
    this.#typed.take(JSON.parse(sessionStorage.getItem(TYPED) ?? "[]") as [string, string][], page);
    addEventListener("pagehide", () => {
      this.#stream?.close();
      sessionStorage.setItem(TYPED, JSON.stringify(this.#typed.texts(page)));
    });
    addEventListener("pageshow", (event) => event.persisted && this.#follow());
    setInterval(() => this.#tick(), 1_000);
    this.#tick();
    this.#follow();
    page.dataset["ready"] = "";
  }

  // --- what changed -----------------------------------------------------------------------------------------------

  #follow(): void {
    this.#stream?.close();
    const stream = new EventSource(`${this.#base}/events?since=${this.#seq}`);
    this.#stream = stream;
    stream.addEventListener("changed", () => this.#soon());
    stream.addEventListener("reload", () => location.reload());
    stream.addEventListener("open", () => this.#page.removeAttribute("data-lost"));
    stream.addEventListener("error", () => {
      this.#page.dataset["lost"] = "";
      // The browser comes back by itself after a lost connection, but gives up after an answer that is no stream.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.#stream === stream && this.#follow(), 10_000);
    });
  }

  /** Where a room drafts live, something changes with every key: it is looked at once a second. */
  #soon(): void {
    if (this.#waiting !== undefined) return;
    const wait = Math.max(this.#fetched + GAP_MS - Date.now(), 0);
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      void this.refresh();
    }, wait);
  }

  /** Fetches what changed since; asked for again meanwhile, once more afterwards. */
  refresh(): Promise<void> {
    if (this.#composing || this.#fetching) {
      this.#again = true;
      return this.#fetching ?? Promise.resolve();
    }
    this.#again = false;
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = null;
      if (this.#again) void this.refresh();
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    this.#fetched = Date.now();
    const asked = this.#look.toString();
    const query = new URLSearchParams(this.#look);
    query.set("have", partsOf(this.#page).map((part) => part.dataset["tag"]).join(""));
    let answer: Response;
    try {
      answer = await fetch(`${this.#base}/parts?${query.toString()}`, { headers: { accept: "application/json" } });
    } catch {
      return this.#lost();
    }
    // Signed out, or no longer in the chair: the page as it is now says so.
    if (answer.status >= 400 && answer.status < 500) return location.reload();
    if (!answer.ok) return this.#lost();
    this.#page.removeAttribute("data-lost");
    const fetched = (await answer.json()) as Fetched;
    if (asked !== this.#look.toString()) {
      // Another row was chosen meanwhile: what came would be put in place only to be replaced.
      this.#again = true;
      return;
    }
    const inQueue = this.#focusedKey() !== "";
    put(this.#page, fetched, this.#typed);
    this.#seq = String(fetched.seq);
    this.#rove();
    if (inQueue && this.#focusedKey() === "") this.#focusRow();
    this.#tick();
    this.#announce();
  }

  #lost(): void {
    this.#page.dataset["lost"] = "";
    setTimeout(() => void this.refresh(), AGAIN_MS);
  }

  #announce(): void {
    const call = this.#callId();
    if (call !== "" && call !== this.#called) {
      const items = this.#page.querySelector(".call-items")?.textContent?.replace(/\s+/g, " ").trim() ?? "";
      needed("called-out").textContent = `Is there any objection? ${items}`;
    }
    this.#called = call;
  }

  #callId(): string {
    return this.#page.querySelector<HTMLElement>("[data-call]")?.dataset["call"] ?? "";
  }

  // --- what is looked at --------------------------------------------------------------------------------------------

  #go(look: URLSearchParams): Promise<void> {
    this.#look = look;
    const query = look.toString();
    history.replaceState(null, "", query ? `${this.#base}?${query}` : this.#base);
    return this.refresh();
  }

  #changed(name: string, value: string): URLSearchParams {
    const look = new URLSearchParams(this.#look);
    if (value === "") look.delete(name);
    else look.set(name, value);
    return look;
  }

  /** Takes a row up, so that the projector follows; or only looks at it, where it does not. */
  async #takeUp(key: string): Promise<void> {
    this.#cursor = key;
    this.#rove();
    const shown = this.#go(this.#changed("on", key));
    if (!this.#look.has("apart")) {
      const amendment = key.startsWith("amendment:") ? key.slice(10) : "";
      const place = this.#row(key)?.closest<HTMLElement>("[data-part]")?.dataset["part"]?.slice(2) ?? "";
      const paragraph = amendment ? place : key.slice(10);
      if (paragraph && (await this.#send({ act: "take_up", paragraph, amendment }))) {
        // From now on this console shows what is taken up, here or at another desk.
        if (this.#look.get("on") === key) void this.#go(this.#changed("on", ""));
      }
    }
    await shown;
    this.#page.querySelector(".on-floor")?.scrollTo(0, 0);
  }

  #floorKey(): string {
    return this.#page.querySelector<HTMLElement>("[data-floor]")?.dataset["floor"] ?? "";
  }

  // --- commands ---------------------------------------------------------------------------------------------------

  #submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.matches("form[method=get]")) {
      event.preventDefault();
      const look = new URLSearchParams(this.#look);
      for (const [name, value] of new FormData(form)) {
        if (value === "") look.delete(name);
        else look.set(name, String(value));
      }
      look.delete("page");
      void this.#go(look).then(() => this.#focusRow());
    } else if (form.hasAttribute("data-console-form")) {
      event.preventDefault();
      void this.#carryOut(form, event.submitter);
    }
  }

  async #carryOut(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
    const command = commandOf(form, button, this.#page.dataset["zone"] ?? "UTC");
    if (command.act === "open_call") command["call"] = `c-${mintCommandKey().slice(2)}`;
    const inQueue = this.#focusedKey() !== "" || this.#asking !== "";
    const next = form.querySelector<HTMLInputElement>("input[name=next]")?.value || this.#after(this.#floorKey());
    const said = button?.firstChild?.textContent?.trim() ?? "";
    if (!(await this.#send(command))) return void this.refresh();
    this.#asking = "";
    form.reset();
    this.#typed.forget(form);
    if (command.act === "take_up") return this.#go(this.#changed("on", "")).then(() => this.#focusRow());
    this.#tell(`${this.#nameOf(command)}${said}`, false);
    if (OUTCOMES.has(command.act) && next !== "") {
      this.#cursor = next;
      // Paragraphs as they stand are taken one after the other.
      if (command.act === "consider_paragraph" && next.startsWith("paragraph:")) return this.#takeUp(next).then(() => this.#focusRow());
    }
    await this.refresh();
    if (inQueue || OUTCOMES.has(command.act)) this.#focusRow();
  }

  /** Whether a command was carried out; else it is told why not, and nothing is on record. */
  async #send(command: Command): Promise<boolean> {
    const said = JSON.stringify(command);
    while (this.#sending) {
      if (this.#sending.said === said) return false;
      await this.#sending.done;
    }
    const done = this.#post(command);
    this.#sending = { said, done };
    return done.finally(() => (this.#sending = null));
  }

  async #post(command: Command): Promise<boolean> {
    try {
      const answer = await fetch(`/api/opinions/${this.#page.dataset["opinion"] ?? ""}/commands`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...command, key: mintCommandKey() }),
      });
      if (answer.ok) return true;
      const refused = (await answer.json().catch(() => ({}))) as { message?: string };
      this.#tell(`Nothing was recorded. ${refused.message ?? "Load the page again."}`, true);
    } catch {
      this.#tell("Nothing was recorded: the server cannot be reached. Try again.", true);
    }
    return false;
  }

  #nameOf(command: Command): string {
    const key = command["amendment"] ? `amendment:${String(command["amendment"])}` : "";
    const number = this.#row(key)?.querySelector(".number")?.textContent;
    return number ? `${number}: ` : "";
  }

  #tell(text: string, wrong: boolean): void {
    const told = needed("told");
    told.textContent = text;
    told.classList.toggle("wrong", wrong);
    clearTimeout(this.#told);
    // A refusal stays until something else is said.
    if (!wrong) this.#told = setTimeout(() => (told.textContent = ""), TOLD_MS);
  }

  // --- keys -------------------------------------------------------------------------------------------------------

  #pressed(event: KeyboardEvent): void {
    const help = needed("keys-help") as HTMLDialogElement;
    if (help.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    const writing = target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key === "F1" || (event.key === "?" && !writing)) {
      event.preventDefault();
      help.showModal();
    } else if (event.key === "Escape" && this.#page.contains(target)) {
      this.#asking = "";
      this.#focusRow();
    } else if (event.key === "Enter" && this.#asking !== "" && target.closest(".others")) {
      event.preventDefault();
      this.#act(this.#asking, true);
    } else if (this.#focusedKey() !== "" && this.#keysOn() && this.#command(letterOf(event), event.repeat)) {
      event.preventDefault();
    }
  }

  #command(key: string, repeated: boolean): boolean {
    switch (key) {
      case "j":
      case "k":
        this.#move(key === "j" ? 1 : -1);
        return true;
      case " ":
        this.#preview(true);
        return true;
      case "enter":
        void this.#takeUp(this.#focusedKey()).then(() => this.#focusRow());
        return true;
      case "x":
        this.#toggleTick();
        return true;
      case "/":
        needed("find").focus();
        return true;
    }
    if (key.length !== 1 || !"adrbpoywc".includes(key)) return false;
    if (!repeated) this.#act(key, false);
    return true;
  }

  #act(key: string, asked: boolean): void {
    const within = WITHIN[key] ?? ".on-floor";
    const found = this.#page.querySelector<HTMLElement>(`${within} [data-act="${key}"]`);
    const floor = this.#page.querySelector<HTMLElement>("[data-floor]");
    const taken = this.#look.has("apart") || floor?.dataset["taken"] === "yes";
    if (within === ".on-floor" && !asked && (!taken || this.#focusedKey() !== this.#floorKey())) {
      return this.#tell("Press Enter to take this row up first.", true);
    }
    if (!found) return this.#tell(within === ".call-bar" ? "No call for objections is open." : "This is not offered for this row.", true);
    if (key === "c" && !this.#page.querySelector("#queue td.tick input:checked")) return this.#tell("Tick the rows to put together with X first.", true);
    const others = found.closest("form")?.querySelector<HTMLElement>(".others");
    if (others && ASKING.has(key) && !asked) {
      this.#asking = key;
      this.#tell("What becomes of the others on these words? Choose, then press Enter.", false);
      return others.querySelector<HTMLInputElement>("input:checked")?.focus();
    }
    if (found instanceof HTMLDetailsElement) {
      found.open = true;
      found.querySelector<HTMLElement>("input:not([type=hidden]), select")?.focus();
    } else if (found instanceof HTMLFormElement) found.requestSubmit();
    else found.click();
  }

  #toggleTick(): void {
    const row = this.#row(this.#focusedKey());
    const box = row?.querySelector<HTMLInputElement>("input[type=checkbox]");
    if (box) box.checked = !box.checked;
    else this.#tell("This row is not ticked: only amendments are, and none that is before the meeting already.", true);
  }

  #preview(on: boolean): void {
    this.#page.classList.toggle("previewing", on);
  }

  #keysOn(): boolean {
    return localStorage.getItem(KEYS_OFF) !== "off";
  }

  #prepareHelp(): void {
    const help = needed("keys-help") as HTMLDialogElement;
    const box = needed("keys-on") as HTMLInputElement;
    box.checked = this.#keysOn();
    box.addEventListener("change", () => {
      if (box.checked) localStorage.removeItem(KEYS_OFF);
      else localStorage.setItem(KEYS_OFF, "off");
      this.#showKeys();
    });
    const button = this.#page.querySelector<HTMLElement>("[data-keys-help]");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => help.showModal());
    }
    help.addEventListener("close", () => this.#focusRow());
    this.#showKeys();
  }

  #showKeys(): void {
    this.#page.classList.toggle("with-keys", this.#keysOn());
  }

  // --- the rows ---------------------------------------------------------------------------------------------------

  #links(): HTMLAnchorElement[] {
    return [...this.#page.querySelectorAll<HTMLAnchorElement>("#queue a[data-key]")];
  }

  #row(key: string): HTMLElement | null {
    return key === "" ? null : this.#page.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
  }

  #focusedKey(): string {
    const element = document.activeElement;
    return element instanceof HTMLElement && element.closest("#queue") ? (element.dataset["key"] ?? "") : "";
  }

  #focused(target: EventTarget | null): void {
    const key = target instanceof HTMLElement && target.closest("#queue") ? target.dataset["key"] : undefined;
    if (key === undefined) return;
    this.#cursor = key;
    this.#rove();
  }

  /** One row is reached by Tab, the others by J and K. */
  #rove(): void {
    const links = this.#links();
    const here = links.find((link) => link.dataset["key"] === this.#cursor) ?? links[0];
    for (const link of links) link.tabIndex = link === here ? 0 : -1;
  }

  #focusRow(): void {
    const links = this.#links();
    const link = links.find((one) => one.dataset["key"] === this.#cursor) ?? links[0];
    link?.focus();
    link?.closest("tr")?.scrollIntoView({ block: "nearest" });
  }

  #move(by: number): void {
    const links = this.#links();
    const place = links.findIndex((link) => link.dataset["key"] === this.#cursor);
    const next = links[place + by];
    if (next) {
      this.#cursor = next.dataset["key"] ?? "";
      this.#focusRow();
    } else {
      const page = this.#page.querySelector<HTMLAnchorElement>(`.pages a[rel=${by > 0 ? "next" : "prev"}]`);
      if (page) void this.#go(new URL(page.href).searchParams).then(() => this.#focusEnd(by));
    }
  }

  #focusEnd(by: number): void {
    const links = this.#links();
    this.#cursor = (by > 0 ? links[0] : links.at(-1))?.dataset["key"] ?? "";
    this.#focusRow();
  }

  #after(key: string): string {
    const keys = this.#links().map((link) => link.dataset["key"] ?? "");
    const place = keys.indexOf(key);
    return keys[place + 1] ?? keys[place - 1] ?? "";
  }

  #clicked(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const address = new URL(link.href);
    if (address.pathname !== this.#base || link.hash) return;
    event.preventDefault();
    const key = link.dataset["key"];
    if (key !== undefined) void this.#takeUp(key);
    else void this.#go(address.searchParams);
  }

  #tick(): void {
    for (const timer of this.#page.querySelectorAll<HTMLElement>("[data-until]")) {
      const left = Math.round((Date.parse(timer.dataset["until"] ?? "") - Date.now()) / 1_000);
      const shown = `${String(Math.floor(Math.abs(left) / 60)).padStart(2, "0")}:${String(Math.abs(left) % 60).padStart(2, "0")}`;
      timer.textContent = left >= 0 ? shown : `over by ${shown}`;
    }
  }
}

/** The letter of a key. On a keyboard of another script (Arabic, Cyrillic) it is that of the key's place. */
function letterOf({ key, code }: KeyboardEvent): string {
  const other = key.length === 1 && key > "~" && code.startsWith("Key");
  return (other ? code.slice(3) : key).toLowerCase();
}

function needed(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The console lacks #${id}.`);
  return element;
}

const page = document.querySelector<HTMLElement>("main[data-console]");
if (page) new Console(page).start();
