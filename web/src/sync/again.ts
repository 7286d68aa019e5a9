/**
 * Doing an edit again in a document that has moved on: where its surroundings occur exactly once, and nowhere else (crdt guide 9).
 *
 * R1 Again, only one's own is removed and everything else is struck; new words carry one's own insertion alone.
 * R2 An edit whose place cannot be told for certain is not done.
 */

import * as Y from "yjs";
import { head, tail } from "../model/characters";
import type { AmendmentId, ParagraphId } from "../model/marks";
import { attributesOf, elementOf, paragraphsOf, runsOf, textIn, textRoot } from "../model/shared_text";
import { AROUND, plain, type Words } from "./words";

export interface Owner {
  /** Whether words under this amendment are the party's own to change by typing. */
  owns(id: AmendmentId): boolean;
  /** A new id of the party; the same one each time for words that were under the same id before. */
  mint(instead: AmendmentId): AmendmentId;
}

/** Does the edit again within the transaction that is open. False, and nothing done, when its place cannot be told (R2). */
export function doAgain(doc: Y.Doc, words: Words, owner: Owner): boolean {
  if (words.kind === "paragraph") return paragraphAgain(doc, words, owner);
  const text = textOfParagraph(doc, words.paragraph);
  if (!text) return false;
  const now = plain(text);
  const middle = words.kind === "insert" || words.kind === "remove" ? "" : words.text;
  const wanted = words.kind === "remove" ? words.text : middle;
  const at = onlyPlace(now, words.left, wanted, words.right);
  return at !== null && carryOut(text, at, words, owner);
}

/** Puts words that could not be placed at the end of their paragraph, as a proposal. False when the paragraph is gone. */
export function appendAgain(doc: Y.Doc, words: Words, owner: Owner): boolean {
  const text = textOfParagraph(doc, words.paragraph);
  if (!text || (words.kind !== "insert" && words.kind !== "paragraph")) return false;
  const now = plain(text);
  const gap = now === "" || now.endsWith(" ") || words.text.startsWith(" ") ? "" : " ";
  text.insert(now.length, gap + words.text, { [`insertion:${idFor(words, owner)}`]: true });
  return true;
}

function carryOut(text: Y.XmlText, at: number, words: Words, owner: Owner): boolean {
  const { length } = words.text;
  switch (words.kind) {
    case "insert":
      text.insert(at, words.text, { [`insertion:${idFor(words, owner)}`]: true });
      return true;
    case "strike":
    case "bracket":
      text.format(at, length, { [`${words.kind === "strike" ? "deletion" : "bracket"}:${idFor(words, owner)}`]: true });
      return true;
    case "remove":
      if (!isOwned(text, at, at + length, owner)) return false;
      text.delete(at, length);
      return true;
    case "lift":
      if (!owner.owns(words.amendment)) return false;
      text.format(at, length, { [`deletion:${words.amendment}`]: null, [`bracket:${words.amendment}`]: null });
      return true;
    case "paragraph":
      return false;
  }
}

function paragraphAgain(doc: Y.Doc, { paragraph, text, amendment, added }: Words, owner: Owner): boolean {
  const all = paragraphsOf(textRoot(doc));
  if (all.some((element) => attributesOf(element).id === paragraph)) return true;
  const before = all.find((element) => attributesOf(element).id === added?.after);
  if (!added || (added.after !== null && !before)) return false;
  const id = owner.owns(amendment) ? amendment : owner.mint(amendment);
  const runs = text === "" ? [] : [{ text, marks: [`insertion:${id}`] }];
  const element = elementOf({ id: paragraph, kind: added.kind, level: added.level, added: id }, runs);
  textRoot(doc).insertAfter(before ?? null, [element]);
  return true;
}

const idFor = ({ amendment }: Words, owner: Owner): AmendmentId => (owner.owns(amendment) ? amendment : owner.mint(amendment));

function textOfParagraph(doc: Y.Doc, id: ParagraphId): Y.XmlText | null {
  const element = paragraphsOf(textRoot(doc)).find((one) => attributesOf(one).id === id);
  return element ? textIn(element) : null;
}

/** Fewer characters than these say too little about a place, once the full surroundings are not there. */
const LEAST = 10;

/**
 * Where `middle` stands between `left` and `right`, when that is one place. When others have written close by, the nearer surroundings
 * decide, as long as they still occur exactly once.
 */
export function onlyPlace(now: string, left: string, middle: string, right: string): number | null {
  for (const reach of [AROUND, AROUND / 2, AROUND / 4]) {
    if (reach < AROUND && Math.min(left.length, reach) + Math.min(right.length, reach) < LEAST) return null;
    const place = placeBetween(now, tail(left, reach), middle, head(right, reach), reach);
    if (place !== "nowhere") return place;
  }
  return null;
}

/** Null when there are several places; of these one wins whose surroundings end, as before, where the paragraph does. */
function placeBetween(now: string, left: string, middle: string, right: string, reach: number): number | "nowhere" | null {
  const whole = left + middle + right;
  if (whole === "") return now === "" ? 0 : null;
  const places: number[] = [];
  for (let at = now.indexOf(whole); at >= 0; at = now.indexOf(whole, at + 1)) places.push(at + left.length);
  if (places.length === 0) return "nowhere";
  const exact = places.filter((at) => {
    const fromStart = left.length >= reach - 1 || at === left.length;
    const toEnd = right.length >= reach - 1 || at + middle.length + right.length === now.length;
    return fromStart && toEnd;
  });
  const [only, second] = places.length === 1 ? places : exact;
  return only !== undefined && second === undefined ? only : null;
}

function isOwned(text: Y.XmlText, from: number, to: number, owner: Owner): boolean {
  const element = text.parent;
  if (!(element instanceof Y.XmlElement)) return false;
  let at = 0;
  return runsOf(element).every((run) => {
    const touched = at < to && at + run.text.length > from;
    at += run.text.length;
    return !touched || run.marks.some((key) => key.startsWith("insertion:") && owner.owns(key.slice("insertion:".length)));
  });
}
