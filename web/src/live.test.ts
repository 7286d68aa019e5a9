// @vitest-environment jsdom
import { describe, expect, it } from "vitest";

import { CHANGED, mark, put, type Told } from "./live";

const told = (changed: Record<string, string>, order?: string[]): Told => ({
  seq: 2,
  draft: "First draft",
  changed,
  ...(order ? { order } : {}),
  at: "2026-01-21T09:00:00+00:00",
  clock: "10:00:00",
});

function page(...ids: string[]): HTMLElement {
  document.body.innerHTML = `<div id="text">${ids.map((id) => `<p id="${id}">${id}</p>`).join("\n")}</div>`;
  return document.getElementById("text") as HTMLElement;
}

const ids = (text: HTMLElement): string[] => Array.from(text.children, (element) => element.id);

describe("put", () => {
  it("replaces what changed and leaves the rest alone", () => {
    const text = page("a", "b");
    const kept = document.getElementById("a");
    expect(put(text, told({ b: '<p id="b">new &amp; <ins>better</ins></p>' }))).toEqual(["b"]);
    expect(document.getElementById("a")).toBe(kept);
    expect(document.getElementById("b")?.innerHTML).toBe("new &amp; <ins>better</ins>");
  });

  it("adds, removes and moves by the order told", () => {
    const text = page("a", "b", "c");
    put(text, told({ d: '<p id="d">d</p>' }, ["c", "d", "a"]));
    expect(ids(text)).toEqual(["c", "d", "a"]);
  });

  it("does not call different what reads the same after a reconnection", () => {
    const text = page("a", "b");
    const kept = document.getElementById("a");
    mark(text, ["a"]);
    expect(put(text, told({ a: '<p id="a">a</p>', b: '<p id="b">B</p>' }, ["a", "b"]))).toEqual(["b"]);
    expect(document.getElementById("a")).toBe(kept);
  });
});

describe("mark", () => {
  it("marks paragraphs of the text alone", () => {
    const text = page("a");
    document.body.insertAdjacentHTML("beforeend", '<p id="elsewhere"></p>');
    mark(text, ["a", "elsewhere", "gone"]);
    expect(document.getElementById("a")?.classList.contains(CHANGED)).toBe(true);
    expect(document.getElementById("elsewhere")?.classList.contains(CHANGED)).toBe(false);
  });
});
