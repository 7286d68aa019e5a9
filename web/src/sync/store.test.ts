import { IDBFactory, IDBKeyRange as KeyRange } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { browserStore, memoryStore, type OutboxEntry, type Place, type Store } from "./store";

Object.assign(globalThis, { IDBKeyRange: KeyRange });

const place: Place = { member: "m-1", opinion: "o-1", scope: "workspace" };
const entry = (n: number): OutboxEntry => ({ kind: "update", n, party: "XAA", at: 5, tries: 0, update: Uint8Array.of(n, 0, 255), words: [] });
const unsent = (id: string, at: number) => ({
  id,
  at,
  party: "XAA",
  code: "destroyed",
  message: "No.",
  words: { kind: "insert" as const, paragraph: "p-1", text: "words", left: "", right: "", amendment: "a-1" },
});

describe.each<[string, () => Promise<Store>]>([
  ["memory", () => Promise.resolve(memoryStore())],
  ["the browser's", () => browserStore(new IDBFactory())],
])("store: %s", (_, make) => {
  it("keeps leases with their entries in order, per place", async () => {
    const store = await make();
    await store.saveLease(place, 1002, 3);
    await store.saveLease(place, 1001, 3);
    await store.saveLease({ ...place, scope: "opinion" }, 7, 1);
    for (const n of [10, 2, 9]) await store.saveEntry(place, 1002, entry(n));
    await store.saveEntry({ ...place, opinion: "o-2" }, 1002, entry(1));
    const leases = await store.leases(place);
    expect(leases.map(({ client, generation }) => [client, generation])).toEqual([
      [1001, 3],
      [1002, 3],
    ]);
    expect(leases[1]?.entries).toEqual([entry(2), entry(9), entry(10)]);
    await store.dropEntries(place, 1002, [2, 10, 77]);
    expect((await store.leases(place))[1]?.entries).toEqual([entry(9)]);
    await store.dropLease(place, 1002);
    expect(await store.leases(place)).toEqual([{ client: 1001, generation: 3, entries: [] }]);
  });

  it("keeps unsent words and the document", async () => {
    const store = await make();
    await store.saveUnsent(place, unsent("b", 9));
    await store.saveUnsent(place, unsent("c", 1));
    expect((await store.unsent(place)).map(({ id }) => id)).toEqual(["c", "b"]);
    await store.dropUnsent(place, "c");
    expect(await store.unsent(place)).toEqual([unsent("b", 9)]);
    expect(await store.document(place)).toBeNull();
    await store.saveDocument(place, { generation: 2, update: Uint8Array.of(1, 2, 3) });
    expect(await store.document(place)).toEqual({ generation: 2, update: Uint8Array.of(1, 2, 3) });
  });

  it("wipes one person and nobody else", async () => {
    const store = await make();
    const other = { ...place, member: "m-10" };
    for (const whose of [place, other]) {
      await store.saveLease(whose, 1001, 1);
      await store.saveEntry(whose, 1001, entry(1));
      await store.saveUnsent(whose, unsent("b", 1));
      await store.saveDocument(whose, { generation: 1, update: Uint8Array.of(1) });
    }
    await store.wipe("m-1");
    expect([await store.leases(place), await store.unsent(place), await store.document(place)]).toEqual([[], [], null]);
    expect((await store.leases(other))[0]?.entries).toHaveLength(1);
    expect(await store.unsent(other)).toHaveLength(1);
    expect(await store.document(other)).not.toBeNull();
  });
});
