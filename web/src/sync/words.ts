/**
 * The plain words of edits: what stands beside every unacknowledged update, readable whatever becomes of the document.
 *
 * From these a refused or late edit is offered again (crdt guide 9): where its surroundings occur exactly once it is done again,
 * everything else goes to the tray. Nothing is dropped silently (I7).
 */

import * as Y from "yjs";
import { head, tail } from "../model/characters";
import type { AmendmentId, ParagraphId } from "../model/marks";
import { attributesOf, paragraphsOf, textIn, textRoot } from "../model/shared_text";

/** Characters of surroundings kept on either side of an edit. */
export const AROUND = 24;

export type WordsKind = "insert" | "strike" | "bracket" | "remove" | "lift" | "paragraph";

/** One edit in one place. `left` and `right` are what stood around it right after it was made. */
export interface Words {
  readonly kind: WordsKind;
  readonly paragraph: ParagraphId;
  readonly text: string;
  readonly left: string;
  readonly right: string;
  readonly amendment: AmendmentId;
  /** Of a new paragraph: behind which one it stood, and what it was. */
  readonly added?: { readonly after: ParagraphId | null; readonly kind: string; readonly level: number };
}

interface Delta {
  readonly insert?: unknown;
  readonly delete?: number;
  readonly retain?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What a transaction on the text did, in words. */
export function wordsOf(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], doc: Y.Doc): Words[] {
  const root = textRoot(doc);
  const words: Words[] = [];
  for (const event of events) {
    if (event.target === root) words.push(...newParagraphs(event, root));
    else if (event.target instanceof Y.XmlText) words.push(...wordsIn(event, event.target));
  }
  return words;
}

function newParagraphs(event: Y.YEvent<Y.AbstractType<unknown>>, root: Y.XmlFragment): Words[] {
  const added = paragraphsOf(root).filter((element) => element._item !== null && event.adds(element._item));
  return added.map((element) => {
    const { id, kind, level, added: amendment } = attributesOf(element);
    const all = paragraphsOf(root);
    const before = all[all.indexOf(element) - 1];
    const after = before ? attributesOf(before).id : null;
    return { kind: "paragraph", paragraph: id, text: plain(textIn(element)), left: "", right: "", amendment: amendment ?? "", added: { after, kind, level } };
  });
}

function wordsIn(event: Y.YEvent<Y.AbstractType<unknown>>, text: Y.XmlText): Words[] {
  const element = text.parent;
  if (!(element instanceof Y.XmlElement)) return [];
  const paragraph = attributesOf(element).id;
  const now = plain(text);
  const delta = event.delta as readonly Delta[];
  const removed = delta.some((part) => part.delete !== undefined) ? removedFrom(event, text) : "";
  const noted: { words: Words; end: number }[] = [];
  let [at, gone] = [0, 0];
  const note = (kind: WordsKind, start: number, end: number, said: string, amendment: string) => {
    const last = noted.at(-1);
    const right = head(now.slice(end), AROUND);
    if (last?.words.kind === kind && last.words.amendment === amendment && last.end === start) {
      noted[noted.length - 1] = { words: { ...last.words, text: last.words.text + said, right }, end };
    } else {
      const left = tail(now.slice(0, start), AROUND);
      noted.push({ words: { kind, paragraph, text: said, left, right, amendment }, end });
    }
  };
  for (const part of delta) {
    if (part.delete !== undefined) {
      note("remove", at, at, removed.slice(gone, gone + part.delete), "");
      gone += part.delete;
    } else if (part.insert !== undefined) {
      const said = typeof part.insert === "string" ? part.insert : "\ufffc";
      note("insert", at, at + said.length, said, idIn(part.attributes, "insertion"));
      at += said.length;
    } else {
      const end = at + (part.retain ?? 0);
      for (const [key, value] of Object.entries(part.attributes ?? {})) {
        const kind = key.startsWith("deletion:") ? "strike" : key.startsWith("bracket:") ? "bracket" : null;
        if (kind) note(value === null ? "lift" : kind, at, end, now.slice(at, end), key.slice(key.indexOf(":") + 1));
      }
      at = end;
    }
  }
  return noted.map(({ words }) => words);
}

function idIn(attributes: Delta["attributes"], kind: string): string {
  const key = Object.keys(attributes ?? {}).find((name) => name.startsWith(`${kind}:`) && attributes?.[name] !== null);
  return key ? key.slice(kind.length + 1) : "";
}

/** The characters that an event took out, in order; they are still there while observers run. */
function removedFrom(event: Y.YEvent<Y.AbstractType<unknown>>, text: Y.XmlText): string {
  let removed = "";
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted && event.deletes(item) && !event.adds(item) && item.countable) {
      removed += item.content instanceof Y.ContentString ? item.content.str : "\ufffc".repeat(item.length);
    }
  }
  return removed;
}

/** The characters of a text, marks left out. */
export function plain(text: Y.XmlText | null): string {
  if (!text) return "";
  let result = "";
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    result += item.content instanceof Y.ContentString ? item.content.str : "\ufffc".repeat(item.length);
  }
  return result;
}

/**
 * Edits made one after the other, gathered into what they came to: letters into words, what was typed and erased again into nothing.
 * Only neighbours in the same amendment are gathered; the order of the rest stays.
 */
export function gathered<Edit extends Words>(edits: readonly Edit[]): Edit[] {
  const result: Edit[] = [];
  for (const edit of edits) {
    const place = result.findLastIndex((earlier) => earlier.paragraph === edit.paragraph && earlier.kind !== "lift");
    const joined = place < 0 ? null : join(result[place] as Edit, edit);
    if (joined === null) result.push(edit);
    else if (joined.text === "" && joined.kind === "insert") result.splice(place, 1);
    else result[place] = joined;
  }
  return result;
}

function join<Edit extends Words>(earlier: Edit, edit: Edit): Edit | null {
  if (earlier.kind === "strike" && edit.kind === "strike" && earlier.amendment === edit.amendment) return joinStrikes(earlier, edit);
  if (earlier.kind !== "insert" && earlier.kind !== "paragraph") return null;
  if (edit.kind === "insert" && edit.amendment === earlier.amendment) {
    const at = placeIn(earlier, "", edit);
    return at === null ? null : { ...earlier, text: earlier.text.slice(0, at) + edit.text + earlier.text.slice(at) };
  }
  if (edit.kind === "remove" && edit.text !== "") {
    const at = placeIn(earlier, edit.text, edit);
    return at === null ? null : { ...earlier, text: earlier.text.slice(0, at) + earlier.text.slice(at + edit.text.length) };
  }
  return null;
}

/** Backspace strikes leftwards, Delete rightwards; Yjs may name words again that were struck already. */
function joinStrikes<Edit extends Words>(earlier: Edit, edit: Edit): Edit | null {
  for (let at = edit.text.length - earlier.text.length; at >= 0; at--) {
    const before = tail(edit.left + edit.text.slice(0, at), AROUND);
    const after = head(edit.text.slice(at + earlier.text.length) + edit.right, AROUND);
    if (edit.text.startsWith(earlier.text, at) && before === earlier.left && after === earlier.right) return edit;
  }
  if (tail(edit.left + edit.text, AROUND) === earlier.left && edit.right.startsWith(head(earlier.text, AROUND))) {
    return { ...earlier, text: edit.text + earlier.text, left: edit.left };
  }
  if (tail(earlier.left + earlier.text, AROUND) === edit.left && earlier.right.startsWith(head(edit.text, AROUND))) {
    return { ...earlier, text: earlier.text + edit.text, right: edit.right };
  }
  return null;
}

/** Where in the earlier words an edit took place, told by its surroundings; from the end, where most typing is. */
function placeIn(earlier: Words, gone: string, edit: Words): number | null {
  for (let at = earlier.text.length - gone.length; at >= 0; at--) {
    const before = tail(earlier.left + earlier.text.slice(0, at), AROUND);
    const after = head(earlier.text.slice(at + gone.length) + earlier.right, AROUND);
    if (earlier.text.startsWith(gone, at) && before === edit.left && after === edit.right) return at;
  }
  return null;
}
