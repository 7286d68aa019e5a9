/** What the server's gate looks at: the text without all that one party has proposed (crdt/SPEC.md G12, invariant I1). */

import * as Y from "yjs";
import { stretchesOf } from "../../src/model/identity";
import { attributesOf, paragraphsOf, runsOf, textIn, textRoot } from "../../src/model/shared_text";
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

/** Looks at updates one after the other, as the gate does: what each does to the text without the party's own (I1). */
export class Checker {
  readonly found: string[] = [];
  count = 0;
  private readonly doc = new Y.Doc();
  private readonly own: Own;

  constructor(seed: Uint8Array, own: Own) {
    this.own = own;
    Y.applyUpdate(this.doc, seed);
  }

  /** An update of somebody else. */
  pass(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update);
  }

  /** An update of the party. */
  check(update: Uint8Array): void {
    const then = without(this.doc, this.own);
    const others = foreignInsertions(this.doc, this.own);
    Y.applyUpdate(this.doc, update);
    const now = without(this.doc, this.own);
    if (JSON.stringify(then) !== JSON.stringify(now)) this.found.push(`changed: ${difference(then, now)}`);
    if (foreignInsertions(this.doc, this.own) !== others) this.found.push("new text under another's insertion");
    this.count += 1;
  }
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

/** The characters and paragraphs that are not the party's own insertions, each told by its Yjs id. */
export function survivors(doc: Y.Doc, own: Own): Set<string> {
  const result = new Set<string>();
  for (const element of paragraphsOf(textRoot(doc))) {
    const { added } = attributesOf(element);
    if (added === null || !own(added)) result.add(`paragraph ${element._item?.id.client}-${element._item?.id.clock}`);
    const text = textIn(element);
    for (const { client, clock, length, keys } of text ? stretchesOf(text) : []) {
      if (idsOf(keys, "insertion").some(own)) continue;
      for (let at = 0; at < length; at++) result.add(`${client}-${clock + at}`);
    }
  }
  return result;
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
