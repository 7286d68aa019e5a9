/** Random drafting: what people do at an editor, drawn from a seeded source. */

import type { Delegate } from "./delegates";

type Editing = Pick<Delegate, "editor">;
type Random = (below: number) => number;

const WORDS = ["all ", "é", "e", "states", " 中文", "\u{20BB7}", "o", "developing "];

export const ACTS = [
  "type",
  "type",
  "type",
  "backspace",
  "backspace",
  "delete",
  "word",
  "replace",
  "strike",
  "bracket",
  "enter",
  "paste",
  "undo",
  "redo",
] as const;
export type Act = (typeof ACTS)[number];

/** Does one random thing at a random place (usually where the caret is); returns what it was. */
export function draft({ editor }: Editing, random: Random, select: (from: number, to: number) => void): Act {
  const size = editor.state.doc.content.size;
  const act = ACTS[random(ACTS.length)] as Act;
  const { typing } = editor;
  const from = 1 + random(Math.max(size - 1, 1));
  if (random(3) === 0 || act === "replace" || act === "strike" || act === "bracket") {
    const reach = act === "type" ? 0 : random(10) === 0 ? random(60) : random(9);
    select(from, Math.min(from + reach, size - 1));
  }
  switch (act) {
    case "type":
      for (const character of WORDS[random(WORDS.length)] ?? "x") editor.run(typing.text(character));
      break;
    case "backspace":
      for (let left = random(4); left >= 0; left--) editor.run(typing.erase("backward"));
      break;
    case "delete":
      editor.run(typing.erase("forward"));
      break;
    case "word":
      editor.run(typing.erase(random(2) === 0 ? "backward" : "forward", "word"));
      break;
    case "replace":
      editor.run(typing.text(WORDS[random(WORDS.length)] ?? "x"));
      break;
    case "strike":
      editor.run(typing.erase("backward"));
      break;
    case "bracket":
      editor.run(typing.text("["));
      break;
    case "enter":
      editor.run(typing.addParagraph());
      break;
    case "paste":
      editor.run(typing.paste(random(2) === 0 ? "one [x]" : "first line\nsecond\u200b line"));
      break;
    case "undo":
      editor.undo();
      break;
    case "redo":
      editor.redo();
      break;
  }
  return act;
}

/** A caret must stand in text and never inside a character. */
export function selectIn({ editor }: Editing, at: (from: number, to: number) => void): (from: number, to: number) => void {
  const settle = (pos: number): number => {
    const $pos = editor.state.doc.resolve(Math.max(1, Math.min(pos, editor.state.doc.content.size - 1)));
    if ($pos.depth === 0) return $pos.pos + 1;
    const inside = /[\udc00-\udfff]/.test($pos.parent.textContent[$pos.parentOffset] ?? "");
    return inside ? $pos.pos - 1 : $pos.pos;
  };
  return (from, to) => {
    const start = settle(from);
    at(start, Math.max(start, settle(to)));
  };
}
