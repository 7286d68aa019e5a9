/** How far each bracket reaches: from the first to the last character that carries its mark (opinions/SPEC.md T4). */

import type { Node } from "prosemirror-model";
import { markIds } from "./schema";

export interface Extent {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** When a bracket was put in; the younger of two that cross is drawn around the older. */
export type Age = (id: string) => string;

const extents = new WeakMap<Node, readonly Extent[]>();

/** The extents as marked, in order of their beginnings. */
export function extentsOf(doc: Node): readonly Extent[] {
  let found = extents.get(doc);
  if (!found) {
    found = measure(doc);
    extents.set(doc, found);
  }
  return found;
}

function measure(doc: Node): Extent[] {
  const reach = new Map<string, Extent>();
  doc.descendants((node, pos) => {
    if (!node.isText) return;
    for (const id of markIds(node, "bracket")) {
      const from = reach.get(id)?.from ?? pos;
      reach.set(id, { id, from, to: pos + node.nodeSize });
    }
  });
  return [...reach.values()];
}

/**
 * The extents as drawn: nested, never crossing. Of two that cross the younger is extended over the older (T4), as the server
 * will do; so the signs are balanced in the meantime too.
 */
export function nestedExtents(doc: Node, age: Age): Extent[] {
  const order = (a: Extent, b: Extent) => compare(age(a.id), age(b.id)) || compare(a.id, b.id);
  const settled: Extent[] = [];
  for (const extent of [...extentsOf(doc)].sort(order)) settled.push(around(extent, settled));
  return settled.sort((a, b) => a.from - b.from || b.to - a.to || order(a, b));
}

function around(extent: Extent, older: readonly Extent[]): Extent {
  let { from, to } = extent;
  for (let again = true; again; ) {
    again = false;
    for (const other of older) {
      const crosses = (other.from < from && from < other.to && other.to < to) || (from < other.from && other.from < to && to < other.to);
      if (!crosses) continue;
      from = Math.min(from, other.from);
      to = Math.max(to, other.to);
      again = true;
    }
  }
  return { id: extent.id, from, to };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
