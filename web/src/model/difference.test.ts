import { describe, expect, it } from "vitest";
import { run } from "../../test/support/delegates";
import { joined, textOf, type Run } from "./marks";
import { alignment, difference, MOST_EDITS, ownDifference } from "./difference";

/** The old runs with the changes carried out. */
function carriedOut(old: readonly Run[], changes: ReturnType<typeof difference>): Run[] {
  const characters = old.flatMap((one) => Array.from({ length: one.text.length }, (_, at) => run(one.text[at] ?? "", ...one.marks)));
  const result: Run[] = [];
  let at = 0;
  for (const change of changes) {
    if (change.kind === "insert") result.push(run(change.text, ...change.marks));
    else if (change.kind === "delete") at += change.length;
    else {
      for (const one of characters.slice(at, at + change.length)) {
        const { on, off }: { on: readonly string[]; off: readonly string[] } = change.kind === "format" ? change : { on: [], off: [] };
        result.push(run(one.text, ...one.marks.filter((key) => !off.includes(key)), ...on));
      }
      at += change.length;
    }
  }
  return joined([...result, ...characters.slice(at)]);
}

const changed = (changes: ReturnType<typeof difference>) => changes.filter((change) => change.kind !== "keep");

describe("difference [B2]", () => {
  it("removing one's own pending e before an agreed e takes the own one", () => {
    const changes = difference([run("h"), run("e", "insertion:a-x"), run("ello")], [run("hello")]);
    expect(changes).toEqual([
      { kind: "keep", length: 1 },
      { kind: "delete", length: 1 },
    ]);
  });

  it("two changed spots leave what lies between alone", () => {
    const old = [run("one two three")];
    const next = [run("one", "deletion:a-x"), run(" two three"), run("!", "insertion:a-x")];
    expect(changed(difference(old, next))).toEqual([
      { kind: "format", length: 3, on: ["deletion:a-x"], off: [] },
      { kind: "insert", text: "!", marks: ["insertion:a-x"] },
    ]);
    const both = difference([run("ab cd ef")], [run("xb cd ef"), run("y")]);
    expect(changed(both).map((change) => change.kind)).toEqual(["delete", "insert", "insert"]);
  });

  it("takes others' words for what they are, though moving them would be fewer changes", () => {
    const own = "insertion:a-x";
    const old = [run("abcdef", own), run("xy")];
    const next = [run("xy"), run("abcdef", own)];
    expect(ownDifference(old, next, (authorship) => authorship === own)).toEqual([
      { kind: "delete", length: 6 },
      { kind: "keep", length: 2 },
      { kind: "insert", text: "abcdef", marks: [own] },
    ]);
    expect(ownDifference(old, [run("abcdef", own), run("x")], (authorship) => authorship === own)).toBeNull();
  });

  it("of equal letters side by side the caret tells which came or went", () => {
    const own = "insertion:a-x";
    const isOwn = (authorship: string) => authorship === own;
    const [short, long] = [[run("x"), run("anana", own), run("y")], [run("x"), run("ananana", own), run("y")]];
    for (const caret of [3, 4, 5, 6, 7, 8]) {
      const typed = [{ kind: "keep", length: caret - 2 }, { kind: "insert", text: caret % 2 ? "an" : "na", marks: [own] }];
      expect(ownDifference(short, long, isOwn, caret)).toEqual(typed);
    }
    for (const caret of [1, 2, 3, 4, 5, 6]) {
      expect(ownDifference(long, short, isOwn, caret)).toEqual([{ kind: "keep", length: caret }, { kind: "delete", length: 2 }]);
    }
    // Where the caret cannot be the end of the change, it says nothing.
    expect(ownDifference(short, long, isOwn, 2)).toEqual(ownDifference(short, long, isOwn));
    expect(ownDifference(long, short, isOwn, 7)).toEqual(ownDifference(long, short, isOwn));
  });

  it("never cuts a code point", () => {
    const changes = difference([run("a\u{1F600}b")], [run("a\u{1F601}b")]);
    expect(changed(changes)).toEqual([
      { kind: "delete", length: 2 },
      { kind: "insert", text: "\u{1F601}", marks: [] },
    ]);
  });

  it("beyond its bound it replaces the stretch between the first and the last change, nothing else", () => {
    const a = Array.from({ length: MOST_EDITS }, (_, at) => `a${at}`);
    const b = Array.from({ length: MOST_EDITS }, (_, at) => `b${at}`);
    expect(alignment(["x", ...a, "y"], ["x", ...b, "y"])).toEqual([
      { kind: "keep", count: 1 },
      { kind: "delete", count: MOST_EDITS },
      { kind: "insert", count: MOST_EDITS },
      { kind: "keep", count: 1 },
    ]);
  });

  it("carried out, it gives the new text, for random pairs", () => {
    let seed = 11;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const marks: string[][] = [[], ["insertion:a-x"], ["insertion:a-y"], ["deletion:a-x"], ["bracket:a-z"], ["em"]];
    const some = () => joined(Array.from({ length: random(6) }, () => run("ab\u{1F600}".slice(0, [1, 2, 4][random(3)] ?? 1), ...(marks[random(6)] ?? []))));
    for (let round = 0; round < 1_000; round++) {
      const [old, next] = [some(), some()];
      const changes = difference(old, next);
      expect(JSON.stringify(carriedOut(old, changes))).toBe(JSON.stringify(next));
      const caret = random(textOf(next).length + 1);
      const own = ownDifference(old, next, (authorship) => authorship.includes("insertion"), caret);
      if (own) expect(JSON.stringify(carriedOut(old, own))).toBe(JSON.stringify(next));
      const least = changes.reduce((sum, change) => sum + (change.kind === "insert" ? change.text.length : 0), 0);
      expect(least).toBeLessThanOrEqual(textOf(next).length);
    }
  });
});
