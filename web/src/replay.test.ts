// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import "./replay";

let gone: string[] = [];

function press(key: string, more: KeyboardEventInit = {}, on: EventTarget = document.body): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
}

beforeEach(() => {
  gone = [];
  document.body.innerHTML = '<a rel="prev" href="#3">Previous</a><a rel="next" href="#5">Next</a><input>';
  for (const link of document.querySelectorAll("a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      gone.push(link.rel);
    });
  }
});

describe("the replay's keys", () => {
  it("follow the links to the step before and after", () => {
    press("ArrowLeft");
    press("ArrowRight");
    expect(gone).toEqual(["prev", "next"]);
  });

  it("leave everything else alone", () => {
    press("ArrowUp");
    press("ArrowLeft", { altKey: true });
    press("ArrowLeft", {}, document.querySelector("input")!);
    document.body.innerHTML = "";
    press("ArrowLeft");
    expect(gone).toEqual([]);
  });
});
