/** The shared text as the editor reads and writes it: root `text`, paragraph elements, one text each (crdt/SPEC.md D2, D4). */

import * as Y from "yjs";
import type { Change } from "./difference";
import { joined, markOf, sortedKeys, type MarkKey, type ParagraphAttrs, type Run } from "./marks";

export const textRoot = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment("text");

/** The paragraphs in order. Nodes that should not be there are passed over: showing less is safe, mending is the server's. */
export function paragraphsOf(root: Y.XmlFragment): Y.XmlElement[] {
  return root.toArray().filter((node): node is Y.XmlElement => node instanceof Y.XmlElement && node.nodeName === "paragraph");
}

export function attributesOf(element: Y.XmlElement): ParagraphAttrs {
  const value = (name: string): string | null => {
    const attribute: unknown = element.getAttribute(name);
    return typeof attribute === "string" ? attribute : null;
  };
  return {
    id: value("id") ?? "",
    kind: value("kind") ?? "paragraph",
    level: Number(value("level")) || 0,
    added: value("added"),
  };
}

/** The paragraph's text, when it has exactly one and nothing else; only such a paragraph is written to. */
export function textIn(element: Y.XmlElement): Y.XmlText | null {
  const children = element.toArray();
  const [only] = children;
  return children.length === 1 && only instanceof Y.XmlText ? only : null;
}

interface Delta {
  readonly insert?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What a paragraph shows. Whatever is neither text nor a mark of ours takes its room and is not shown otherwise. */
export function runsOf(element: Y.XmlElement): Run[] {
  const text = textIn(element) ?? element.toArray().find((child) => child instanceof Y.XmlText);
  if (!(text instanceof Y.XmlText)) return [];
  const delta = text.toDelta() as Delta[];
  return joined(
    delta.map(({ insert, attributes }) => ({
      text: typeof insert === "string" ? insert : "\ufffc",
      marks: keysIn(attributes),
    })),
  );
}

const NO_KEYS: readonly MarkKey[] = [];

function keysIn(attributes: Delta["attributes"]): readonly MarkKey[] {
  if (!attributes) return NO_KEYS;
  return sortedKeys(Object.keys(attributes).filter((key) => attributes[key] !== null && markOf(key) !== null));
}

/** Carries changes out on a text: characters and marks that the changes do not name are never touched. */
export function write(text: Y.XmlText, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  text.applyDelta(
    changes.map((change) => {
      switch (change.kind) {
        case "keep":
          return { retain: change.length };
        case "format":
          return { retain: change.length, attributes: { ...values(change.off, null), ...values(change.on, true) } };
        case "insert":
          return { insert: change.text, attributes: values(change.marks, true) };
        case "delete":
          return { delete: change.length };
      }
    }),
    { sanitize: false },
  );
}

function values(keys: readonly MarkKey[], value: true | null): Record<string, true | null> {
  return Object.fromEntries(keys.map((key) => [key, value]));
}

/** A new paragraph element, not yet in the document. */
export function elementOf(attrs: ParagraphAttrs, runs: readonly Run[]): Y.XmlElement {
  const element = new Y.XmlElement("paragraph");
  element.setAttribute("id", attrs.id);
  element.setAttribute("kind", attrs.kind);
  element.setAttribute("level", String(attrs.level));
  if (attrs.added !== null) element.setAttribute("added", attrs.added);
  const text = new Y.XmlText();
  element.insert(0, [text]);
  write(
    text,
    runs.map((run) => ({ kind: "insert" as const, text: run.text, marks: run.marks })),
  );
  return element;
}
