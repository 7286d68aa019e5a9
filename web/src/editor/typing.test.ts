import { TextSelection } from "prosemirror-state";
import { describe, expect, it } from "vitest";
import { Delegate, exchange, paragraph, run, seeded } from "../../test/support/delegates";
import { plainText } from "./clipboard";
import { attrsOf } from "./schema";

const text = seeded([
  { ...paragraph("p-verb", "invites Member States"), kind: "operative_verb" },
  { ...paragraph("p-one", "to share experience"), kind: "operative_item" },
  paragraph("p-two", "hello"),
]);
const ken = (seed = text) => new Delegate("ken", 1001, seed);
const lines = (delegate: Delegate) => {
  expect(delegate.shared).toEqual(delegate.shown);
  return delegate.shown;
};

describe("typing", () => {
  it("inserts under an own mark and joins the amendment it touches", () => {
    const client = ken().select("p-one", 3).type("all ").select("p-one", 10).type("x");
    expect(lines(client)[1]).toBe("to {ken-1:all }sha{ken-2:x}re experience");
  });

  it("strikes what is not its own and types behind what it struck", () => {
    const client = ken().select("p-one", 3, 8);
    client.type("pool");
    expect(lines(client)[1]).toBe("to ~ken-1:share~{ken-1:pool} experience");
  });

  it("Backspace strikes agreed words one by one, then typing goes behind them", () => {
    const client = ken().select("p-one", 8).backspace(5).type("pool");
    expect(lines(client)[1]).toBe("to ~ken-1:share~{ken-1:pool} experience");
  });

  it("Backspace really removes own pending words, and the own e before an agreed e", () => {
    const client = ken().select("p-two", 1).type("e").backspace();
    expect(lines(client)[2]).toBe("hello");
    client.type("ab").backspace();
    expect(lines(client)[2]).toBe("h{ken-2:a}ello");
  });

  it("Backspace over another delegation's pending words strikes them", () => {
    const [a, b] = [ken(), new Delegate("bra", 1002, text)];
    a.select("p-two", 5).type(" all");
    exchange(a, b);
    b.select("p-two", 9).backspace(3);
    exchange(a, b);
    expect(lines(a)[2]).toBe("hello{ken-1: }{ken-1:~bra-1:all~}");
    expect(lines(b)).toEqual(lines(a));
  });

  it("types inside another's pending words under its own id alone", () => {
    const [a, b] = [ken(), new Delegate("bra", 1002, text)];
    a.select("p-two", 5).type("abcd");
    exchange(a, b);
    b.select("p-two", 7).type("xy");
    exchange(a, b);
    expect(lines(a)[2]).toBe("hello{ken-1:ab}{bra-1:xy}{ken-1:cd}");
    expect(lines(b)).toEqual(lines(a));
  });

  it("words of one's own submitted amendment are struck under a new draft id", () => {
    const client = ken(seeded([paragraph("p-two", "hello", run(" all", "insertion:a-ken-s"))]));
    client.party.fixed.add("a-ken-s");
    client.select("p-two", 9).backspace(3).type("any");
    expect(lines(client)).toEqual(["hello{ken-s: }{ken-s:~ken-1:all~}{ken-1:any}"]);
  });

  it("strikes a selection over several paragraphs and never joins them", () => {
    const client = ken().select("p-verb", 8);
    client.selectAt(client.startOf("p-verb") + 8, client.startOf("p-two") + 2);
    client.backspace();
    expect(lines(client)).toEqual(["invites ~ken-3:Member States~", "~ken-2:to share experience~", "~ken-1:he~llo"]);
  });

  it("Enter at the end proposes a paragraph; Backspace in it, empty, takes it away", () => {
    const client = ken().select("p-one", 19);
    client.editor.run(client.editor.typing.addParagraph());
    const added = attrsOf(client.editor.state.doc.child(2));
    expect([added.kind, added.added]).toEqual(["operative_item", "a-ken-1"]);
    client.type("new");
    expect(lines(client)[2]).toBe("{ken-1:new}");
    client.backspace(4);
    expect(lines(client)).toHaveLength(3);
    expect(client.caret).toBe(19);
    expect(client.hints).toEqual([]);
  });

  it("Enter inside a paragraph adds one behind it, splits nothing and says so", () => {
    const client = ken().select("p-one", 4);
    client.editor.run(client.editor.typing.addParagraph());
    expect(lines(client)[1]).toBe("to share experience");
    expect(lines(client)).toHaveLength(4);
    expect(client.hints).toEqual([{ kind: "paragraph-not-split" }]);
  });

  it("Backspace at the start of somebody's paragraph joins nothing", () => {
    const client = ken().select("p-two", 0).backspace();
    expect(lines(client)).toHaveLength(3);
    expect(client.hints).toEqual([{ kind: "paragraphs-not-joined" }]);
  });

  it.each(["[", "\uff3b", "\u3010"])("%s puts the selected words in brackets", (sign) => {
    const client = ken().select("p-one", 2, 9).type(sign);
    expect(lines(client)[1]).toBe("to <ken-1:share> experience");
  });

  it("a bracket over several paragraphs is one bracket; its own sign is taken away by Backspace", () => {
    const client = ken();
    client.selectAt(client.startOf("p-verb") + 15, client.startOf("p-one") + 8).type("[");
    expect(lines(client).slice(0, 2)).toEqual(["invites Member <ken-1:States>", "<ken-1:to share> experience"]);
    client.select("p-one", 8).backspace();
    expect(lines(client).slice(0, 2)).toEqual(["invites Member States", "to share experience"]);
  });

  it("[ without a selection says what to do and types nothing", () => {
    const client = ken().select("p-one", 2).type("[");
    expect(lines(client)[1]).toBe("to share experience");
    expect(client.hints).toEqual([{ kind: "select-to-bracket" }]);
  });

  it("pastes lines as added paragraphs, cleaned, a balanced pair as a bracket [D7]", () => {
    const client = ken().select("p-one", 19);
    client.editor.run(client.editor.typing.paste("one [two]\u200b\r\n\r\nthree\tfour"));
    expect(lines(client).slice(1, 4)).toEqual(["to share experience", "{ken-1:one }{ken-1:<ken-2:two>}", "{ken-3:three four}"]);
    expect(client.hints).toEqual([{ kind: "characters-dropped", count: 1 }]);
  });

  it("pasted pairs are a bracket each, nested ones too; letters without a partner stay pending [D7]", () => {
    const client = ken().select("p-one", 3, 8);
    client.editor.run(client.editor.typing.paste("[a] b \u3010c [d]\uff3d e] []"));
    expect(client.editor.state.doc.child(1).textContent).toBe("to sharea b c d e] [] experience");
    expect(plainText(client.editor.state.doc, client.startOf("p-one"), client.startOf("p-one") + 32)).toBe(
      "to share[a] b [c [d]] e] [] experience",
    );
  });

  it("pastes one line at the caret over the selection", () => {
    const client = ken().select("p-one", 3, 8);
    client.editor.run(client.editor.typing.paste("pool\n"));
    expect(lines(client)[1]).toBe("to ~ken-1:share~{ken-1:pool} experience");
  });

  it("Tab sets an own added item a level deeper, and leaves everything else alone", () => {
    const client = ken().select("p-one", 19);
    expect(client.editor.run(client.editor.typing.indent(1))).toBe(false);
    client.editor.run(client.editor.typing.addParagraph());
    for (const [by, expected] of [
      [1, "sub_item 1"],
      [1, "sub_item 2"],
      [-1, "sub_item 1"],
      [-1, "operative_item 0"],
    ] as const) {
      client.editor.run(client.editor.typing.indent(by));
      const { kind, level } = attrsOf(client.editor.state.doc.child(2));
      expect(`${kind} ${level}`).toBe(expected);
    }
  });

  it("a plain replacement from elsewhere (spelling correction, input method) becomes a proposal", () => {
    const client = ken();
    const start = client.startOf("p-one");
    client.editor.dispatch(client.editor.state.tr.insertText("pool", start + 3, start + 8));
    expect(lines(client)[1]).toBe("to ~ken-1:share~{ken-1:pool} experience");
  });

  it("splits, joins and removals by plain transactions do not get through", () => {
    const client = ken();
    const before = lines(client);
    const { state } = client.editor;
    client.editor.dispatch(state.tr.split(5));
    client.editor.dispatch(state.tr.join(state.doc.child(0).nodeSize));
    client.editor.dispatch(state.tr.delete(0, state.doc.child(0).nodeSize));
    expect(lines(client)).toEqual(before);
    expect(client.sent).toEqual([]);
  });

  it("a reader changes nothing", () => {
    const client = ken();
    client.party.mayType = false;
    client.select("p-one", 3).type("x").backspace();
    expect(client.sent).toEqual([]);
    expect(client.hints[0]).toEqual({ kind: "read-only" });
  });

  it("an own added paragraph wholly inside a struck selection goes, one with others' words stays", () => {
    const [a, b] = [ken(), new Delegate("bra", 1002, text)];
    a.select("p-one", 19);
    a.editor.run(a.editor.typing.paste("first\nsecond"));
    exchange(a, b);
    const second = attrsOf(b.editor.state.doc.child(3)).id;
    b.select(second, 6).type("!");
    exchange(a, b);
    a.selectAt(a.startOf("p-one") + 3, a.startOf("p-two") + 1).backspace();
    exchange(a, b);
    expect(lines(a).slice(1)).toEqual(["to ~ken-4:share experience~", "{bra-1:~ken-2:!~}", "~ken-3:h~ello"]);
    expect(lines(b)).toEqual(lines(a));
  });
});

describe("selection", () => {
  it("stays with its characters when others type before, at and after it [B4]", () => {
    const [a, b] = [ken(), new Delegate("bra", 1002, text)];
    a.select("p-one", 3).type("all ");
    b.select("p-one", 3).type("interested ");
    exchange(a, b);
    const own = (client: Delegate, words: string) => {
      const { $head } = client.editor.state.selection;
      return $head.parent.textContent.slice(0, $head.parentOffset).endsWith(words);
    };
    expect([own(a, "all "), own(b, "interested ")]).toEqual([true, true]);
    expect(lines(a)).toEqual(lines(b));
    expect(lines(a)[1]).toMatch(/\{ken-1:all \}/);
    expect(lines(a)[1]).toMatch(/\{bra-1:interested \}/);
  });

  it("of a range covers the same words afterwards", () => {
    const [a, b] = [ken(), new Delegate("bra", 1002, text)];
    a.select("p-one", 3, 8);
    b.select("p-one", 3).type("to ").select("p-one", 11).type("!");
    exchange(a, b);
    const { from, to } = a.editor.state.selection;
    expect(a.editor.state.selection).toBeInstanceOf(TextSelection);
    expect(a.editor.state.doc.textBetween(from, to)).toBe("share");
  });
});
