/**
 * Many small updates of one client made one: what was typed key by key while offline goes out as whole words.
 *
 * Worked out on the updates alone, never on the document: there, text of others' removed paragraphs may be gone already, and the
 * whole delete set of a long draft would be sent each time. Words typed and erased within the updates are not sent at all.
 */

import * as encoding from "lib0/encoding";
import * as Y from "yjs";

/** Below what one update may hold (crdt/SPEC.md G1: 64 KiB, 500 structs, 2,000 delete ranges). */
export const MOST_BYTES = 56 * 1024;
export const MOST_STRUCTS = 400;
export const MOST_RANGES = 1_500;

export interface Fused {
  readonly update: Uint8Array;
  /** How many of the given updates it stands for. */
  readonly count: number;
}

/** The same changes as `updates`, in order, in as few updates as fit the limits. Updates that cannot be fused stay as they are. */
export function fused(updates: readonly Uint8Array[]): Fused[] {
  const result: Fused[] = [];
  for (let start = 0; start < updates.length; ) {
    const fusion = new Fusion();
    let end = start;
    while (end < updates.length && fusion.take(updates[end] as Uint8Array)) end++;
    const count = Math.max(end - start, 1);
    result.push({ update: count === 1 ? (updates[start] as Uint8Array) : fusion.encoded(), count });
    start += count;
  }
  return result;
}

interface Range {
  readonly clock: number;
  readonly len: number;
}

class Fusion {
  private items: Y.Item[] = [];
  private deleted = new Map<number, Range[]>();
  private bytes = 0;

  /** Adds an update; false, and nothing is added, when it does not follow on or no longer fits. */
  take(update: Uint8Array): boolean {
    const { structs, ds } = Y.decodeUpdate(update);
    const items: Y.Item[] = [...this.items];
    let bytes = this.bytes;
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) return false;
      const last = items.at(-1);
      if (last && (last.id.client !== struct.id.client || last.id.clock + last.length !== struct.id.clock)) return false;
      const one = last ? merged(last, struct) : null;
      if (one) items[items.length - 1] = one;
      else items.push(struct);
      bytes += one ? sizeOf(struct) : sizeOf(struct) + BYTES_OF_STRUCT;
    }
    const deleted = new Map(this.deleted);
    let ranges = 0;
    for (const [client, added] of ds.clients) deleted.set(client, union([...(deleted.get(client) ?? []), ...added]));
    for (const list of deleted.values()) ranges += list.length;
    const first = this.items.length === 0 && this.deleted.size === 0;
    const size = bytes + ranges * BYTES_OF_RANGE;
    if (!first && (items.length + 2 * ranges > MOST_STRUCTS || size > MOST_BYTES || ranges > MOST_RANGES)) return false;
    this.items = items;
    this.deleted = deleted;
    this.bytes = bytes;
    return true;
  }

  encoded(): Uint8Array {
    const encoder = new Y.UpdateEncoderV1();
    const items = this.items.flatMap((item) => withoutErased(item, this.deleted.get(item.id.client) ?? []));
    const [first] = items;
    encoding.writeVarUint(encoder.restEncoder, first ? 1 : 0);
    if (first) {
      encoding.writeVarUint(encoder.restEncoder, items.length);
      encoder.writeClient(first.id.client);
      encoding.writeVarUint(encoder.restEncoder, first.id.clock);
      for (const item of items) item.write(encoder, 0);
    }
    encoding.writeVarUint(encoder.restEncoder, this.deleted.size);
    for (const [client, ranges] of [...this.deleted].sort(([a], [b]) => b - a)) {
      encoder.resetDsCurVal();
      encoding.writeVarUint(encoder.restEncoder, client);
      encoding.writeVarUint(encoder.restEncoder, ranges.length);
      for (const { clock, len } of ranges) {
        encoder.writeDsClock(clock);
        encoder.writeDsLen(len);
      }
    }
    return encoder.toUint8Array();
  }
}

const BYTES_OF_STRUCT = 24;
const BYTES_OF_RANGE = 8;

function sizeOf(item: Y.Item): number {
  const { content } = item;
  if (content instanceof Y.ContentString) return content.str.length * 3;
  if (content instanceof Y.ContentFormat) return content.key.length;
  return content instanceof Y.ContentAny ? JSON.stringify(content.arr).length : 0;
}

/** Two stretches typed one right after the other are one, exactly when Yjs itself would join them. */
function merged(left: Y.Item, right: Y.Item): Y.Item | null {
  const adjoining =
    right.origin !== null &&
    Y.compareIDs(right.origin, Y.createID(left.id.client, left.id.clock + left.length - 1)) &&
    Y.compareIDs(left.rightOrigin, right.rightOrigin);
  if (!adjoining || !(left.content instanceof Y.ContentString) || !(right.content instanceof Y.ContentString)) return null;
  return withContent(left, 0, new Y.ContentString(left.content.str + right.content.str));
}

/** The item with those of its characters that were erased again as mere room, so that clocks stay whole. */
function withoutErased(item: Y.Item, deleted: readonly Range[]): Y.Item[] {
  const { content } = item;
  if (content instanceof Y.ContentFormat) {
    const gone = deleted.some(({ clock, len }) => clock <= item.id.clock && item.id.clock < clock + len);
    return gone ? [withContent(item, 0, new Y.ContentDeleted(1))] : [item];
  }
  if (!(content instanceof Y.ContentString)) return [item];
  const parts: Y.Item[] = [];
  let at = 0;
  for (const { clock, len } of deleted) {
    const start = Math.max(clock - item.id.clock, at);
    const end = Math.min(clock + len - item.id.clock, item.length);
    if (start >= end) continue;
    if (start > at) parts.push(withContent(item, at, new Y.ContentString(content.str.slice(at, start))));
    parts.push(withContent(item, start, new Y.ContentDeleted(end - start)));
    at = end;
  }
  if (at < item.length) parts.push(withContent(item, at, new Y.ContentString(content.str.slice(at))));
  return parts;
}

function withContent(item: Y.Item, offset: number, content: Y.Item["content"]): Y.Item {
  const { client, clock } = item.id;
  const origin = offset > 0 ? Y.createID(client, clock + offset - 1) : item.origin;
  return new Y.Item(Y.createID(client, clock + offset), null, origin, null, item.rightOrigin, item.parent, item.parentSub, content);
}

function union(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.clock - b.clock)) {
    const last = result.at(-1);
    if (!last || range.clock > last.clock + last.len) result.push({ clock: range.clock, len: range.len });
    else result[result.length - 1] = { clock: last.clock, len: Math.max(last.len, range.clock + range.len - last.clock) };
  }
  return result;
}

/** The client's clock behind an update's structs; null when it holds none (it only deletes). */
export function clockAfter(update: Uint8Array): { client: number; clock: number } | null {
  const last = Y.decodeUpdate(update).structs.at(-1);
  return last ? { client: last.id.client, clock: last.id.clock + last.length } : null;
}
