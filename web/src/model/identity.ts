/** Characters told by their Yjs ids: the same character stays the same whatever is typed around it. */

import * as Y from "yjs";
import { sortedKeys, type MarkKey } from "./marks";
import { paragraphsOf, textIn, textRoot } from "./shared_text";

/** Characters of consecutive ids that carry the same marks. */
export interface Stretch {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
  readonly keys: readonly MarkKey[];
}

/** The visible characters of a text, told by their Yjs ids, with their marks. */
export function stretchesOf(text: Y.XmlText): Stretch[] {
  const stretches: Stretch[] = [];
  const current = new Set<MarkKey>();
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    if (item.content instanceof Y.ContentFormat) {
      const { key, value } = item.content as unknown as { key: string; value: unknown };
      if (value === null) current.delete(key);
      else current.add(key);
    } else if (item.countable) {
      stretches.push({ client: item.id.client, clock: item.id.clock, length: item.length, keys: sortedKeys(current) });
    }
  }
  return stretches;
}

/** By client; the stretches of each in order of their clocks. */
export type MarksByCharacter = ReadonlyMap<number, readonly Stretch[]>;

/** Every visible character of the text with its marks. */
export function marksByCharacter(doc: Y.Doc): MarksByCharacter {
  const result = new Map<number, Stretch[]>();
  for (const element of paragraphsOf(textRoot(doc))) {
    const text = textIn(element);
    if (!text) continue;
    for (const stretch of stretchesOf(text)) {
      const known = result.get(stretch.client);
      if (known) known.push(stretch);
      else result.set(stretch.client, [stretch]);
    }
  }
  for (const stretches of result.values()) stretches.sort((a, b) => a.clock - b.clock);
  return result;
}

/** The stretch that holds a character; null when it was not there. */
export function stretchAt(marks: MarksByCharacter, client: number, clock: number): Stretch | null {
  const stretches = marks.get(client) ?? [];
  let [low, high] = [0, stretches.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const stretch = stretches[middle] as Stretch;
    if (clock < stretch.clock) high = middle - 1;
    else if (clock >= stretch.clock + stretch.length) low = middle + 1;
    else return stretch;
  }
  return null;
}
