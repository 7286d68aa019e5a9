// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { paragraph, run, seeded } from "../../test/support/delegates";
import { Drafter, settle } from "../../test/support/drafters";
import { Room } from "../../test/support/room";
import type { Present } from "../sync/presence";
import type { OpinionSession } from "../sync/session";
import type { Hint } from "./typing";
import { mountEditor, type Caret, type EditorHandle } from "./view";
import type { Visit } from "./navigation";

// jsdom lays nothing out; ProseMirror asks for boxes when it scrolls.
const box = { left: 0, right: 0, top: 0, bottom: 0, width: 0, height: 0, x: 0, y: 0, toJSON: () => ({}) };
Object.assign(Range.prototype, { getClientRects: () => [box], getBoundingClientRect: () => box });
Object.assign(Element.prototype, { getClientRects: () => [box] });
Object.assign(document, { elementFromPoint: () => null });

const text = () =>
  seeded([
    { ...paragraph("p-verb", "recognizing"), kind: "preambular_verb" },
    { ...paragraph("p-one", "that the ", run("wide ", "insertion:a-old-1"), "divide ", run("persists", "deletion:a-old-1")), kind: "preambular_item" },
    { ...paragraph("p-two", "that ", run("all ", "bracket:a-old-2", "bracket:a-old-3"), run("States", "bracket:a-old-2"), " cooperate"), kind: "preambular_item" },
    paragraph("p-three", run("agreed words", "origin:a-old-4")),
  ]);

const amendment = (id: string, delegation: string, more: object = {}) =>
  JSON.stringify({ id, kind: "MOD", delegation, author: "x", paragraph: "p-one", status: "submitted", created_at: "2026-01-21T09:00:00Z", ...more });

interface Mounted {
  readonly handle: EditorHandle;
  readonly session: OpinionSession;
  readonly drafter: Drafter;
  readonly room: Room;
  readonly hints: Hint[];
  readonly carets: (Caret | null)[];
  readonly visits: Visit[];
}

const open: Mounted[] = [];

async function mounted(code = "XAA", room = new Room(text())): Promise<Mounted> {
  if (!room.doc.getMap("record").has("amendment:a-old-1")) {
    room.change((doc) => {
      const record = doc.getMap<string>("record");
      record.set("amendment:a-old-1", amendment("a-old-1", "XAB", { sponsors: ["XAC"] }));
      record.set("amendment:a-old-2", amendment("a-old-2", "SEC", { kind: "bracket" }));
      record.set("amendment:a-old-3", amendment("a-old-3", "XAB", { kind: "bracket", created_at: "2026-01-22T09:00:00Z" }));
      record.set("amendment:a-old-5", amendment("a-old-5", "XAC", { kind: "SUP", paragraph: "p-three" }));
      record.set("paragraph:p-one", JSON.stringify({ id: "p-one", label: "a)", state: "open" }));
    });
  }
  const drafter = await Drafter.join(room, code);
  drafter.editor.destroy();
  await settle(drafter);
  const place = document.body.appendChild(document.createElement("div"));
  const hints: Hint[] = [];
  const carets: (Caret | null)[] = [];
  const visits: Visit[] = [];
  const handle = mountEditor(place, drafter.session, {
    label: "Draft Opinion 1",
    regionOf: (party) => (party === "XAB" ? "eur" : "afr"),
    tell: (hint) => hints.push(hint),
    moved: (caret) => carets.push(caret),
    visited: (visit) => visits.push(visit),
  });
  const result = { handle, session: drafter.session, drafter, room, hints, carets, visits };
  open.push(result);
  return result;
}

afterEach(() => {
  for (const { handle } of open.splice(0)) handle.destroy();
  document.body.replaceChildren();
});

/** Puts the page's selection into the text of a paragraph, as a person's click would. */
function select(handle: EditorHandle, id: string, from: number, to = from): void {
  const element = handle.element.querySelector(`p[data-id="${id}"]`);
  if (!element) throw new Error(`no paragraph ${id}`);
  handle.focus();
  const [start, end] = [pointIn(element, from), pointIn(element, to)];
  document.getSelection()?.setBaseAndExtent(start.node, start.offset, end.node, end.offset);
  document.dispatchEvent(new Event("selectionchange"));
}

function pointIn(element: Element, offset: number): { node: Node; offset: number } {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => (node.parentElement?.closest("[contenteditable=false]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
  });
  let left = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const { length } = node as Text;
    if (left <= length) return { node, offset: left };
    left -= length;
  }
  return { node: element, offset: 0 };
}

function input(handle: EditorHandle, inputType: string, data: string | null = null): boolean {
  const event = new InputEvent("beforeinput", { inputType, data, bubbles: true, cancelable: true });
  handle.element.dispatchEvent(event);
  return event.defaultPrevented;
}

function press(handle: EditorHandle, key: string, more: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  handle.element.dispatchEvent(event);
  return event.defaultPrevented;
}

/** The text of a paragraph as drawn, with what stands around it. */
const drawn = (handle: EditorHandle, id: string): string => handle.element.querySelector(`p[data-id="${id}"]`)?.textContent ?? "";

describe("the editor on the page", () => {
  it("draws labels, codes, bracket signs nested and balanced, and says whose words are whose", async () => {
    const { handle } = await mounted();
    const one = handle.element.querySelector<HTMLElement>('p[data-id="p-one"]');
    expect(one?.dataset["label"]).toBe("a)");
    expect(one?.className.split(" ")).toEqual(expect.arrayContaining(["kind-preambular_item", "labelled", "changed"]));
    expect(drawn(handle, "p-one")).toBe("that the wide XAB XACdivide persistsXAB XAC");
    expect(drawn(handle, "p-two")).toBe("that [[all ]XABStates]SEC cooperate");
    const ins = handle.element.querySelector<HTMLElement>("ins");
    expect(ins?.dataset["insertion"]).toBe("a-old-1");
    expect(ins?.classList.contains("region-eur")).toBe(true);
    expect(handle.element.querySelector('p[data-id="p-three"]')?.classList.contains("removal")).toBe(true);
    expect(drawn(handle, "p-three")).toBe("agreed wordsXAC");
    expect(handle.element.getAttribute("role")).toBe("textbox");
  });

  it("types what beforeinput says, under an own mark", async () => {
    const { handle, session } = await mounted();
    select(handle, "p-three", 6);
    expect(input(handle, "insertText", "!")).toBe(true);
    expect(input(handle, "insertText", "?")).toBe(true);
    expect(drawn(handle, "p-three")).toBe("agreed!?XAA wordsXAC");
    expect(session.sending).toBe(2);
    press(handle, "Backspace");
    press(handle, "Backspace");
    press(handle, "Backspace");
    expect(handle.element.querySelector("del.own")?.textContent).toBe("d");
  });

  it.each(["[", "\uff3b", "\u3010"])("%s from beforeinput brackets the selection; Backspace at the sign takes it away", async (sign) => {
    const { handle } = await mounted();
    select(handle, "p-three", 0, 6);
    input(handle, "insertText", sign);
    expect(drawn(handle, "p-three")).toBe("[agreed]XAA wordsXAC");
    press(handle, "Backspace");
    expect(drawn(handle, "p-three")).toBe("agreed wordsXAC");
  });

  it("Enter adds a paragraph, Shift+Enter is refused, Tab leaves but for own added items, Escape always leaves", async () => {
    const { handle, hints } = await mounted();
    select(handle, "p-two", 25);
    expect(press(handle, "Tab")).toBe(false);
    press(handle, "Enter");
    expect(handle.element.querySelectorAll("p")).toHaveLength(5);
    expect(press(handle, "Enter", { shiftKey: true })).toBe(true);
    expect(hints.map(({ kind }) => kind)).toEqual(["no-line-break"]);
    expect(press(handle, "Tab")).toBe(true);
    expect(handle.element.querySelector("p.kind-sub_item.level-1.added")).not.toBeNull();
    press(handle, "Escape");
    expect(press(handle, "Tab")).toBe(false);
  });

  it("a browser that changes the page by itself (spelling, phones) makes a proposal, and splits nothing", async () => {
    const { handle } = await mounted();
    select(handle, "p-three", 12);
    const words = handle.element.querySelector('p[data-id="p-three"] .origin')?.firstChild as Text;
    words.data = "agreed wards";
    await expect.poll(() => handle.element.querySelector("del.own")?.textContent).toBe("o");
    expect(handle.element.querySelector("ins.own")?.textContent).toBe("a");
    const first = handle.element.querySelector('p[data-id="p-verb"]');
    first?.remove();
    await expect.poll(() => handle.element.querySelector('p[data-id="p-verb"]')?.textContent).toBe("recognizing");
  });

  it("copies plain text with square brackets, pastes plain text as proposals", async () => {
    const { handle } = await mounted();
    select(handle, "p-two", 5, 19);
    const data = new Map<string, string>();
    const clipboard = (type: string) => {
      const event = new Event(type, { bubbles: true, cancelable: true });
      Object.assign(event, { clipboardData: { getData: (name: string) => data.get(name) ?? "", setData: (name: string, value: string) => data.set(name, value) } });
      handle.element.dispatchEvent(event);
    };
    clipboard("copy");
    expect(data.get("text/plain")).toBe("[[all ]States] coo");
    select(handle, "p-three", 12);
    data.set("text/plain", "one\ntwo");
    clipboard("paste");
    expect([...handle.element.querySelectorAll("p.added")].map((added) => added.textContent)).toEqual(["oneXAA", "twoXAA"]);
  });

  it("goes from change to change and bracket to bracket, and says where it is", async () => {
    const { handle, visits } = await mounted();
    select(handle, "p-verb", 0);
    press(handle, "F8");
    press(handle, "F8");
    press(handle, "F8");
    press(handle, "F8");
    press(handle, "F9");
    press(handle, "F9", { shiftKey: true });
    expect(visits.map(({ kind, number, of, id }) => `${kind} ${number}/${of} ${id}`)).toEqual([
      "change 1/3 a-old-1",
      "change 2/3 a-old-1",
      "change 3/3 a-old-5",
      "change 1/3 a-old-1",
      "bracket 1/2 a-old-2",
      "bracket 2/2 a-old-3",
    ]);
    expect(handle.reveal("a-old-5")).toBe(true);
    expect(handle.caret?.paragraph).toBe("p-three");
    expect(handle.caret?.origins).toEqual(["a-old-4"]);
    expect(handle.reveal("a-nowhere")).toBe(false);
  });

  it("repaints in place when the record changes, and forgets what could be undone once it is submitted", async () => {
    const { handle, room, drafter, session } = await mounted();
    select(handle, "p-three", 12);
    input(handle, "insertText", "!");
    const ins = handle.element.querySelector<HTMLElement>("ins.own");
    const id = ins?.dataset["insertion"] ?? "";
    await settle(drafter);
    room.change((doc) => doc.getMap("drafts").set(`amendment:${id}`, amendment(id, "XAA", { status: "draft" })));
    await settle(drafter);
    expect(handle.canUndo).toBe(true);
    expect(ins?.classList.contains("draft")).toBe(true);
    room.change((doc) => {
      doc.getMap("drafts").delete(`amendment:${id}`);
      doc.getMap("record").set(`amendment:${id}`, amendment(id, "XAA", { number: 9 }));
    });
    await settle(drafter);
    expect(handle.canUndo).toBe(false);
    expect(handle.element.contains(ins)).toBe(true);
    expect(ins?.classList.contains("draft")).toBe(false);
    expect(session.standing(id)).toBe("fixed");
    handle.highlight(id);
    expect(ins?.classList.contains("lit")).toBe(true);
  });

  it.each(["words", "caret", "record"])("a caret the page has not told of yet stays when another's %s comes in [B4]", async (what) => {
    const { handle, room, drafter, session } = await mounted();
    const other = await Drafter.join(room, "XAB");
    await settle(drafter, other);
    select(handle, "p-three", 12);
    input(handle, "insertText", "!");
    await settle(drafter, other);
    if (what === "words") other.select("p-two", 0).type("X");
    if (what === "record") room.change((doc) => doc.getMap("record").set("amendment:a-old-3", amendment("a-old-3", "XAC", { kind: "bracket" })));
    await settle(other);
    // Browsers move the selection first and tell of it in a task of its own; frames may come in between.
    const { node, offset } = pointIn(handle.element.querySelector('p[data-id="p-two"]') as Element, 5);
    document.getSelection()?.collapse(node, offset);
    if (what === "caret") {
      const peer: Present = { peer: 7, name: "B", delegation: "XAB", role: "expert", paragraph: "p-two", offset: 3, sending: false, self: false };
      Object.defineProperty(session, "present", { value: [peer] });
      (session as unknown as { emitter: { emit: (name: string, value: unknown) => void } }).emitter.emit("presence", []);
    }
    const shown = drawn(handle, "p-two");
    drafter.socket.pass(Infinity, Infinity);
    expect(drawn(handle, "p-two") !== shown).toBe(what !== "caret");
    input(handle, "insertText", "y");
    expect(paragraphText(session.doc, 2)).toBe(what === "words" ? "Xthat yall States cooperate" : "that yall States cooperate");
    expect(paragraphText(session.doc, 3)).toBe("agreed words!");
  });

  it("holds what others type until a composition has ended, and what is composed until then [B3]", async () => {
    const { handle, room, drafter, session } = await mounted();
    const other = await Drafter.join(room, "XAB");
    await settle(drafter, other);
    select(handle, "p-three", 6);
    handle.element.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    const node = pointIn(handle.element.querySelector('p[data-id="p-three"]') as Element, 6).node as Text;
    node.data = `${node.data.slice(0, 6)}ni${node.data.slice(6)}`;
    document.getSelection()?.collapse(node, 8);
    other.select("p-three", 6).type("X");
    await settle(drafter, other);
    await expect.poll(() => drawn(handle, "p-three")).toContain("agreedni");
    expect(session.sending).toBe(0);
    expect(drawn(handle, "p-three")).not.toContain("X ");
    node.data = node.data.replace("ni", "\u4f60");
    document.getSelection()?.collapse(node, 7);
    await expect.poll(() => drawn(handle, "p-three")).toContain("agreed\u4f60");
    expect(session.sending).toBe(0);
    handle.element.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "\u4f60" }));
    await expect.poll(() => session.sending).toBeGreaterThan(0);
    await settle(drafter, other);
    const shown = paragraphText(session.doc, 3);
    expect(shown).toContain("\u4f60");
    expect(shown).toContain("X");
    expect(shown).not.toContain("ni");
    expect(handle.element.querySelector("ins.own")?.textContent).toBe("\u4f60");
    expect(other.session.doc.getXmlFragment("text").toJSON()).toBe(session.doc.getXmlFragment("text").toJSON());
  });

  it("shows where others are, without their own caret, and tells where the own one is", async () => {
    const { handle, session } = await mounted();
    const peer: Present = { peer: 7, name: "B", delegation: "XAB", role: "expert", paragraph: "p-two", offset: 3, sending: false, self: false };
    Object.defineProperty(session, "present", { value: [peer, { ...peer, peer: 8, self: true }] });
    (session as unknown as { emitter: { emit: (name: string, value: unknown) => void } }).emitter.emit("presence", []);
    expect([...handle.element.querySelectorAll(".peer-caret")].map((caret) => caret.textContent)).toEqual(["B, XAB"]);
  });

  it("without the right to type it shows everything and sends nothing", async () => {
    const { handle, session, room, drafter } = await mounted();
    room.change((doc) => doc.getMap("record").set("opinion", JSON.stringify({ closed: true })));
    await settle(drafter);
    expect(handle.element.getAttribute("contenteditable")).toBe("false");
    input(handle, "insertText", "x");
    expect(session.sending).toBe(0);
    expect(handle.element.getAttribute("aria-readonly")).toBe("true");
  });
});

function paragraphText(doc: Y.Doc, place: number): string {
  const element = doc.getXmlFragment("text").get(place) as Y.XmlElement;
  return ((element.get(0) as Y.XmlText).toDelta() as { insert: string }[]).map(({ insert }) => insert).join("");
}
