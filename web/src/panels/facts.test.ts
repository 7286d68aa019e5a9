import { describe, expect, it } from "vitest";
import { openBrackets } from "./brackets";
import { changesIn, editsOf, sentenceOf } from "./changes";
import { conflictsIn } from "./conflicts";
import { factsOf } from "./facts";
import { sectionsOf } from "./outline";
import { placesOf, spoken } from "./places";
import { previewOf } from "./preview";
import { amendment, paragraph, record, run } from "./text.fixtures";
import { digestLines, wordsDigest } from "./words_digest";

const REPLACED = paragraph("p-1", ["that it ", run("requires", "deletion:a-1"), run("depends on", "insertion:a-1"), " access;"]);

describe("changes", () => {
  it("make struck words and the words beside them one edit", () => {
    const [edit, ...others] = editsOf(amendment("a-1", "XAA"), changesIn([REPLACED]).get("a-1"));
    expect(others).toEqual([]);
    expect(edit).toMatchObject({ struck: "requires", written: "depends on" });
    expect(sentenceOf([edit!])).toBe("“requires” becomes “depends on”");
  });

  it("are not divided by others' pending words among them, but by settled ones (as the list of brackets counts)", () => {
    const text = paragraph("p-1", [
      run("one ", "insertion:a-1"),
      run("x ", "insertion:a-2"),
      run("two", "insertion:a-1"),
      " and ",
      run("three", "insertion:a-1"),
    ]);
    expect(
      changesIn([text])
        .get("a-1")
        ?.pieces.map((piece) => piece.text),
    ).toEqual(["one two", "three"]);
  });

  it("stay one edit when others' pending words stand between what is struck and what is written", () => {
    const text = paragraph("p-1", [
      run("should", "deletion:a-1", "deletion:a-2"),
      run("could", "insertion:a-2"),
      run("shall", "insertion:a-1"),
      " act",
    ]);
    expect(sentenceOf(editsOf(amendment("a-1", "XAA"), changesIn([text]).get("a-1")))).toBe("“should” becomes “shall”");
  });

  it("of a proposal not retained are what its record kept", () => {
    const kept = (text: string, kind: string, left: string) => ({
      paragraph: "p-1",
      offset: 0,
      runs: [run(text, `${kind}:a-1`)],
      left,
      right: "",
      whole: null,
      after: null,
    });
    const removed = [kept("older persons", "deletion", "that "), kept("persons of age", "insertion", "that older persons")];
    const gone = amendment("a-1", "XAA", { status: "not_retained", removed });
    expect(sentenceOf(editsOf(gone))).toBe("“older persons” becomes “persons of age”");
  });

  it("show what a decision took out beside what it put in", () => {
    const decided = amendment("a-1", "XAA", {
      status: "agreed",
      removed: [
        {
          paragraph: "p-1",
          offset: 8,
          runs: [run("requires", "deletion:a-1")],
          left: "that it ",
          right: "",
          whole: null,
          after: null,
        },
      ],
    });
    const text = paragraph("p-1", ["that it ", run("depends on", "origin:a-1"), " access;"]);
    expect(editsOf(decided, changesIn([text]).get("a-1"))).toEqual([
      { struck: "requires", written: "depends on", bracketed: "", after: "" },
    ]);
  });

  it("say after which words something is added", () => {
    const text = paragraph("p-1", ["many ", run("developing ", "insertion:a-1"), "countries"]);
    expect(sentenceOf(editsOf(amendment("a-1", "XAA"), changesIn([text]).get("a-1")))).toBe("add “developing” after “many”");
  });
});

describe("open brackets [B1]", () => {
  it("count every bracket, every stretch of inserted and of struck words, every paragraph to add or to delete", () => {
    const text = [
      REPLACED,
      paragraph("p-2", [run("shared words", "bracket:a-2")]),
      paragraph("p-3", [run("new paragraph", "insertion:a-3")], { added: "a-3" }),
      paragraph("p-4", ["to go"]),
      paragraph("p-5", [run("draft", "insertion:a-5")]),
    ];
    const held = record([
      amendment("a-1", "XAA"),
      amendment("a-2", "XAB", { kind: "bracket" }),
      amendment("a-3", "XAC", { kind: "ADD", paragraph: "p-3" }),
      amendment("a-4", "XAD", { kind: "SUP", paragraph: "p-4" }),
      amendment("a-5", "XAA", { status: "draft" }),
    ]);
    const found = openBrackets(text, held, changesIn(text));
    expect(found.map(({ kind, words }) => [kind, words])).toEqual([
      ["deletion", "requires"],
      ["insertion", "depends on"],
      ["bracket", "shared words"],
      ["paragraph", "new paragraph"],
      ["paragraph", "to go"],
    ]);
  });

  it("leave out what is decided", () => {
    const held = record([amendment("a-1", "XAA", { status: "withdrawn" })]);
    expect(openBrackets([REPLACED], held, changesIn([REPLACED]))).toEqual([]);
  });
});

describe("conflicts", () => {
  it("are pending changes of different delegations to the same or adjoining words", () => {
    const text = paragraph("p-1", [
      "a ",
      run("b", "deletion:a-1", "bracket:a-2"),
      run("c", "insertion:a-3"),
      " far ",
      run("d", "insertion:a-4"),
    ]);
    const held = record([
      amendment("a-1", "XAA"),
      amendment("a-2", "XAB", { kind: "bracket" }),
      amendment("a-3", "XAA"),
      amendment("a-4", "XAC"),
    ]);
    const found = conflictsIn(held, changesIn([text]));
    expect(found.get("a-1")).toEqual(["a-2"]);
    expect([...(found.get("a-2") ?? [])].sort()).toEqual(["a-1", "a-3"]);
    expect(found.has("a-4")).toBe(false);
  });
});

describe("places", () => {
  it("cite a paragraph by its verb and labels, never by its id", () => {
    const text = [
      paragraph("p-v", [run("recognizing", "em"), ","], { kind: "preambular_verb" }),
      paragraph("p-a", ["first"]),
      paragraph("p-w", [run("invites Member States", "em")], { kind: "operative_verb" }),
      paragraph("p-1", ["to act"], { kind: "operative_item" }),
      paragraph("p-s", ["soon"], { kind: "sub_item", level: 1 }),
      paragraph("p-f", ["note"], { kind: "footnote" }),
    ];
    const labels = [
      { id: "p-a", label: "b)" },
      { id: "p-1", label: "3 bis" },
      { id: "p-s", label: "a)" },
      { id: "p-f", label: "1" },
    ];
    const places = placesOf(text, record([], labels).paragraphs);
    expect(["p-v", "p-a", "p-1", "p-s", "p-f"].map((id) => spoken(places.get(id)!))).toEqual([
      "recognizing",
      "recognizing b)",
      "invites Member States 3 bis",
      "invites Member States 3 bis a)",
      "Footnote 1",
    ]);
  });
});

describe("preview", () => {
  const words = (parts: readonly { text: string }[]): string => parts.map(({ text }) => text).join("");

  it("reads as the paragraph would with this amendment alone", () => {
    const text = paragraph("p-1", [
      "many ",
      run("all ", "insertion:a-2"),
      run("poor", "deletion:a-1"),
      run("developing", "insertion:a-1"),
      " countries",
    ]);
    const held = record([amendment("a-1", "XAA"), amendment("a-2", "XAB")]);
    const preview = previewOf(held.amendments.get("a-1")!, text, held);
    expect(words(preview.now)).toBe("many poor countries");
    expect(words(preview.agreed)).toBe("many developing countries");
    expect(words(preview.notRetained)).toBe("many poor countries");
  });

  it("shows the words of a bracket kept, and gone when they are not retained", () => {
    const text = paragraph("p-1", ["in ", run("many", "bracket:a-1"), " places"]);
    const held = record([amendment("a-1", "XAA", { kind: "bracket" })]);
    const preview = previewOf(held.amendments.get("a-1")!, text, held);
    expect([words(preview.now), words(preview.agreed), words(preview.notRetained)]).toEqual([
      "in [many] places",
      "in many places",
      "in  places",
    ]);
  });
});

describe("words digest", () => {
  it("has a line per paragraph and one for what is inserted, struck and bracketed there", () => {
    expect(digestLines([REPLACED], amendment("a-1", "XAA"))).toEqual(["# p-1", "+depends on", "-requires"]);
    expect(digestLines([REPLACED], amendment("a-9", "XAA", { kind: "SUP" }))).toEqual([
      "# p-1",
      "-that it requiresdepends on access;",
    ]);
  });

  it("is the beginning of the SHA-256 of these lines", async () => {
    // printf '# p-1\n+depends on\n-requires' | sha256sum | cut -c1-16
    expect(await wordsDigest([REPLACED], amendment("a-1", "XAA"))).toBe("5f0a3ff8bc70c639");
  });
});

describe("outline", () => {
  it("counts what is pending under each verb and says the least settled state", () => {
    const text = [
      paragraph("p-v", [run("recognizing", "em")], { kind: "preambular_verb" }),
      REPLACED,
      paragraph("p-2", ["agreed words"]),
    ];
    const held = record(
      [amendment("a-1", "XAA")],
      [
        { id: "p-v", state: "agreed" },
        { id: "p-1", state: "open" },
        { id: "p-2", state: "agreed" },
      ],
    );
    const [section, ...others] = sectionsOf(factsOf(text, held));
    expect(others).toEqual([]);
    expect(section).toMatchObject({ words: "recognizing", pending: 1, state: "open" });
  });
});
