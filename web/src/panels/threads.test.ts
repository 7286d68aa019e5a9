// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { neighbour, spelled } from "../projector";
import { rangeOf } from "./threads_list";
import { aboutWords, asksToComment } from "./threads_feed";

const key = (init: KeyboardEventInit & { altGraph?: boolean }): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", init);
  Object.defineProperty(event, "getModifierState", { value: (name: string) => name === "AltGraph" && init.altGraph === true });
  return event;
};

describe("the key that begins a comment", () => {
  it("is Ctrl+Alt+M, and Cmd+Option+M", () => {
    expect(asksToComment(key({ code: "KeyM", ctrlKey: true, altKey: true }))).toBe(true);
    expect(asksToComment(key({ code: "KeyM", metaKey: true, altKey: true, key: "µ" }))).toBe(true);
    expect(asksToComment(key({ code: "KeyM", ctrlKey: true }))).toBe(false);
    expect(asksToComment(key({ code: "KeyM", ctrlKey: true, altKey: true, shiftKey: true }))).toBe(false);
  });

  it("is not the letter that somebody types with AltGr", () => {
    expect(asksToComment(key({ code: "KeyM", ctrlKey: true, altKey: true, altGraph: true, key: "µ" }))).toBe(false);
  });
});

describe("what a comment is on", () => {
  const text = "that 😀 many developing countries wait,";

  it("counts code points, and takes no blanks at the ends", () => {
    const from = text.indexOf(" developing");
    const about = aboutWords("p-1", text, from, from + " developing countries ".length);
    expect(about.words).toBe("developing countries");
    expect(about.offset).toBe([...text.slice(0, from + 1)].length);
    expect(about.left).toBe("that 😀 many ");
    expect(about.right).toBe(" wait,");
  });

  it("is the paragraph when nothing is selected, or too much", () => {
    expect(aboutWords("p-1", text, 3, 3)).toMatchObject({ paragraph: "p-1", words: "", offset: 0 });
    expect(aboutWords("p-1", "x".repeat(400), 0, 400).words).toBe("");
  });

  it("is found in the text over the borders of marks", () => {
    document.body.innerHTML = "<p id=p>that <ins>many </ins>developing countries</p>";
    const element = document.getElementById("p") as HTMLElement;
    expect(rangeOf(element, "many developing")?.toString()).toBe("many developing");
    expect(rangeOf(element, "small")).toBeNull();
  });

  it("is found where it stood, not where the same words stand first", () => {
    document.body.innerHTML = "<p id=p>the band, then the <b>other</b> band, and that band too</p>";
    const element = document.getElementById("p") as HTMLElement;
    const before = (left: string, right: string): number => {
      const range = rangeOf(element, "band", left, right);
      const whole = document.createRange();
      whole.setStart(element, 0);
      if (range) whole.setEnd(range.startContainer, range.startOffset);
      return whole.toString().length;
    };
    expect(before("then the other ", ", and that")).toBe("the band, then the other ".length);
    expect(before("and that ", " too")).toBe("the band, then the other band, and that ".length);
    expect(before("", "")).toBe("the ".length);
  });
});

describe("the room's screen", () => {
  it("counts the time shown down to nothing and no further", () => {
    expect([125, 60, 0.2, 0, -5, 3_725].map(spelled)).toEqual(["2:05", "1:00", "0:01", "0:00", "0:00", "1:02:05"]);
  });

  it("steps from paragraph to paragraph and stays at the ends", () => {
    const ids = ["a", "b", "c"];
    expect(neighbour(ids, "a", 1)).toBe("b");
    expect(neighbour(ids, "c", 1)).toBe("c");
    expect(neighbour(ids, "a", -1)).toBe("a");
    expect(neighbour(ids, "", 1)).toBe("a");
    expect(neighbour([], "", -1)).toBe("");
  });
});
