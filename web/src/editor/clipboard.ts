/** Words out of and into the editor: plain text, with square brackets where brackets are drawn. */

import type { Node } from "prosemirror-model";
import { nestedExtents, type Age } from "./extents";

/** The characters from `from` to `to` as they are shown, one line per paragraph; brackets as characters where they begin and end. */
export function plainText(doc: Node, from: number, to: number, age: Age = () => ""): string {
  const signs = new Map<number, string>();
  for (const extent of nestedExtents(doc, age)) {
    if (extent.from >= from && extent.from < to) signs.set(extent.from, `${signs.get(extent.from) ?? ""}[`);
    if (extent.to > from && extent.to <= to) signs.set(extent.to, `]${signs.get(extent.to) ?? ""}`);
  }
  const lines: string[] = [];
  doc.forEach((paragraph, offset) => {
    const start = offset + 1;
    const end = start + paragraph.content.size;
    if (end < from || start > to) return;
    const [low, high] = [Math.max(start, from), Math.min(end, to)];
    let line = "";
    let at = low;
    for (const pos of [...signs.keys()].filter((one) => one >= low && one <= high).sort((a, b) => a - b)) {
      line += doc.textBetween(at, pos) + (signs.get(pos) ?? "");
      at = pos;
    }
    lines.push(line + doc.textBetween(at, high));
  });
  return lines.join("\n");
}
