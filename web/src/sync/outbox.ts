/**
 * What one person typed in one document under one leased client id and the server has not acknowledged yet.
 *
 * O1 An entry leaves only by acknowledgement, or into the tray. O2 Numbers rise; what was numbered once keeps its number.
 * O3 Entries are kept in the store from the moment they exist, so that a reload, or another tab later, finds them.
 */

import type { Scope } from "./protocol";
import { fused } from "./fusion";
import type { OutboxEntry, Place, Store } from "./store";
import type { Words } from "./words";

/** One message to send: entries of one party fused, or a command. */
export type Outgoing =
  | { readonly kind: "update"; readonly n: number; readonly party: string; readonly update: Uint8Array }
  | { readonly kind: "command"; readonly n: number; readonly party: string; readonly key: string; readonly command: object };

export class Outbox {
  readonly scope: Scope;
  private entries: OutboxEntry[] = [];
  private last = 0;
  private client = 0;
  private readonly place: Place;
  private readonly store: Store;
  private readonly troubled: (error: unknown) => void;

  /** `troubled` hears when the store keeps nothing; the words are then safe only as long as the page lives. */
  constructor(place: Place, store: Store, troubled: (error: unknown) => void) {
    this.scope = place.scope;
    this.place = place;
    this.store = store;
    this.troubled = troubled;
  }

  /** Takes up entries stored under a lease. */
  restore(client: number, entries: readonly OutboxEntry[]): void {
    this.client = client;
    this.entries = [...entries].sort((a, b) => a.n - b.n);
    this.last = this.entries.at(-1)?.n ?? 0;
  }

  /** Goes over to a lease, or (`anew`) begins again under it; returns the entries that waited until now, which are no longer here. */
  adopt(client: number, lastLogged: number, anew: boolean): OutboxEntry[] {
    const same = client === this.client && !anew;
    const left = same ? [] : this.entries;
    if (!same) {
      this.entries = [];
      this.last = 0;
    }
    this.client = client;
    this.last = Math.max(this.last, lastLogged);
    return left;
  }

  add(update: Uint8Array, words: readonly Words[], party: string, at: number, tries = 0): void {
    this.keep({ kind: "update", n: ++this.last, party, at, tries, update, words });
  }

  addCommand(command: object, key: string, party: string, at: number): number {
    this.keep({ kind: "command", n: ++this.last, party, at, tries: 0, key, command });
    return this.last;
  }

  /** The updates up to `n` are logged. Commands wait for their own answer. */
  acknowledge(n: number): void {
    this.drop((entry) => entry.kind === "update" && entry.n <= n);
  }

  /** Takes one entry out, when its answer is there. */
  take(n: number): OutboxEntry | null {
    const found = this.entries.find((entry) => entry.n === n) ?? null;
    if (found) this.drop((entry) => entry === found);
    return found;
  }

  /** Takes the words off entries: what they say is kept elsewhere. Their bytes are still sent, for clocks must not have gaps. */
  unword(entries: readonly OutboxEntry[]): void {
    this.entries = this.entries.map((entry) => (entry.kind === "update" && entries.includes(entry) ? this.stored({ ...entry, words: [] }) : entry));
  }

  find(n: number): OutboxEntry | null {
    return this.entries.find((entry) => entry.n === n) ?? null;
  }

  get waiting(): readonly OutboxEntry[] {
    return this.entries;
  }

  get size(): number {
    return this.entries.length;
  }

  /** How many places with words of one amendment, and commands, wait: what a person would count, not their keystrokes. */
  get pieces(): number {
    const places = new Set<string>();
    for (const entry of this.entries) {
      if (entry.kind === "command") places.add(entry.key);
      else for (const { paragraph, amendment } of entry.words) places.add(`${paragraph} ${amendment}`);
    }
    return Math.max(places.size, Math.min(1, this.size));
  }

  /**
   * What to send of the entries after number `sent`. Neighbouring updates go as one; those tried before go alone, so that a second
   * refusal tells which of them it was.
   */
  outgoing(sent: number): Outgoing[] {
    const result: Outgoing[] = [];
    let group: Extract<OutboxEntry, { kind: "update" }>[] = [];
    const close = () => {
      let start = 0;
      for (const { update, count } of fused(group.map((entry) => entry.update))) {
        const last = group[start + count - 1];
        if (last) result.push({ kind: "update", n: last.n, party: last.party, update });
        start += count;
      }
      group = [];
    };
    for (const entry of this.entries) {
      if (entry.n <= sent) continue;
      const alone = entry.kind === "update" && (entry.tries > 0 || (group[0] && (group[0].party !== entry.party || group[0].tries > 0)));
      if (entry.kind === "command" || alone) close();
      if (entry.kind === "update") group.push(entry);
      else result.push({ kind: "command", n: entry.n, party: entry.party, key: entry.key, command: entry.command });
    }
    close();
    return result;
  }

  private keep(entry: OutboxEntry): void {
    this.entries.push(this.stored(entry));
  }

  private stored(entry: OutboxEntry): OutboxEntry {
    if (this.client > 0) this.store.saveEntry(this.place, this.client, entry).catch(this.troubled);
    return entry;
  }

  private drop(gone: (entry: OutboxEntry) => boolean): void {
    const numbers = this.entries.filter(gone).map((entry) => entry.n);
    if (numbers.length === 0) return;
    this.entries = this.entries.filter((entry) => !gone(entry));
    this.store.dropEntries(this.place, this.client, numbers).catch(this.troubled);
  }
}
