// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { commandFrom, moment } from "./console_forms";
import { put, Typed } from "./console_parts";

describe("a form of the console", () => {
  it("[CN1] says the command that the server reads from it", () => {
    const command = commandFrom(
      [
        ["command", '{"act": "record_outcome", "amendment": "a-1", "revision": 2}'],
        ["ruling", "agreed"],
        ["asked_by", "ken, BRA"],
        ["until", "2026-06-09T15:30"],
        ["others:a-2", ""],
        ["others:a-3", '{"amendment": "a-3"}'],
        ["note", "  "],
        ["key", "k"],
      ],
      "Europe/Zurich",
    );
    expect(command).toEqual({
      act: "record_outcome",
      amendment: "a-1",
      revision: 2,
      ruling: "agreed",
      asked_by: ["KEN", "BRA"],
      until: "2026-06-09T13:30:00.000Z",
      others: [{ amendment: "a-3" }],
    });
  });

  it("[CN3] leaves the others alone where this one is not agreed", () => {
    const fields = [
      ["command", '{"act": "record_outcome"}'],
      ["ruling", "not_retained"],
      ["others:a-3", '{"amendment": "a-3"}'],
    ] as const;
    expect(commandFrom(fields, "UTC")).toEqual({ act: "record_outcome", ruling: "not_retained" });
  });

  it("[CN5] puts as one set what is ticked, without a ruling", () => {
    const fields = [
      ["command", '{"act": "open_call", "call": "c-1"}'],
      ["outcomes", '{"amendment": "a-1", "revision": 2, "ruling": "agreed", "words": "d"}'],
      ["outcomes", '{"amendment": "a-2", "revision": 1, "ruling": "agreed", "words": "e"}'],
    ] as const;
    expect(commandFrom(fields, "UTC")).toEqual({
      act: "open_call",
      call: "c-1",
      items: [
        { amendment: "a-1", revision: 2, words: "d" },
        { amendment: "a-2", revision: 1, words: "e" },
      ],
    });
  });

  it("knows the meeting's time on both sides of a change of the clocks", () => {
    expect(moment("2026-03-29T01:30", "Europe/Zurich")).toBe("2026-03-29T00:30:00.000Z");
    expect(moment("2026-03-29T03:30", "Europe/Zurich")).toBe("2026-03-29T01:30:00.000Z");
    expect(moment("2026-10-25T12:00", "America/New_York")).toBe("2026-10-25T16:00:00.000Z");
  });
});

const page = (html: string): HTMLElement => {
  document.body.innerHTML = `<main>${html}</main>`;
  return document.querySelector("main")!;
};
const form = (value: string, note = ""): string =>
  `<div data-part="actions" data-tag="${value}"><form><input name="form" type="hidden" value="f"><input id="note" type="text" value="${note}"><button value="agreed" name="ruling">${value}</button></form></div>`;

describe("parts that changed", () => {
  it("[CN8] are put in place; what is typed and where the focus is stay", () => {
    const main = page(form("one"));
    const note = document.querySelector<HTMLInputElement>("#note")!;
    note.value = "As read";
    note.focus();
    note.setSelectionRange(2, 2);
    put(main, { seq: 2, queue: [], parts: { actions: form("two") } }, new Typed());
    const fresh = document.querySelector<HTMLInputElement>("#note")!;
    expect(fresh).not.toBe(note);
    expect(fresh.value).toBe("As read");
    expect(document.activeElement).toBe(fresh);
    expect(fresh.selectionStart).toBe(2);
    expect(document.querySelector("button")!.textContent).toBe("two");
  });

  it("[CN8] a note comes back with its row, and is gone once it was sent", () => {
    const main = page(form("one"));
    const typed = new Typed();
    document.querySelector<HTMLInputElement>("#note")!.value = "As read";
    put(main, { seq: 2, queue: [], parts: { actions: '<div data-part="actions" data-tag="x"></div>' } }, typed);
    put(main, { seq: 3, queue: [], parts: { actions: form("one") } }, typed);
    const note = document.querySelector<HTMLInputElement>("#note")!;
    expect(note.value).toBe("As read");
    note.form!.reset();
    typed.forget(note.form!);
    put(main, { seq: 4, queue: [], parts: { actions: form("two") } }, typed);
    expect(document.querySelector<HTMLInputElement>("#note")!.value).toBe("");
  });

  it("[CN8] the queue stands in the order told; the focus stays on its row", () => {
    const body = (name: string, words: string): string =>
      `<tbody data-part="q-${name}" data-tag="${words}"><tr><td><a id="row-${name}" href="#">${words}</a></td></tr></tbody>`;
    const main = page(`<table>${body("a", "one")}${body("b", "two")}</table>`);
    document.getElementById("row-b")!.focus();
    const parts = { "q-c": body("c", "three"), "q-b": body("b", "two, revised") };
    put(main, { seq: 2, queue: ["q-c", "q-b"], parts }, new Typed());
    expect([...document.querySelectorAll("a")].map((link) => link.textContent)).toEqual(["three", "two, revised"]);
    expect(document.activeElement?.id).toBe("row-b");
  });
});
