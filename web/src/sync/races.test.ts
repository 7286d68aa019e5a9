/** Two people, or one and the chair, at the same words at the same moment (guide: ux 3.2): no word is lost, taken over or agreed by itself. */

import { describe, expect, it } from "vitest";
import type * as Y from "yjs";
import { Drafter, settle } from "../../test/support/drafters";
import { paragraph, run, seeded } from "../../test/support/delegates";
import { Room } from "../../test/support/room";
import { attributesOf, elementOf, paragraphsOf, textIn, textRoot } from "../model/shared_text";

async function two(): Promise<{ room: Room; a: Drafter; b: Drafter }> {
  const room = new Room(seeded([paragraph("p-one", "to share experience with all"), paragraph("p-two", run("agreed words", "origin:a-old-1"))]));
  const [a, b] = await Promise.all([Drafter.join(room, "XAA"), Drafter.join(room, "XAB")]);
  await settle(a, b);
  return { room, a, b };
}

/** Both have seen the same; now nothing passes until `settle`. */
async function together(...people: Drafter[]): Promise<string[]> {
  await settle(...people);
  const [first, ...others] = people.map(({ shown }) => shown);
  for (const other of others) expect(other).toEqual(first);
  for (const { session } of people) expect(session.sending).toBe(0);
  return first ?? [];
}

const textOf = (doc: Y.Doc, place: number): Y.XmlText => {
  const text = textIn(paragraphsOf(textRoot(doc))[place] as Y.XmlElement);
  if (!text) throw new Error("no text");
  return text;
};

/** The id of the first insertion that somebody typed. */
const insertionOf = (person: Drafter): string => {
  let id = "";
  person.editor.state.doc.descendants((node) => {
    id ||= (node.marks.find((mark) => mark.type.name === "insertion")?.attrs["id"] as string | undefined) ?? "";
  });
  return id;
};

describe("races", () => {
  it("both strike overlapping words: both proposals stand", async () => {
    const { a, b } = await two();
    a.select("p-one", 3, 19).backspace();
    b.select("p-one", 9, 24).backspace();
    const [one] = await together(a, b);
    expect(one).toBe("to ~share ~~~experience~~~ with~ all");
  });

  it("one brackets, the other strikes inside: a balanced bracket with the strike in it", async () => {
    const { a, b } = await two();
    a.select("p-one", 3, 19).type("[");
    b.select("p-one", 9, 19).backspace();
    const [one] = await together(a, b);
    expect(one).toBe("to <share >~<experience>~ with all");
  });

  it("both type at one place: two proposals, neither absorbed, both carets behind their own words", async () => {
    const { a, b } = await two();
    a.select("p-one", 25).type("of ");
    b.select("p-one", 25).type("for ");
    const [one] = await together(a, b);
    expect(one).toMatch(/^to share experience with (\{of \}\{for \}|\{for \}\{of \})all$/);
    for (const [person, words] of [
      [a, "of "],
      [b, "for "],
    ] as const) {
      const { $head } = person.editor.state.selection;
      expect($head.parent.textContent.slice(0, $head.parentOffset).endsWith(words)).toBe(true);
    }
  });

  it("both add a paragraph at one place and type in it: both stand, whole", async () => {
    const { a, b } = await two();
    for (const [person, words] of [
      [a, "from one"],
      [b, "from the other"],
    ] as const) {
      person.select("p-one", 28);
      person.editor.run(person.editor.typing.addParagraph());
      person.type(words);
    }
    const lines = await together(a, b);
    expect(lines).toHaveLength(4);
    expect(lines.slice(1, 3).sort()).toEqual(["{from one}", "{from the other}"]);
  });

  it("the chair agrees to an insertion while its author types in it: the later letters stay pending", async () => {
    const { room, a, b } = await two();
    a.select("p-one", 25).type("those all ");
    await together(a, b);
    const id = insertionOf(a);
    a.select("p-one", 30).type(" after");
    room.change((doc) => textOf(doc, 0).format(25, 10, { [`insertion:${id}`]: null, [`origin:${id}`]: true }));
    const [one] = await together(a, b);
    expect(one?.replace(/origin:a-/g, "agreed:")).toMatch(/^to share experience with \(agreed:those ?\)\{[^}]*after ?\}\(agreed: ?all \)all$/);
  });

  it("the chair does not retain an insertion while its author types in it: the later letters stay pending", async () => {
    const { room, a, b } = await two();
    a.select("p-one", 25).type("those all ");
    await together(a, b);
    a.select("p-one", 30).type(" after");
    room.change((doc) => textOf(doc, 0).delete(25, 10));
    const [one] = await together(a, b);
    expect(one).toMatch(/^to share experience with \{[^}]*after ?\}all$/);
  });

  it("the chair agrees to a strike while another types inside: the new words are kept as pending", async () => {
    const { room, a, b } = await two();
    a.select("p-one", 3, 20).backspace();
    await together(a, b);
    b.select("p-one", 9).type("new ");
    room.change((doc) => textOf(doc, 0).delete(3, 17));
    const [one] = await together(a, b);
    expect(one).toMatch(/^to \{[^}]*new \}with all$/);
  });

  it("a paragraph is taken out while somebody types in it: the words come back to their author", async () => {
    const { room, a, b } = await two();
    b.select("p-two", 6).type(" late");
    room.change((doc) => textRoot(doc).delete(1, 1));
    const lines = await together(a, b);
    expect(lines).toEqual(["to share experience with all"]);
    expect(b.session.unsent.map(({ words }) => words.text)).toEqual([" late"]);
  });

  it("a paragraph is moved while somebody types in it: the words follow it", async () => {
    const { room, a, b } = await two();
    b.select("p-two", 6).type(" late");
    room.change((doc) => {
      const root = textRoot(doc);
      const moved = elementOf(attributesOf(paragraphsOf(root)[1] as Y.XmlElement), [run("agreed words", "origin:a-old-1")]);
      root.delete(1, 1);
      root.insert(0, [moved]);
    });
    const lines = await together(a, b);
    expect(lines[0]).toBe("(origin:a-old-1:agreed){ late}(origin:a-old-1: words)");
    expect(b.session.unsent).toEqual([]);
  });

  it("one delegation removes its added paragraph while another types in it: the other's words stand or come back", async () => {
    const { a, b } = await two();
    a.select("p-one", 28);
    a.editor.run(a.editor.typing.addParagraph());
    a.type("x");
    await together(a, b);
    const added = attributesOf(paragraphsOf(textRoot(b.session.doc))[1] as Y.XmlElement).id;
    b.select(added, 1).type(" and y");
    a.backspace(2);
    const lines = await together(a, b);
    expect(`${lines.join("|")} ${b.session.unsent.map(({ words }) => words.text).join("|")}`).toContain(" and y");
  });
});
