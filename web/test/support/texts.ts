/** One text in one spelling, whoever shows it: the editor, a bare Yjs document, y-prosemirror, the page as drawn. */

import type { Node } from "prosemirror-model";
import * as Y from "yjs";
import { attrsOf, runsOfParagraph } from "../../src/editor/schema";

/** Id, kind, level, amendment that adds it, and words with their sorted keys. */
export type Spelled = readonly [string, string, number, string | null, readonly (readonly [string, readonly string[]])[]];

const joined = (parts: Iterable<readonly [string, readonly string[]]>): [string, readonly string[]][] => {
  const result: [string, readonly string[]][] = [];
  for (const [text, keys] of parts) {
    const last = result.at(-1);
    if (last && last[1].join(" ") === keys.join(" ")) last[0] += text;
    else result.push([text, keys]);
  }
  return result;
};

/** What our editor shows. */
export function ofEditor(doc: Node): Spelled[] {
  return children(doc).map((node) => {
    const { id, kind, level, added } = attrsOf(node);
    return [id, kind, level, added, joined(runsOfParagraph(node).map(({ text, marks }) => [text, marks]))];
  });
}

/** What Yjs holds, read by nothing of ours. */
export function ofYjs(root: Y.XmlFragment): Spelled[] {
  return root.toArray().map((element) => {
    const given = (element as Y.XmlElement).getAttributes() as Record<string, string>;
    const parts = (element as Y.XmlElement).toArray().flatMap((child: unknown): [string, readonly string[]][] => {
      if (!(child instanceof Y.XmlText)) return [["\ufffc", []]];
      const delta = child.toDelta() as { insert: string; attributes?: object }[];
      return delta.map((part) => [part.insert, Object.keys(part.attributes ?? {}).sort()]);
    });
    return [given["id"] ?? "", given["kind"] ?? "", Number(given["level"]), given["added"] ?? null, joined(parts)];
  });
}

/** What y-prosemirror shows with a schema of one mark type per key. */
export function ofPlainBinding(doc: Node): Spelled[] {
  return children(doc).map((node) => {
    const { id, kind, level, added } = node.attrs as Record<string, string | null>;
    const parts = children(node).map((text) => [text.text ?? "", text.marks.map((mark) => mark.type.name).sort()] as const);
    return [id ?? "", kind ?? "", Number(level), added ?? null, joined(parts)];
  });
}

/** The words of each paragraph as drawn, without what is drawn around them. */
export function drawnIn(element: HTMLElement): string[] {
  return Array.from(element.querySelectorAll("p[data-id]"), (paragraph) => {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => {
        const fixed = node.parentElement?.closest("[contenteditable=false]");
        return fixed && paragraph.contains(fixed) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
      },
    });
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) text += node.nodeValue ?? "";
    return text;
  });
}

/** Where two texts differ, in a line; empty when they are the same. */
export function difference(a: readonly unknown[], b: readonly unknown[]): string {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [JSON.stringify(a[at]), JSON.stringify(b[at])];
    if (one !== other) return `paragraph ${at}: ${one} and ${other}`;
  }
  return "";
}

function children(node: Node): Node[] {
  const result: Node[] = [];
  node.forEach((child) => result.push(child));
  return result;
}
