import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Delegate, paragraph, run, seeded } from "../../test/support/delegates";
import { textRoot } from "../model/shared_text";
import { doAgain, onlyPlace, type Owner } from "./again";
import { gathered, wordsOf, type Words } from "./words";

const text = () => seeded([paragraph("p-one", "that the divide persists"), paragraph("p-two", "States", run(" all", "insertion:a-ken-9"))]);

/** A client whose edits are noted in words. */
function noting(): { client: Delegate; noted: Words[] } {
  const client = new Delegate("ken", 1001, text());
  const noted: Words[] = [];
  textRoot(client.doc).observeDeep((events) => noted.push(...wordsOf(events as Y.YEvent<Y.AbstractType<unknown>>[], client.doc)));
  return { client, noted };
}

const owner: Owner = { owns: (id) => id.startsWith("a-ken-"), mint: () => "a-ken-new" };

function again(words: readonly Words[]): { shown: string[]; done: boolean[] } {
  const other = new Delegate("ken", 1002, text());
  const done = words.map((one) => other.doc.transact(() => doAgain(other.doc, one, owner)) as boolean);
  return { shown: other.shown, done };
}

describe("words of edits", () => {
  it("letters are gathered into words, corrections among them, and done again elsewhere", () => {
    const { client, noted } = noting();
    client.select("p-one", 4).type(" realy");
    client.select("p-one", 9).type("l").select("p-one", 11).type(" so").backspace();
    const words = gathered(noted);
    expect(words.map(({ kind, text: said }) => [kind, said])).toEqual([["insert", " really s"]]);
    expect(again(words)).toEqual({ shown: client.shown, done: [true] });
  });

  it("what was typed and erased again is nothing", () => {
    const { client, noted } = noting();
    client.select("p-one", 4).type("abc").backspace(3);
    expect(gathered(noted)).toEqual([]);
  });

  it("strikes, brackets, real removals and paragraphs are done again", () => {
    const { client, noted } = noting();
    client.select("p-one", 8).backspace(3);
    client.select("p-one", 9, 15).type("[");
    client.select("p-two", 10).backspace(2);
    client.editor.run(client.editor.typing.addParagraph());
    client.type("new one");
    const words = gathered(noted);
    expect(words.map(({ kind, text: said }) => [kind, said])).toEqual([
      ["strike", "the"],
      ["bracket", "divide"],
      ["remove", "l"],
      ["remove", "l"],
      ["paragraph", "new one"],
    ]);
    expect(again(words)).toEqual({ shown: client.shown, done: [true, true, true, true, true] });
  });

  it("a place that occurs twice, or no more, is none [R2]", () => {
    expect(onlyPlace("one two one two", "one ", "", "two")).toBeNull();
    expect(onlyPlace("one two", "three ", "", "two")).toBeNull();
    expect(onlyPlace("a member and a member state", "a member", "", "")).toBeNull();
    expect(onlyPlace("all Member States shall", "all ", "Member", " States shall")).toBe(4);
    expect(onlyPlace("", "", "", "")).toBe(0);
    expect(onlyPlace("no longer empty", "", "", "")).toBeNull();
  });

  it("when others wrote close by, the nearer surroundings decide", () => {
    const left = "to cooperate with all the ";
    expect(onlyPlace("to work together with all the States concerned", left.slice(-24), "", "States concerned")).toBe(30);
    expect(onlyPlace("x words", "ed words", "", "")).toBeNull();
  });

  it("never really removes what is not one's own any more [R1]", () => {
    const words: Words = { kind: "remove", paragraph: "p-one", text: "divide", left: "the ", right: " persists", amendment: "" };
    expect(again([words])).toEqual({ shown: ["that the divide persists", "States{ken-9: all}"], done: [false] });
  });
});
