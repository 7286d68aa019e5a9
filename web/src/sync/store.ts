/**
 * Where what is not acknowledged yet outlives the page: IndexedDB, or memory alone (public computers, tests, tools).
 *
 * Everything is kept per person, Opinion and scope, and per lease; `wipe` takes all of a person away at sign-out.
 */

import type { Scope } from "./protocol";
import type { Words } from "./words";

export interface Place {
  readonly member: string;
  readonly opinion: string;
  readonly scope: Scope;
}

/** An edit or a command that the server has not acknowledged. */
export type OutboxEntry = {
  readonly n: number;
  readonly party: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How often it was refused already. */
  readonly tries: number;
} & (
  | { readonly kind: "update"; readonly update: Uint8Array; readonly words: readonly Words[] }
  | { readonly kind: "command"; readonly key: string; readonly command: object }
);

/** Words that are not in the text and will not get there by themselves; only their author discards them (I7). */
export interface Unsent {
  readonly id: string;
  readonly words: Words;
  readonly party: string;
  /** Code of the refusal (crdt/SPEC.md G), `place-gone`, or empty. */
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

export interface StoredLease {
  readonly client: number;
  readonly generation: number;
  readonly entries: readonly OutboxEntry[];
}

/** The shared document as the server had confirmed it, for reloading without a connection. */
export interface StoredDocument {
  readonly generation: number;
  readonly update: Uint8Array;
}

export interface Store {
  leases(place: Place): Promise<StoredLease[]>;
  saveLease(place: Place, client: number, generation: number): Promise<void>;
  /** Forgets a lease with all its entries. */
  dropLease(place: Place, client: number): Promise<void>;
  saveEntry(place: Place, client: number, entry: OutboxEntry): Promise<void>;
  dropEntries(place: Place, client: number, numbers: readonly number[]): Promise<void>;
  unsent(place: Place): Promise<Unsent[]>;
  saveUnsent(place: Place, unsent: Unsent): Promise<void>;
  dropUnsent(place: Place, id: string): Promise<void>;
  document(place: Place): Promise<StoredDocument | null>;
  saveDocument(place: Place, document: StoredDocument): Promise<void>;
  wipe(member: string): Promise<void>;
}

type Part = string | number;
type Table = "leases" | "entries" | "unsent" | "documents";
const TABLES: readonly Table[] = ["leases", "entries", "unsent", "documents"];

/** Rows under keys of several parts; what both kinds of store are made of. */
interface Rows {
  put(table: Table, key: readonly Part[], row: unknown): Promise<void>;
  drop(table: Table, keys: readonly (readonly Part[])[]): Promise<void>;
  /** The rows whose key begins with `prefix`, in order of their keys. */
  under(table: Table, prefix: readonly Part[]): Promise<{ key: readonly Part[]; row: unknown }[]>;
}

class RowStore implements Store {
  private readonly rows: Rows;

  constructor(rows: Rows) {
    this.rows = rows;
  }

  async leases(place: Place): Promise<StoredLease[]> {
    const leases = await this.rows.under("leases", keyOf(place));
    return Promise.all(
      leases.map(async ({ key, row }) => {
        const client = key[3] as number;
        const entries = await this.rows.under("entries", keyOf(place, client));
        return { client, generation: row as number, entries: entries.map((one) => one.row as OutboxEntry) };
      }),
    );
  }

  saveLease(place: Place, client: number, generation: number): Promise<void> {
    return this.rows.put("leases", keyOf(place, client), generation);
  }

  async dropLease(place: Place, client: number): Promise<void> {
    const entries = await this.rows.under("entries", keyOf(place, client));
    await this.rows.drop(
      "entries",
      entries.map(({ key }) => key),
    );
    await this.rows.drop("leases", [keyOf(place, client)]);
  }

  saveEntry(place: Place, client: number, entry: OutboxEntry): Promise<void> {
    return this.rows.put("entries", keyOf(place, client, entry.n), entry);
  }

  dropEntries(place: Place, client: number, numbers: readonly number[]): Promise<void> {
    return this.rows.drop(
      "entries",
      numbers.map((n) => keyOf(place, client, n)),
    );
  }

  async unsent(place: Place): Promise<Unsent[]> {
    const rows = await this.rows.under("unsent", keyOf(place));
    return rows.map(({ row }) => row as Unsent).sort((a, b) => a.at - b.at);
  }

  saveUnsent(place: Place, unsent: Unsent): Promise<void> {
    return this.rows.put("unsent", keyOf(place, unsent.id), unsent);
  }

  dropUnsent(place: Place, id: string): Promise<void> {
    return this.rows.drop("unsent", [keyOf(place, id)]);
  }

  async document(place: Place): Promise<StoredDocument | null> {
    const [found] = await this.rows.under("documents", keyOf(place));
    return (found?.row as StoredDocument | undefined) ?? null;
  }

  saveDocument(place: Place, document: StoredDocument): Promise<void> {
    return this.rows.put("documents", keyOf(place), document);
  }

  async wipe(member: string): Promise<void> {
    for (const table of TABLES) {
      const rows = await this.rows.under(table, [member]);
      await this.rows.drop(
        table,
        rows.map(({ key }) => key),
      );
    }
  }
}

const keyOf = ({ member, opinion, scope }: Place, ...rest: Part[]): Part[] => [member, opinion, scope, ...rest];

/** A store that ends with the page. */
export function memoryStore(): Store {
  const tables = new Map<Table, Map<string, { key: readonly Part[]; row: unknown }>>(TABLES.map((table) => [table, new Map()]));
  const rowsOf = (table: Table) => tables.get(table) as Map<string, { key: readonly Part[]; row: unknown }>;
  return new RowStore({
    put: async (table, key, row) => void rowsOf(table).set(JSON.stringify(key), { key, row }),
    drop: async (table, keys) => keys.forEach((key) => rowsOf(table).delete(JSON.stringify(key))),
    under: async (table, prefix) =>
      [...rowsOf(table).values()]
        .filter(({ key }) => prefix.every((part, place) => key[place] === part))
        .sort((a, b) => byKey(a.key, b.key)),
  });
}

function byKey(a: readonly Part[], b: readonly Part[]): number {
  const place = a.findIndex((part, index) => part !== b[index]);
  if (place < 0) return 0;
  const [left, right] = [a[place] as Part, b[place]];
  return right === undefined || left > right ? 1 : -1;
}

const DATABASE = "unbracket";
const VERSION = 1;

/** The browser's store. Rejects when the browser keeps nothing (private windows of some); use `memoryStore` then. */
export async function browserStore(factory: IDBFactory = indexedDB): Promise<Store> {
  const opening = factory.open(DATABASE, VERSION);
  opening.onupgradeneeded = () => TABLES.forEach((table) => opening.result.createObjectStore(table));
  const database = await settled(opening);
  // A page of a later version must be able to change the tables.
  database.onversionchange = () => database.close();
  return new RowStore({
    put: (table, key, row) => within(database, table, "readwrite", (rows) => void rows.put(row, [...key])),
    drop: (table, keys) => within(database, table, "readwrite", (rows) => keys.forEach((key) => void rows.delete([...key]))),
    under: async (table, prefix) => {
      const range = IDBKeyRange.bound([...prefix], [...prefix, []]);
      const transaction = database.transaction(table, "readonly");
      const rows = transaction.objectStore(table);
      const [keys, values] = await Promise.all([settled(rows.getAllKeys(range)), settled(rows.getAll(range))]);
      return keys.map((key, place) => ({ key: key as Part[], row: values[place] as unknown }));
    },
  });
}

function within(database: IDBDatabase, table: Table, mode: IDBTransactionMode, act: (rows: IDBObjectStore) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(table, mode);
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("The browser did not keep the words."));
    act(transaction.objectStore(table));
  });
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's store cannot be read."));
  });
}
