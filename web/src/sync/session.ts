/**
 * One person's work at one Opinion: the text shown, the record, what is on its way, what could not be sent.
 *
 * S1 "Saved" is said only when everything typed here is acknowledged.
 * S2 After a refusal the connection counts for nothing until it has greeted anew: new document, new lease, words offered again.
 * S3 While something holds (an input method is composing) the text does not change under it; frames wait in their order.
 * S4 Nothing typed here is dropped: it is acknowledged, or done again, or in the tray.
 */

import * as Y from "yjs";
import { CommandRefused, type Command, type CommandResult } from "../model/commands";
import { mintAmendmentId, mintCommandKey } from "../model/ids";
import type { AmendmentId, ParagraphId } from "../model/marks";
import type { RecordView } from "../model/record";
import { appendAgain, doAgain, type Owner } from "./again";
import { Asked } from "./asked";
import { Connection, type ConnectionStatus } from "./connection";
import { Copy } from "./copy";
import { Emitter } from "./emitter";
import { FreezeWatch } from "./freeze_check";
import {
  OPINION_STREAM,
  SCHEMA,
  WORKSPACE_STREAM,
  type Notice,
  type Scope,
  type ServerMessage,
  type Welcome,
} from "./protocol";
import { Presence, type Present } from "./presence";
import { RecordReader } from "./record_view";
import { recover, type Comparable, type Desk, type Refusal } from "./recovery";
import type { OutboxEntry, Unsent } from "./store";
import type { Identity, SessionEvents, SessionOptions } from "./session_options";
import { Tray } from "./tray";

export type { Identity, SessionEvents, SessionOptions } from "./session_options";

/** What an amendment is to the party acted for; see `editor/authority.ts`. */
type Standing = "editable" | "fixed" | "foreign";

const KEEP_MS = 1_000;
const SWITCH_MS = 3_000;

export class OpinionSession {
  seq = 0;
  savedAt: Date | null = null;
  /** False while the server says that it can save nothing (W9). */
  saves = true;
  welcome: Welcome | null = null;
  private readonly options: SessionOptions;
  private readonly connection: Connection;
  private readonly emitter = new Emitter<SessionEvents & { any: null }>();
  private readonly copies = new Map<Scope, Copy>();
  private readonly tray: Tray;
  private readonly presence: Presence;
  private readonly freezes = new FreezeWatch();
  private readonly minted = new Set<AmendmentId>();
  private readonly asked = new Asked();
  private reader: RecordReader;
  private copy: Copy;
  private chosenParty: string | null = null;
  /** HELLOs not answered yet; only the answer to the last one counts. */
  private greetings = 0;
  private greeted: Welcome | null = null;
  /** The next greeting asks for a new lease and the whole text. */
  private anew = false;
  private refusal: Refusal | null = null;
  private clocksUpTo = Infinity;
  private synced = false;
  private sent = 0;
  private holds = 0;
  private held: ServerMessage[] = [];
  private orphansSought = false;
  private keepDue: (() => void) | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    this.copy = this.copyOf(options.scope);
    this.reader = this.readerOf(this.copy);
    const place = { member: options.member, opinion: options.opinion, scope: options.scope };
    this.tray = new Tray(place, options.store, (error) => this.emitter.emit("trouble", error));
    this.presence = new Presence(
      (caret) => this.synced && this.connection.send({ type: "presence", ...caret }),
      (milliseconds, act) => options.surroundings.after(milliseconds, act),
    );
    this.connection = new Connection(options.url, options.surroundings, {
      opened: () => this.greet(),
      received: (message) => this.receive(message),
      changed: (status) => this.connectionChanged(status),
      waiting: () => this.sending > 0,
    });
  }

  /** Takes up what an earlier visit left, then connects. Resolves when there is something to show or the socket is on its way. */
  async start(): Promise<void> {
    await Promise.all([this.copy.restore(), this.tray.restore()]).catch((error: unknown) => this.emitter.emit("trouble", error));
    for (const entry of this.copy.outbox.waiting) {
      if (entry.kind === "update") for (const { amendment } of entry.words) this.minted.add(amendment);
    }
    this.follow();
    this.connection.start();
  }

  /** Ends the session; what is not acknowledged stays in the store. */
  async close(): Promise<void> {
    this.connection.stop();
    this.keepDue?.();
    this.presence.stop();
    await Promise.all([...this.copies.values()].map((copy) => copy.keep())).catch(() => {});
    for (const copy of this.copies.values()) copy.destroy();
  }

  /** Signs this person out of the browser: everything kept here under this name goes. */
  async wipe(): Promise<void> {
    await this.close();
    await this.options.store.wipe(this.options.member);
  }

  // -- what is shown

  get doc(): Y.Doc {
    return this.copy.doc;
  }

  get scope(): Scope {
    return this.copy.scope;
  }

  get record(): RecordView {
    return this.reader.view;
  }

  get status(): ConnectionStatus {
    return this.connection.status;
  }

  /** Whether frames travel over plain HTTP, for this network blocks WebSockets. */
  get overHttp(): boolean {
    return this.connection.overHttp;
  }

  /** Whether there is a text to show. */
  get ready(): boolean {
    return this.copy.ready;
  }

  /** How many changes made here are not acknowledged yet. */
  get sending(): number {
    return [...this.copies.values()].reduce((sum, copy) => sum + copy.outbox.size, 0);
  }

  /** The same, counted as a person would: not by keystrokes. */
  get pieces(): number {
    return [...this.copies.values()].reduce((sum, copy) => sum + copy.outbox.pieces, 0);
  }

  get readOnly(): boolean {
    return this.welcome?.readOnly ?? false;
  }

  get liveDrafting(): boolean {
    return this.record.opinion.liveDrafting;
  }

  get identity(): Identity | null {
    if (!this.welcome) return null;
    const { member, name, role, delegation } = this.welcome;
    return { member, name, role, delegation };
  }

  get party(): string {
    return this.chosenParty ?? this.welcome?.party ?? this.options.party ?? "";
  }

  get parties(): readonly string[] {
    return this.welcome?.parties ?? [];
  }

  get present(): readonly Present[] {
    return this.presence.present;
  }

  get unsent(): readonly Unsent[] {
    return this.tray.unsent;
  }

  on<Name extends keyof SessionEvents>(name: Name, listener: (value: SessionEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener as never);
  }

  /** Calls back after any change of what can be read here. */
  subscribe(listener: () => void): () => void {
    return this.emitter.on("any", listener);
  }

  // -- whose words these are

  get mayType(): boolean {
    const { closed, liveDrafting } = this.record.opinion;
    if (closed || !this.copy.ready || this.copy.client === 0 || this.readOnly || this.party === "") return false;
    if (this.status.state === "closed" || !this.saves) return false;
    return this.scope === "workspace" || liveDrafting || this.identity?.role === "secretariat";
  }

  /** crdt/SPEC.md G8: drafts in a workspace; in the opinion's document the party's open amendments that nobody has pinned. */
  standing(id: AmendmentId): Standing {
    const amendment = this.record.amendments.get(id);
    if (!amendment) return this.minted.has(id) ? "editable" : "foreign";
    if (amendment.delegation !== this.party) return "foreign";
    const { status, pinned } = amendment;
    if (this.scope === "workspace") return status === "draft" ? "editable" : "fixed";
    return (status === "submitted" || status === "set_aside") && !pinned ? "editable" : "fixed";
  }

  mint(): AmendmentId {
    const id = mintAmendmentId();
    this.minted.add(id);
    return id;
  }

  /** Acts for another party (the secretariat, for the delegation that has the floor); for nobody (""), nothing can be typed. */
  actFor(party: string): void {
    if (party !== "" && !this.parties.includes(party)) return;
    this.chosenParty = party;
    this.setHand();
    this.tell("access", null);
  }

  // -- what is asked

  /** Asks the server for an act. Rejects with `CommandRefused`; kept and sent again until it is answered. */
  command(command: Command): Promise<CommandResult> {
    const key = mintCommandKey();
    const answer = this.asked.answerTo(key);
    // In a group only its drafts are its party's affair; all else is said for one's own delegation.
    const own = this.options.group !== undefined && !OF_DRAFTS.includes(command.act);
    const party = own ? (this.identity?.delegation ?? "") : this.party;
    this.copy.outbox.addCommand(command, key, party, this.options.surroundings.now());
    this.flush();
    this.tell("any", null);
    return answer;
  }

  /** Goes over to live drafting in the opinion's own document, or back to the delegation's workspace. */
  async switchScope(scope: Scope): Promise<void> {
    if (scope === this.scope) return;
    await this.emptied(SWITCH_MS);
    const known = this.copies.has(scope);
    this.copy = this.copyOf(scope);
    if (!known) await this.copy.restore().catch((error: unknown) => this.emitter.emit("trouble", error));
    this.anew = false;
    this.synced = false;
    this.follow();
    this.greet();
  }

  retryNow(): void {
    this.connection.retryNow();
  }

  /** Says where the caret is; at most four times a second. */
  setCaret(paragraph: ParagraphId, offset: number): void {
    this.presence.moveTo({ paragraph, offset });
  }

  /** Keeps the text as it is until the function returned is called (S3). */
  hold(): () => void {
    this.holds += 1;
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      this.holds -= 1;
      while (this.holds === 0 && this.held.length > 0) this.handle(this.held.shift() as ServerMessage);
    };
  }

  /** Puts words from the tray back into the text: at their place, or at the end of their paragraph. False when neither is there. */
  proposeAgain(id: string): boolean {
    const unsent = this.tray.find(id);
    if (!unsent || !this.mayType) return false;
    const owner = this.owner();
    const done = this.copy.as({ party: this.party, tries: 0 }, () =>
      Boolean(
        this.doc.transact(() => doAgain(this.doc, unsent.words, owner) || appendAgain(this.doc, unsent.words, owner), PROPOSED_AGAIN),
      ),
    );
    if (done) this.discardUnsent(id);
    return done;
  }

  discardUnsent(id: string): void {
    this.tray.drop(id);
    this.tell("any", null);
  }

  // -- the connection

  private greet(): void {
    const { copy } = this;
    this.greeted = null;
    const sent = this.connection.send({
      type: "hello",
      can: ["changes"],
      schema: SCHEMA,
      scope: copy.scope,
      group: copy.scope === "workspace" ? this.options.group : undefined,
      generation: copy.generation,
      client: this.anew ? null : copy.client || null,
      stateVector: this.anew ? NOTHING : Y.encodeStateVector(copy.doc),
    });
    if (sent) this.greetings += 1;
  }

  private connectionChanged(status: ConnectionStatus): void {
    if (status.state === "connecting") [this.greetings, this.saves] = [0, true];
    if (status.state !== "live" && status.state !== "read-only") this.synced = false;
    if (status.state === "offline" || status.state === "closed") this.presence.empty();
    this.tell("access", null);
  }

  private receive(message: ServerMessage): void {
    const changesText = message.type === "welcome" || message.type === "sync" || message.type === "update" || message.type === "refused";
    const waits = changesText || (message.type === "notice" && message.notice.kind === "frozen");
    if (waits && this.holds > 0) this.held.push(message);
    else this.handle(message);
  }

  private handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        return this.welcomed(message.welcome);
      case "sync":
        return this.synchronise(message.update, message.opinionSeq);
      case "update":
        if (!this.synced) return;
        for (const update of message.updates) {
          this.freezes.before(update, this.doc);
          this.copy.apply(update);
        }
        if (this.copy.mayBeUprooted) this.rescue();
        if (message.stream === OPINION_STREAM) this.seq = Math.max(this.seq, message.seq);
        this.keepSoon();
        return this.tell("any", null);
      case "ack":
        // An acknowledgement of the scope left behind may still be under way.
        if (message.stream !== (this.scope === "workspace" ? WORKSPACE_STREAM : OPINION_STREAM)) return;
        this.copy.outbox.acknowledge(message.n);
        return this.settled();
      case "done":
        return this.answered(message.n, message.result);
      case "refused":
        return this.refused(message.n, message.code, message.message);
      case "room":
        this.presence.room(message.peers, this.welcome?.peer);
        return this.tell("presence", this.present);
      case "changes":
        this.presence.changed(message.changed, message.gone, this.welcome?.peer);
        return this.tell("presence", this.present);
      case "notice":
        return this.notice(message.notice);
      case "pong":
        return;
    }
  }

  private welcomed(welcome: Welcome): void {
    this.greetings = Math.max(this.greetings - 1, 0);
    if (this.greetings > 0) return;
    const { copy } = this;
    if (welcome.scope !== copy.scope) return this.fallBack(welcome.scope);
    if (!this.anew && copy.generation === welcome.generation) {
      const usedTwice = copy.client === welcome.client ? copy.usedTwiceFrom(welcome.clock) : null;
      if (this.strands(welcome) || usedTwice !== null) {
        this.clocksUpTo = usedTwice ?? Infinity;
        // The document holds changes that no lease may send any more: only the whole text can tell which of them are logged.
        this.anew = true;
        return this.greet();
      }
    }
    this.greeted = welcome;
  }

  /** Whether the document holds changes of a lease that is not the one welcomed. */
  private strands(welcome: Welcome): boolean {
    const { copy } = this;
    return !this.anew && copy.generation === welcome.generation && copy.client !== welcome.client && copy.hasOwn;
  }

  private fallBack(scope: Scope): void {
    this.copy = this.copyOf(scope);
    this.anew = false;
    this.follow();
    this.greet();
  }

  private synchronise(update: Uint8Array, seq: number): void {
    const welcome = this.greeted;
    if (!welcome) return;
    if (this.strands(welcome)) {
      // Typed between WELCOME and SYNC.
      this.anew = true;
      return this.greet();
    }
    const { copy } = this;
    const former = copy.generation;
    const anew = this.anew || (former !== 0 && former !== welcome.generation);
    const refusal = this.refusal;
    copy.receive(update, anew);
    const leaving = copy.client;
    const left = copy.adopt(welcome.client, welcome.generation, welcome.n, anew);
    const comparable = { generation: former === welcome.generation, upTo: this.clocksUpTo };
    [this.greeted, this.anew, this.refusal, this.clocksUpTo] = [null, false, null, Infinity];
    this.welcome = welcome;
    this.seq = seq;
    this.synced = true;
    this.sent = 0;
    this.setHand();
    if (anew) this.follow();
    else this.tell("record", this.record);
    this.connection.welcomed(welcome.readOnly);
    if (left.length > 0) this.recover(left, comparable, refusal);
    else this.rescue();
    if (leaving > 0 && leaving !== copy.client) copy.forget(leaving);
    this.flush();
    this.presence.tellAgain();
    this.settled();
    void this.seekOrphans();
  }

  /** Sends what waits, in order (W4). */
  private flush(): void {
    if (!this.synced) return;
    for (const outgoing of this.copy.outbox.outgoing(this.sent)) {
      const { kind, ...fields } = outgoing;
      if (!this.connection.send({ type: kind, ...fields } as Parameters<Connection["send"]>[0])) return;
      this.sent = outgoing.n;
    }
  }

  private refused(n: number, code: string, message: string): void {
    const entry = this.copy.outbox.find(n);
    if (entry?.kind === "command") return this.answered(n, new CommandRefused(code, message));
    this.refusal = { n, code, message };
    this.anew = true;
    this.synced = false;
    this.connection.refused(code, message);
    this.greet();
  }

  private answered(n: number, said: CommandResult | CommandRefused): void {
    const entry = this.copy.outbox.take(n);
    if (entry?.kind === "command") this.asked.answer(entry.key, said);
    this.settled();
  }

  private recover(entries: readonly OutboxEntry[], comparable: Comparable, refusal: Refusal | null): void {
    const { copy } = this;
    const desk: Desk = {
      doc: copy.doc,
      owner: (party) => this.owner(party),
      parties: this.parties,
      change: (party, tries, act) => copy.as({ party, tries }, () => Boolean(copy.doc.transact(act, PROPOSED_AGAIN))),
      tray: (words, party, code, message) => this.tray.put(words, party, code, message, this.options.surroundings.now()),
      command: (entry) => void copy.outbox.addCommand(entry.command, entry.key, entry.party, entry.at),
    };
    const recovered = recover(entries, desk, comparable, refusal);
    if (recovered.again + recovered.unsent > 0) this.tell("recovered", recovered);
  }

  /** Words under way whose paragraph was removed are offered again where it stands now, or come to their author (S4). */
  private rescue(): void {
    const entries = this.copy.uprooted();
    if (entries.length > 0) this.recover(entries, { generation: false, upTo: 0 }, null);
  }

  /** Once a visit: what tabs that are gone left unsent is taken over here. */
  private async seekOrphans(): Promise<void> {
    if (this.orphansSought || this.copy.client === 0) return;
    this.orphansSought = true;
    const { copy } = this;
    const orphans = await copy.orphans().catch((error: unknown) => (this.emitter.emit("trouble", error), []));
    for (const { generation, entries, settled, release } of orphans) {
      if (this.synced && copy === this.copy) {
        this.recover(entries, { generation: generation === copy.generation, upTo: Infinity }, null);
        settled();
      }
      release();
    }
    this.flush();
  }

  // -- small duties

  private owner(party = this.party): Owner {
    const instead = new Map<AmendmentId, AmendmentId>();
    return {
      owns: (id) => party === this.party && this.standing(id) === "editable",
      mint: (id) => {
        const fresh = instead.get(id) ?? this.mint();
        instead.set(id, fresh);
        return fresh;
      },
    };
  }

  private copyOf(scope: Scope): Copy {
    const known = this.copies.get(scope);
    if (known) return known;
    const { member, opinion, store, locks, surroundings } = this.options;
    const copy = new Copy({
      place: { member, opinion, scope },
      store,
      locks,
      now: () => surroundings.now(),
      wrote: () => {
        this.flush();
        this.tell("any", null);
      },
      troubled: (error) => this.emitter.emit("trouble", error),
    });
    this.copies.set(scope, copy);
    return copy;
  }

  private readerOf(copy: Copy): RecordReader {
    return new RecordReader(copy.doc, () => this.tell("record", this.record));
  }

  /** Shows the present copy's document. */
  private follow(): void {
    this.reader.destroy();
    this.reader = this.readerOf(this.copy);
    this.setHand();
    this.tell("document", this.doc);
    this.tell("record", this.record);
    this.tell("access", null);
  }

  private setHand(): void {
    this.copy.hand = { party: this.party, tries: 0 };
  }

  private settled(): void {
    if (this.sending === 0 && this.synced) this.savedAt = new Date(this.options.surroundings.now());
    this.keepSoon();
    this.tell("any", null);
  }

  private keepSoon(): void {
    this.keepDue ??= this.options.surroundings.after(KEEP_MS, () => {
      this.keepDue = null;
      this.copy.keep().catch((error: unknown) => this.emitter.emit("trouble", error));
    });
  }

  private notice(notice: Notice): void {
    this.tell("notice", notice);
    // The answer to a HELLO may be among what was not told: which of two is answered next, nobody could say.
    if (notice.kind === "resync") {
      if (this.greetings > 0) this.connection.restart();
      else this.greet();
    }
    if (notice.kind === "saving") {
      this.saves = notice.on;
      this.tell("access", null);
    }
    if (notice.kind === "frozen") void this.freezes.check(notice, this.doc).then(this.options.freezeChecked);
    const ended = notice.kind === "live_drafting" && !notice.on;
    if (ended && this.scope === "opinion" && this.options.scope === "workspace") void this.switchScope("workspace");
  }

  /** Resolves when everything is acknowledged, or after so long. */
  private emptied(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.copy.outbox.size === 0 || !this.synced) return resolve();
      const done = () => {
        stop();
        cancel();
        resolve();
      };
      const cancel = this.options.surroundings.after(milliseconds, done);
      const stop = this.subscribe(() => this.copy.outbox.size === 0 && done());
    });
  }

  private tell<Name extends keyof (SessionEvents & { any: null })>(name: Name, value: (SessionEvents & { any: null })[Name]): void {
    this.emitter.emit(name, value);
    if (name !== "any") this.emitter.emit("any", null);
  }
}

const OF_DRAFTS: readonly string[] = ["submit", "discard", "propose_removal"];
const NOTHING = Uint8Array.of(0);
const PROPOSED_AGAIN = "proposed-again";
