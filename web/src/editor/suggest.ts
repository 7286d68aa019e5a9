/**
 * Everything a person does to the text becomes a proposal, and nothing else gets through.
 *
 * Commands build proposals themselves. What reaches the editor another way (an input method, a spelling correction, a phone's keyboard)
 * arrives as a plain replacement and is rewritten here as one. What would split, join, move or remove paragraphs is dropped: these
 * are the changes that lose other people's words.
 */

import type { Node } from "prosemirror-model";
import { Plugin, type EditorState, type Transaction } from "prosemirror-state";
import { ReplaceStep } from "prosemirror-transform";
import { cleaned } from "../model/characters";
import { alignment } from "../model/difference";
import type { Authority } from "./authority";
import { SHOWN } from "./binding";
import { Proposal, PROPOSED } from "./proposal";
import { attrsOf } from "./schema";

/** The proposal that a transaction amounts to; null when it is nothing that may be proposed by typing. */
export function proposalOf(state: EditorState, transaction: Transaction, authority: Authority): Transaction | null {
  const replacements = replacementsOf(state.doc, transaction);
  if (!replacements) return null;
  const proposal = new Proposal(state, authority);
  let caret: number | null = null;
  for (const { from, to, text } of replacements.reverse()) {
    const end = proposal.replace(from, to, cleaned(text).text);
    caret ??= end;
  }
  // An input method loses its composition when the editor draws its words anew: what is right already stays as it came.
  if (proposal.transaction.doc.eq(transaction.doc)) return transaction.setMeta(PROPOSED, true);
  for (const key of ["composition", "uiEvent", "inputType"]) {
    const value: unknown = transaction.getMeta(key);
    if (value !== undefined) proposal.transaction.setMeta(key, value);
  }
  return caret === null ? proposal.transaction : proposal.caret(caret).transaction;
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The replacements of text that lead from one document to the other; null when paragraphs themselves change. */
function replacementsOf(before: Node, transaction: Transaction): Replacement[] | null {
  const after = transaction.doc;
  if (before.childCount !== after.childCount) return null;
  const [step, second] = transaction.steps;
  if (step instanceof ReplaceStep && !second) {
    const { from, to, slice } = step;
    const inside = before.resolve(from).sameParent(before.resolve(to)) && before.resolve(from).depth === 1;
    const text = slice.content.textBetween(0, slice.content.size);
    if (inside && slice.openStart === 0 && slice.openEnd === 0 && text.length === slice.size) return [{ from, to, text }];
  }
  const replacements: Replacement[] = [];
  let start = 1;
  for (let place = 0; place < before.childCount; place++) {
    const [old, now] = [before.child(place), after.child(place)];
    if (!sameParagraph(old, now)) return null;
    if (old !== now) replacements.push(...textReplacements(old.textContent, now.textContent, start));
    start += old.nodeSize;
  }
  return replacements;
}

function textReplacements(old: string, now: string, start: number): Replacement[] {
  const [a, b] = [[...old], [...now]];
  const replacements: Replacement[] = [];
  let [i, j, pos] = [0, 0, start];
  for (const { kind, count } of alignment(a, b)) {
    const gone = kind === "insert" ? "" : a.slice(i, i + count).join("");
    const come = kind === "insert" ? b.slice(j, j + count).join("") : "";
    if (kind !== "keep") replacements.push({ from: pos, to: pos + gone.length, text: come });
    if (kind !== "insert") i += count;
    if (kind !== "delete") j += count;
    pos += gone.length;
  }
  return replacements;
}

function sameParagraph(a: Node, b: Node): boolean {
  const [was, is] = [attrsOf(a), attrsOf(b)];
  return was.id === is.id && was.kind === is.kind && was.level === is.level && was.added === is.added;
}

/** Lets through what is shown from the shared text and proposals that leave all paragraphs but one's own added ones in place. */
export function proposalsOnly(authority: Authority): Plugin {
  return new Plugin({
    filterTransaction: (transaction, state) => {
      if (!transaction.docChanged || transaction.getMeta(SHOWN) === true) return true;
      return transaction.getMeta(PROPOSED) === true && authority.mayType && keepsParagraphs(state.doc, transaction.doc, authority);
    },
  });
}

function keepsParagraphs(before: Node, after: Node, authority: Authority): boolean {
  const old = paragraphs(before);
  const now = paragraphs(after);
  let [i, j] = [0, 0];
  const own = (node: Node | undefined) => {
    const added = node ? attrsOf(node).added : null;
    return added !== null && authority.standing(added) === "editable";
  };
  const steps = alignment(
    old.map((node) => attrsOf(node).id),
    now.map((node) => attrsOf(node).id),
  );
  for (const { kind, count } of steps) {
    for (let left = count; left > 0; left--) {
      const [was, is] = [old[i], now[j]];
      if (kind === "keep" && was && is && was !== is && !sameParagraph(was, is) && !(own(was) && own(is))) return false;
      if (kind === "delete" && !own(was)) return false;
      if (kind === "insert" && !own(is)) return false;
      if (kind !== "insert") i++;
      if (kind !== "delete") j++;
    }
  }
  return true;
}

function paragraphs(doc: Node): Node[] {
  return Array.from({ length: doc.childCount }, (_, place) => doc.child(place));
}
