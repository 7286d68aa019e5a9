/** What the server's gate looks at: the text without all that one party has proposed (crdt/SPEC.md G12, invariant I1). */

import * as Y from "yjs";
import { attributesOf, paragraphsOf, runsOf, textRoot } from "../../src/model/shared_text";
import { idsOf, joined, markOf, type Run } from "../../src/model/marks";

export type Own = (id: string) => boolean;

/** One line per paragraph; equal lines mean that nothing of the others was changed by a character or a mark. */
export function without(doc: Y.Doc, own: Own): string[] {
  return paragraphsOf(textRoot(doc)).flatMap((element) => {
    const attrs = attributesOf(element);
    const left = remaining(runsOf(element), own);
    if (attrs.added !== null && own(attrs.added)) return left.length === 0 ? [] : [JSON.stringify(left)];
    return [JSON.stringify([attrs, left])];
  });
}

function remaining(runs: readonly Run[], own: Own): Run[] {
  return joined(
    runs
      .filter(({ marks }) => !idsOf(marks, "insertion").some(own))
      .map(({ text, marks }) => ({ text, marks: marks.filter((key) => !isOwnStrike(key, own)) })),
  );
}

function isOwnStrike(key: string, own: Own): boolean {
  const mark = markOf(key);
  return (mark?.kind === "deletion" || mark?.kind === "bracket") && own(mark.id);
}

/** What one update does to the text of `before`, told as `without(before) == without(after)`; and whose insertions new text carries. */
export function interference(before: Uint8Array, update: Uint8Array, own: Own): string | null {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, before);
  const then = without(doc, own);
  const others = foreignInsertions(doc, own);
  Y.applyUpdate(doc, update);
  const now = without(doc, own);
  if (JSON.stringify(then) !== JSON.stringify(now)) return `changed: ${difference(then, now)}`;
  if (foreignInsertions(doc, own) !== others) return "new text under another's insertion";
  return null;
}

function difference(then: readonly string[], now: readonly string[]): string {
  const place = then.findIndex((line, at) => line !== now[at]);
  return `${then[place] ?? "nothing"} -> ${now[place] ?? "nothing"}`;
}

function foreignInsertions(doc: Y.Doc, own: Own): number {
  const runs = paragraphsOf(textRoot(doc)).flatMap(runsOf);
  const foreign = runs.filter(({ marks }) => {
    const ids = idsOf(marks, "insertion");
    return ids.length > 0 && !ids.every(own);
  });
  return foreign.reduce((sum, { text }) => sum + text.length, 0);
}

/** A seeded source of whole numbers below a bound. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
