import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Delegate, paragraph, run, seeded } from "../../test/support/delegates";
import { draft, selectIn } from "../../test/support/drafting";
import { seededRandom } from "../../test/support/effect";
import { clockAfter, fused, MOST_BYTES, MOST_STRUCTS } from "./fusion";

const text = () => seeded([paragraph("p-one", "that the divide persists"), paragraph("p-two", run("all ", "insertion:a-sec-1"), "States")]);

/** Documents are equal when text, marks and what others will build on (state vector, deletions) are. */
const digest = (doc: Y.Doc) => [doc.getXmlFragment("text").toJSON(), [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort()];

function applied(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, text());
  for (const update of updates) Y.applyUpdate(doc, update);
  expect(doc.store.pendingStructs).toBeNull();
  return doc;
}

describe("fusion", () => {
  it("words typed letter by letter become a word", () => {
    const client = new Delegate("ken", 1001, text());
    client.select("p-one", 4).type(" really");
    const [one, ...more] = fused(client.sent);
    expect(more).toEqual([]);
    expect(one?.count).toBe(7);
    expect(Y.decodeUpdate(one?.update ?? new Uint8Array()).structs).toHaveLength(4);
    expect(digest(applied([one?.update ?? new Uint8Array()]))).toEqual(digest(client.doc));
  });

  it("words typed and erased again are not sent", () => {
    const client = new Delegate("ken", 1001, text());
    client.select("p-one", 4).type("secret").backspace(6).type("x");
    const updates = fused(client.sent).map(({ update }) => update);
    expect(Buffer.concat(updates).includes("secret")).toBe(false);
    expect(digest(applied(updates))).toEqual(digest(client.doc));
  });

  it.each([1, 2, 3, 4, 5])("fused updates do what the single ones did, seed %i", (seed) => {
    const random = seededRandom(seed);
    const client = new Delegate("ken", 1001, text());
    for (let round = 0; round < 120; round++) draft(client, random, selectIn(client, (from, to) => client.selectAt(from, to)));
    const single = client.sent;
    const together = fused(single);
    expect(together.reduce((sum, { count }) => sum + count, 0)).toBe(single.length);
    expect(together.length).toBeLessThan(single.length / 4);
    const doc = applied(together.map(({ update }) => update));
    expect(digest(doc)).toEqual(digest(applied(single)));
    expect(doc.getXmlFragment("text").toJSON()).toBe(client.doc.getXmlFragment("text").toJSON());
    for (const { update, count } of together) {
      if (count === 1) continue;
      expect(update.length).toBeLessThanOrEqual(MOST_BYTES);
      expect(Y.decodeUpdate(update).structs.length).toBeLessThanOrEqual(2 * MOST_STRUCTS);
    }
  });

  it("what does not follow on stays apart", () => {
    const [a, b] = [new Delegate("ken", 1001, text()), new Delegate("bra", 1002, text())];
    a.select("p-one", 0).type("a");
    b.select("p-one", 0).type("b");
    expect(fused([...a.sent, ...b.sent]).map(({ count }) => count)).toEqual([1, 1]);
    expect(clockAfter(a.sent[0] as Uint8Array)).toEqual({ client: 1001, clock: 3 });
  });
});
