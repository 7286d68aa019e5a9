/**
 * One person's copy of one shared document: the document, what of it is not acknowledged, and the lease it is written under.
 *
 * C1 Every local change of the text is in the outbox, with its words, before anything else hears of it.
 * C2 The document is kept in the store only while nothing is waiting: what is stored is what the server has.
 */

import * as Y from "yjs";
import { textRoot } from "../model/shared_text";
import type { Locks } from "./lease";
import { Outbox } from "./outbox";
import type { Scope } from "./protocol";
import type { OutboxEntry, Place, Store } from "./store";
import { uprootedAmong } from "./uprooted";
import { wordsOf, type Words } from "./words";

/** Origin of changes that came from the server or the store. */
export const RECEIVED = "received";

export interface CopySetting {
  readonly place: Place;
  readonly store: Store;
  readonly locks: Locks;
  now(): number;
  /** A local change was put into the outbox. */
  wrote(): void;
  /** The store keeps nothing. */
  troubled(error: unknown): void;
}

/** As whom the next local change is written; a refused one that is tried again is told from fresh typing. */
export interface Hand {
  readonly party: string;
  readonly tries: number;
}

/** A lease without a tab. `settled` forgets it. */
export interface Orphan {
  readonly generation: number;
  readonly entries: readonly OutboxEntry[];
  settled(): void;
  release(): void;
}

export class Copy {
  doc = new Y.Doc();
  readonly outbox: Outbox;
  readonly scope: Scope;
  hand: Hand = { party: "", tries: 0 };
  /** 0 until the server said; also for readers. */
  client = 0;
  generation = 0;
  /** Whether there is a text to show: from the server, or kept from an earlier visit. */
  ready = false;
  private readonly setting: CopySetting;
  private release: () => void = () => {};
  private restored: readonly OutboxEntry[] = [];
  /** What this page knew of its own clock when it took the lease up, while it has not been compared with the server's. */
  private knownClock: number | null = null;
  private changed = false;
  private paragraphsWent = false;

  constructor(setting: CopySetting) {
    this.setting = setting;
    this.scope = setting.place.scope;
    this.outbox = new Outbox(setting.place, setting.store, (error) => setting.troubled(error));
    this.watch(this.doc);
  }

  /** Takes up what an earlier visit left: the fullest lease that no other tab holds, and the document. */
  async restore(): Promise<void> {
    const { store, place } = this.setting;
    const [leases, stored] = await Promise.all([store.leases(place), store.document(place)]);
    if (stored) {
      this.generation = stored.generation;
      Y.applyUpdate(this.doc, stored.update, RECEIVED);
      this.ready = true;
    }
    for (const lease of leases.sort((a, b) => b.entries.length - a.entries.length || b.client - a.client)) {
      if (stored && lease.generation !== stored.generation) continue;
      const release = await this.setting.locks.tryHold(this.lockName(lease.client));
      if (!release) continue;
      this.release = release;
      this.client = lease.client;
      this.generation = lease.generation;
      this.outbox.restore(lease.client, lease.entries);
      this.restored = lease.entries;
      break;
    }
    if (stored) this.applyRestored();
    if (this.client > 0) {
      this.doc.clientID = this.client;
      this.knownClock = Y.getState(this.doc.store, this.client);
    }
  }

  /**
   * The clock from which on this lease was used twice, null when it was not: the server knows text of it that this page does not
   * (the browser lost its last writes), and this page has typed under the same clocks.
   */
  usedTwiceFrom(clock: number): number | null {
    const known = this.knownClock;
    return known !== null && clock > known && Y.getState(this.doc.store, this.client) > known ? known : null;
  }

  /** Whether the document holds changes that only this lease may send. */
  get hasOwn(): boolean {
    return this.outbox.waiting.some((entry) => entry.kind === "update");
  }

  /** What the server sent becomes the text: into the present document, or (`anew`) into a new one. */
  receive(update: Uint8Array, anew: boolean): void {
    if (anew) {
      this.doc.off("update", this.captured);
      this.doc = new Y.Doc();
      this.watch(this.doc);
    }
    this.apply(update);
  }

  /** Applies what the server sent. */
  apply(update: Uint8Array): void {
    // Yjs gives a document another id when it meets text of its own id; after a reload that is just what comes.
    this.doc.clientID = 0;
    Y.applyUpdate(this.doc, update, RECEIVED);
    this.doc.clientID = this.client;
  }

  /** Writes under this lease from now on; returns entries that cannot be sent under it as they are. */
  adopt(client: number, generation: number, lastLogged: number, anew: boolean): OutboxEntry[] {
    const former = this.client;
    const left = this.outbox.adopt(client, lastLogged, anew);
    this.client = client;
    this.generation = generation;
    this.knownClock = null;
    this.ready = true;
    if (client === former && !anew) {
      this.applyRestored();
      this.outbox.acknowledge(lastLogged);
    }
    this.restored = [];
    if (client !== former) this.hold(client);
    this.doc.clientID = client;
    return left;
  }

  /** Forgets a lease whose entries were dealt with. */
  forget(client: number, scope = this.scope): void {
    this.setting.store.dropLease({ ...this.setting.place, scope }, client).catch((error: unknown) => this.setting.troubled(error));
  }

  /**
   * Leases of earlier visits that no tab holds, with what still waits under them; each is held until `release` is called. A workspace
   * takes those of live drafting too: what was not sent comes back as a draft. Never the other way round, for drafts are nobody else's.
   */
  async orphans(): Promise<Orphan[]> {
    const { store, place, locks } = this.setting;
    const found: Orphan[] = [];
    for (const scope of place.scope === "workspace" ? (["workspace", "opinion"] as const) : ([place.scope] as const)) {
      for (const { client, generation, entries } of await store.leases({ ...place, scope })) {
        const release = client === this.client ? null : await locks.tryHold(this.lockName(client, scope));
        if (release) found.push({ generation, entries, release, settled: () => this.forget(client, scope) });
      }
    }
    return found;
  }

  /** Entries whose place went with a paragraph (`uprooted.ts`): their words are the caller's from now on, and no longer theirs. */
  uprooted(): OutboxEntry[] {
    this.paragraphsWent = false;
    const entries = uprootedAmong(this.outbox.waiting, this.doc);
    this.outbox.unword(entries);
    return entries;
  }

  /** Whether others have removed paragraphs since `uprooted` was last asked. */
  get mayBeUprooted(): boolean {
    return this.paragraphsWent && this.hasOwn;
  }

  /** Does a change as somebody, perhaps not for the first time. */
  as<T>(hand: Hand, act: () => T): T {
    const before = this.hand;
    this.hand = hand;
    try {
      return act();
    } finally {
      this.hand = before;
    }
  }

  /** Keeps the document for a visit without a connection (C2). */
  async keep(): Promise<void> {
    const { store, place } = this.setting;
    if (!this.changed || !this.ready || this.outbox.size > 0 || this.generation === 0) return;
    this.changed = false;
    await store.saveDocument(place, { generation: this.generation, update: Y.encodeStateAsUpdate(this.doc) });
  }

  destroy(): void {
    this.release();
    this.doc.destroy();
  }

  private applyRestored(): void {
    for (const entry of this.restored) if (entry.kind === "update") this.apply(entry.update);
    this.restored = [];
  }

  private hold(client: number): void {
    const { locks, place, store, troubled } = this.setting;
    this.release();
    this.release = () => {};
    if (client === 0) return;
    locks.tryHold(this.lockName(client)).then((release) => (this.release = release ?? this.release), troubled);
    store.saveLease(place, client, this.generation).catch(troubled);
  }

  private watch(doc: Y.Doc): void {
    let words: Words[] = [];
    doc.on("afterTransaction", (transaction) => {
      // Yjs tidies formatting after changes of others, each browser for itself; unsent, that would make the documents differ,
      // and a reader must not write at all (B1). Redundant marks harm nobody.
      transaction._needFormattingCleanup = false;
    });
    textRoot(doc).observeDeep((events, transaction) => {
      if (transaction.local) words = wordsOf(events as Y.YEvent<Y.AbstractType<unknown>>[], doc);
      else this.paragraphsWent ||= events.some((event) => event.target === textRoot(doc) && event.changes.deleted.size > 0);
    });
    this.captured = (update, _origin, _doc, transaction) => {
      this.changed = true;
      if (!transaction.local) return;
      const said = words;
      words = [];
      this.outbox.add(update, said, this.hand.party, this.setting.now(), this.hand.tries);
      this.setting.wrote();
    };
    doc.on("update", this.captured);
  }

  private captured: (update: Uint8Array, origin: unknown, doc: Y.Doc, transaction: Y.Transaction) => void = () => {};

  private lockName(client: number, scope = this.scope): string {
    const { member, opinion } = this.setting.place;
    return `unbracket:${member}:${opinion}:${scope}:${client}`;
  }
}
