/**
 * Edits under way whose place went meanwhile: a paragraph that was removed, or built anew elsewhere.
 *
 * U1 Sent together with others they would be acknowledged with these, and nobody would see them. So they are told from what is in the
 * text, not from what the server answers.
 * U2 What its author erased again is not missed.
 */

import * as Y from "yjs";
import type { ParagraphId } from "../model/marks";
import type { OutboxEntry } from "./store";

type Update = Extract<OutboxEntry, { kind: "update" }>;

/** The waiting entries of which nothing is in the text because others took their place away, with all done in the same paragraphs. */
export function uprootedAmong(entries: readonly OutboxEntry[], doc: Y.Doc): Update[] {
  const updates = entries.filter((entry): entry is Update => entry.kind === "update" && entry.words.length > 0);
  if (updates.length === 0) return [];
  const read = updates.map((entry) => ({ entry, ...Y.decodeUpdate(entry.update) }));
  const erased = Y.mergeDeleteSets(read.map(({ ds }) => ds));
  const standings = read.map(({ entry, structs }) => ({ entry, standing: standingOf(structs, doc, erased) }));
  const places = new Set<ParagraphId>();
  for (const { entry, standing } of standings) if (standing === "gone") for (const { paragraph } of entry.words) places.add(paragraph);
  return standings
    .filter(({ entry, standing }) => standing !== "there" && entry.words.every(({ paragraph }) => places.has(paragraph)))
    .map(({ entry }) => entry);
}

/** `erased`: the entry holds nothing but what its author took out again, or nothing at all that could be in the text. */
function standingOf(structs: readonly (Y.Item | Y.GC | Y.Skip)[], doc: Y.Doc, erased: DeleteSet): "there" | "gone" | "erased" {
  let standing: "gone" | "erased" = "erased";
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) continue;
    for (let clock = struct.id.clock; clock < struct.id.clock + struct.length; ) {
      const id = Y.createID(struct.id.client, clock);
      if (clock >= Y.getState(doc.store, id.client)) return "there"; // not looked at yet
      const found = Y.getItem(doc.store, id) as Y.Item | Y.GC;
      if (!found.deleted || (found instanceof Y.Item && hasParent(found) && !Y.isDeleted(erased, id))) return "there";
      if (!Y.isDeleted(erased, id)) standing = "gone";
      clock = found.id.clock + found.length;
    }
  }
  return standing;
}

/** Marks that others tidied away, words that a decision took out: their paragraph is still there, and so is what became of them. */
function hasParent({ parent }: Y.Item): boolean {
  return parent instanceof Y.AbstractType && (parent._item === null || !parent._item.deleted);
}

type DeleteSet = ReturnType<typeof Y.mergeDeleteSets>;
