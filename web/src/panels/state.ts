/**
 * What all panels of the editor page share: the session, the facts that follow from text and record, and what the reader has chosen.
 *
 * Panels read from here and call methods here; none of them knows another.
 */

import type { Bootstrap, FrozenVersion, Party } from "../bootstrap";
import { addresses } from "../bootstrap";
import { CommandRefused, type Command, type CommandResult } from "../model/commands";
import { mintCallId } from "../model/ids";
import type { AmendmentId, ParagraphId } from "../model/marks";
import { isOpen, type Amendment, type RecordView, type Ruling } from "../model/record";
import { ACTS, BRACKET_RULING_WORDS, REFUSALS, RULING_WORDS, type ViewName } from "../terms";
import type { Caret, EditorPort, RoomSession, Visit } from "./ports";
import type { Anchors } from "./anchors";
import { editsOf, type Edit } from "./changes";
import { factsOf, paragraphOf, type Facts } from "./facts";
import { admits, readFilter, withFilter, type Filter } from "./filter";
import { isChair, type Stage, type Who } from "./powers";
import { bring, paragraphElement, wordsElement } from "./reveal";
import { LiveText, wordsOf } from "./text";
import type { MeetingZone } from "./times";
import { struckDigest, wordsDigest } from "./words_digest";

export type SideTab = "outline" | "proposals" | "brackets";
export type DialogName =
  | { readonly name: "freeze" | "export" | "help" | "unsent" }
  | {
      readonly name: "insert" | "retype" | "correct";
      readonly paragraph: ParagraphId;
      readonly from: number;
      readonly to: number;
    };

/** Something told once at the foot of the page. Refusals stay until they are closed. */
export interface Told {
  readonly id: number;
  readonly tone: "plain" | "refused" | "frozen";
  readonly text: string;
  readonly detail?: string;
  /** What only some will want to see; behind a summary. */
  readonly more?: { readonly summary: string; readonly text: string };
  readonly action?: { readonly label: string; readonly run: () => void };
}

export interface Choices {
  readonly view: ViewName;
  readonly selected: AmendmentId | null;
  readonly paragraph: ParagraphId | null;
  readonly filter: Filter;
  readonly side: SideTab;
  /** Drawer of the outline and sheet of the cards, on screens without room for both. */
  readonly drawer: boolean;
  readonly sheet: boolean;
  readonly dialog: DialogName | null;
  readonly told: readonly Told[];
  /** Said to those who listen; shown to nobody. */
  readonly said: string;
}

/** How long typing may run ahead of the panels; cards and counts need not follow every key. */
const SETTLE_MS = 90;

export class PageState {
  readonly bootstrap: Bootstrap;
  readonly session: RoomSession;
  readonly zone: MeetingZone;
  readonly addresses: ReturnType<typeof addresses>;
  readonly parties: ReadonlyMap<string, Party>;
  choices: Choices;
  versions: readonly FrozenVersion[];
  editor: EditorPort | null = null;
  /** Where the text stands on the page; null before it was measured. */
  anchors: Anchors | null = null;
  readonly #text: LiveText;
  #record: RecordView;
  readonly #listeners = new Set<() => void>();
  #facts: Facts | null = null;
  #settling: ReturnType<typeof setTimeout> | null = null;
  #toldCount = 0;
  #notifying = false;
  #awaited: AmendmentId | null = null;
  #ruledBy = "";

  constructor(bootstrap: Bootstrap, session: RoomSession, address: string) {
    this.bootstrap = bootstrap;
    this.session = session;
    this.zone = { zone: bootstrap.process.zone, name: bootstrap.process.zoneName };
    this.addresses = addresses(bootstrap.opinion.id);
    this.versions = bootstrap.versions;
    this.parties = new Map(bootstrap.delegations.map((party) => [party.code, party]));
    this.choices = {
      view: "marked",
      selected: null,
      paragraph: null,
      filter: readFilter(address),
      side: isChair(bootstrap.member) ? "proposals" : "outline",
      drawer: false,
      sheet: false,
      dialog: null,
      told: [],
      said: "",
    };
    this.lookedAt = lastLook(bootstrap.opinion.id);
    this.#text = new LiveText(session.doc);
    this.#record = session.record;
    this.#text.subscribe(() => this.#settle());
    session.subscribe(() => {
      this.#text.follow(session.doc);
      if (this.#record !== session.record) this.#facts = null;
      this.#record = session.record;
      this.#notifySoon();
    });
  }

  get facts(): Facts {
    this.#facts ??= factsOf(this.#text.paragraphs, this.session.record, this.session.party);
    return this.#facts;
  }

  get who(): Who {
    const { role, delegation } = this.session.identity ?? this.bootstrap.member;
    return { role, delegation, group: this.bootstrap.group };
  }

  get stage(): Stage {
    const { status } = this.session;
    return { closed: this.facts.record.opinion.closed || status.kind === "closed", connected: status.kind === "open" };
  }

  measured(anchors: Anchors): void {
    this.anchors = anchors;
    this.#notify();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  choose(choices: Partial<Choices>): void {
    this.choices = { ...this.choices, ...choices };
    this.#notify();
  }

  /** Pending amendments that the filter lets through; decided ones have no card. */
  get shown(): readonly Amendment[] {
    const { filter } = this.choices;
    return this.pending.filter((amendment) => admits(filter, amendment, this.who.delegation));
  }

  get pending(): readonly Amendment[] {
    return this.facts.amendments.filter(isOpen);
  }

  setFilter(filter: Filter): void {
    history.replaceState(history.state, "", withFilter(location.href, filter));
    this.choose({ filter });
  }

  party(code: string): Party {
    return this.parties.get(code) ?? { code, name: OFFICES[code] ?? code, kind: "", region: code in OFFICES ? "chr" : "sec" };
  }

  /** What an amendment does, as cards and lists show it; a removal strikes the words of its paragraph. */
  editsOf(amendment: Amendment): readonly Edit[] {
    const edits = editsOf(amendment, this.facts.changes.get(amendment.id));
    if (amendment.kind !== "SUP" || edits.length > 0) return edits;
    const paragraph = this.facts.paragraphs[this.facts.order.get(amendment.paragraph) ?? -1];
    return paragraph ? [{ struck: wordsOf(paragraph), written: "", bracketed: "", after: "" }] : [];
  }

  placeOf(amendment: Amendment): ParagraphId {
    return paragraphOf(amendment, this.facts.changes.get(amendment.id));
  }

  /** Selects an amendment: its card opens, its words stand out. With `scroll` the text is brought there. */
  select(id: AmendmentId | null, { scroll = false }: { scroll?: boolean } = {}): void {
    const amendment = id === null ? undefined : this.facts.record.amendments.get(id);
    const marked = id !== null && this.choices.view !== "marked";
    this.choose({ selected: id, ...(marked && { view: "marked" }), ...(amendment && { paragraph: this.placeOf(amendment) }) });
    this.editor?.highlight(id);
    if (id === null || !scroll) return;
    const text = this.editor?.element;
    if (!amendment || !text) return;
    const element = wordsElement(text, id) ?? paragraphElement(text, this.placeOf(amendment));
    if (element) bring(element);
  }

  /** The caret is elsewhere: the chip and the outline follow, and the card of the words under it opens. */
  caretMoved(caret: Caret | null): void {
    if (!caret) return;
    const [amendment] = caret.amendments;
    const known = amendment !== undefined && this.facts.record.amendments.has(amendment);
    this.#awaited = known ? null : (amendment ?? null);
    const selected = known ? amendment : this.choices.selected;
    if (caret.paragraph === this.choices.paragraph && selected === this.choices.selected) return;
    this.choose({ paragraph: caret.paragraph, selected });
    this.editor?.highlight(selected);
  }

  /** F8 and F9 went somewhere: said for those who do not see it. */
  visited({ kind, id, number, of }: Visit): void {
    this.choose({ said: `${kind === "change" ? "Change" : "Open bracket"} ${number} of ${of}`, selected: id });
    this.editor?.highlight(id);
  }

  /** A version was made: the lists of versions know it from now on. */
  frozen({ version, label, fingerprint }: { version: number; label: string; fingerprint: string }): void {
    if (this.versions.some(({ number }) => number === version)) return;
    this.versions = [...this.versions, { number: version, label, at: new Date().toISOString(), fingerprint }];
    this.#notify();
  }

  /** To a paragraph, in whatever view is shown; in the live text the caret goes there too. */
  goTo(paragraph: ParagraphId): void {
    this.choose({ drawer: false, paragraph });
    if (this.choices.view !== "marked") {
      const shown = document.getElementById(paragraph);
      if (shown) bring(shown, "start");
      return;
    }
    this.editor?.revealParagraph(paragraph);
    const element = this.editor && paragraphElement(this.editor.element, paragraph);
    if (element) bring(element, "start");
  }

  /**
   * Asks the server for something. Null when it was refused; the person has then been told why.
   * `unproved` is called instead of telling when the server first wants to know that it is the person.
   */
  async run(command: Command, unproved?: () => void): Promise<CommandResult | null> {
    try {
      return await this.session.command(command);
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      if (error.code === "proof-needed" && unproved) {
        unproved();
        return null;
      }
      // Only a proposal can have been decided meanwhile; of the text and its paragraphs the server says what stands in the way.
      const overtaken = error.code !== "wrong-status" || OVERTAKEN.includes(command.act);
      const lead = overtaken ? REFUSALS[error.code] : undefined;
      this.tell({ tone: "refused", text: lead ?? error.message, ...(lead && { detail: error.message }) });
      return null;
    }
  }

  tell(told: Omit<Told, "id">): void {
    this.#toldCount += 1;
    const next = { ...told, id: this.#toldCount };
    this.choose({ told: [...this.choices.told, next].slice(-MOST_TOLD) });
  }

  forget(id: number): void {
    this.choose({ told: this.choices.told.filter((told) => told.id !== id) });
  }

  /** Proposes a draft that strikes what this screen shows. When other words stand struck by now, the server refuses: nobody takes out unseen words. */
  async submit({ id }: Amendment, reason: string): Promise<CommandResult | null> {
    const struck = await struckDigest(this.facts.paragraphs, this.facts.record, id);
    return this.run({ act: "submit", amendment: id, reason, struck });
  }

  /**
   * Records the chair's ruling on the words that this screen shows. When others stand by now, the server refuses and nothing changes.
   * Tells what was recorded, with the way back at hand. True when it is on record.
   */
  async record(amendment: Amendment, ruling: Ruling, note = ""): Promise<boolean> {
    const words = await wordsDigest(this.facts.paragraphs, amendment);
    const { id, revision, number, kind } = amendment;
    const command: Command = { act: "record_outcome", amendment: id, revision, ruling, words, note, ...this.onInstruction() };
    if (!(await this.run(command))) return false;
    const outcome = (kind === "bracket" ? BRACKET_RULING_WORDS : RULING_WORDS)[ruling];
    const undo = { label: ACTS.reopen, run: () => void this.run(this.reopening(amendment)) };
    this.tell({ tone: "plain", text: `#${number}: ${outcome}.`, action: undo });
    return true;
  }

  reopening({ id }: Amendment): Command {
    return { act: "reopen", amendment: id, ...this.onInstruction() };
  }

  /** Puts the words on the screen to the meeting: other words that stand by now are refused. */
  async call(amendment: Amendment): Promise<boolean> {
    const { id, revision } = amendment;
    const words = await wordsDigest(this.facts.paragraphs, amendment);
    const items = [{ amendment: id, revision, words }];
    return (await this.run({ act: "open_call", call: mintCallId(), items, ...this.onInstruction() })) !== null;
  }

  /** The chair named in what the secretariat records; nothing when the chair records it. */
  onInstruction(): { ruled_by?: string } {
    return this.who.role === "secretariat" ? { ruled_by: this.ruledBy } : {};
  }

  /** The chair on whose instruction the secretariat records: the only one, or the one chosen; empty while nobody is. */
  get ruledBy(): string {
    const { chairs } = this.bootstrap;
    return chairs.length === 1 ? (chairs[0] ?? "") : this.#ruledBy;
  }

  set ruledBy(name: string) {
    this.#ruledBy = name;
    this.#notify();
  }

  /** When this person last had the page open (ISO time, UTC); what changed later is new. Empty on a first visit. */
  readonly lookedAt: string;

  #settle(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = null;
      this.#facts = null;
      this.#notify();
      // Words just begun are an amendment only now: their card opens as if the caret had come to them.
      if (this.#awaited !== null && this.facts.record.amendments.has(this.#awaited)) this.select(this.#awaited);
      this.#awaited = null;
    }, SETTLE_MS);
  }

  /** Several events of one frame of the wire are one drawing. */
  #notifySoon(): void {
    if (this.#notifying) return;
    this.#notifying = true;
    queueMicrotask(() => {
      this.#notifying = false;
      this.#notify();
    });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Acts on a proposal as it stood on the screen. */
const OVERTAKEN: readonly Command["act"][] = ["record_outcome", "open_call", "call_for_objections", "cosponsor", "withdraw"];
const MOST_TOLD = 2;
/** Parties that are no delegations (`opinions/record.py`). */
const OFFICES: Readonly<Record<string, string>> = { SEC: "Secretariat", CHR: "Chair" };

/** Reads when the person last looked, and remembers this visit when the page is left. */
function lastLook(opinion: string): string {
  const key = `looked:${opinion}`;
  try {
    const at = localStorage.getItem(key) ?? "";
    addEventListener("pagehide", () => localStorage.setItem(key, new Date().toISOString()));
    return at;
  } catch {
    return ""; // storage may be forbidden; then everything is new
  }
}
