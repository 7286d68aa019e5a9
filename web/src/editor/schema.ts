/**
 * The editor's document: a row of paragraphs with marked text, nothing else (design section 3).
 *
 * The schema is loose on purpose. A strict one makes a browser that meets an unexpected paragraph repair, that is delete,
 * other people's text; what a text may be is the server's gate to say. Marks hold an id and nothing else, and those of one
 * type may lie on the same characters (`excludes: ''`). None is inclusive: what is typed gets its mark from `suggest.ts` alone.
 */

import { Mark, Schema, type MarkSpec, type Node } from "prosemirror-model";
import type { Transaction } from "prosemirror-state";
import { keyOf, markOf, sortedKeys, type MarkKey, type MarkKind, type ParagraphAttrs, type Run } from "../model/marks";

/** The names of `web/src/styles/text.css`, which every page that shows a text has. */
const withId = (kind: MarkKind, tag: string, name: string): MarkSpec => ({
  attrs: { id: { validate: "string" } },
  excludes: "",
  inclusive: false,
  parseDOM: [{ tag: `${tag}[data-${kind}]`, getAttrs: (dom) => ({ id: dom.getAttribute(`data-${kind}`) ?? "" }) }],
  toDOM: (mark) => [tag, { class: name, [`data-${kind}`]: mark.attrs["id"] as string }, 0],
});

export const schema = new Schema({
  nodes: {
    doc: { content: "paragraph*" },
    paragraph: {
      content: "text*",
      attrs: { id: { default: "" }, kind: { default: "paragraph" }, level: { default: 0 }, added: { default: null } },
      parseDOM: [
        {
          tag: "p",
          getAttrs: (dom) => ({
            id: dom.dataset["id"] ?? "",
            kind: dom.dataset["kind"] ?? "paragraph",
            level: Number(dom.dataset["level"] ?? 0),
            added: dom.dataset["added"] ?? null,
          }),
        },
      ],
      toDOM: ({ attrs }) => {
        const { id, kind, level, added } = attrs as ParagraphAttrs;
        const shown = { "data-id": id, "data-kind": kind, "data-level": String(level), dir: "auto" };
        const deep = level > 0 ? ` level-${level}` : "";
        return ["p", { class: `kind-${kind}${deep}`, ...shown, ...(added !== null && { "data-added": added }) }, 0];
      },
    },
    text: {},
  },
  marks: {
    insertion: withId("insertion", "ins", "inserted"),
    origin: withId("origin", "span", "origin"),
    deletion: withId("deletion", "del", "struck"),
    bracket: withId("bracket", "span", "bracketed"),
    noteref: withId("noteref", "span", "noteref"),
    em: { excludes: "", inclusive: false, parseDOM: [{ tag: "em" }], toDOM: () => ["em", 0] },
  },
});

export const attrsOf = (paragraph: Node): ParagraphAttrs => paragraph.attrs as ParagraphAttrs;

const marksByKeys = new Map<string, readonly Mark[]>();

/** The marks of keys, in the one order everybody draws them in. */
export function marksOf(keys: readonly MarkKey[]): readonly Mark[] {
  const spelling = keys.join(" ");
  let marks = marksByKeys.get(spelling);
  if (!marks) {
    marks = sortedKeys(keys).reduce<readonly Mark[]>((set, key) => {
      const mark = markOf(key);
      return mark ? markFor(mark.kind, mark.id).addToSet(set) : set;
    }, Mark.none);
    if (marksByKeys.size > MOST_SETS) marksByKeys.clear();
    marksByKeys.set(spelling, marks);
  }
  return marks;
}

/** Sets of marks remembered; a draft of 500 amendments has some 1,500, and the memory must not grow for ever. */
const MOST_SETS = 10_000;

export function markFor(kind: MarkKind, id: string): Mark {
  return schema.mark(kind, kind === "em" ? null : { id });
}

const keysByMarks = new WeakMap<readonly Mark[], readonly MarkKey[]>();

/** The keys of marks, sorted. */
export function keysOf(marks: readonly Mark[]): readonly MarkKey[] {
  let keys = keysByMarks.get(marks);
  if (!keys) {
    keys = sortedKeys(marks.map((mark) => keyOf(mark.type.name as MarkKind, idOf(mark))));
    keysByMarks.set(marks, keys);
  }
  return keys;
}

export const idOf = (mark: Mark): string => (mark.attrs["id"] as string | undefined) ?? "";

/** Ids of the marks of one kind on a piece of text. */
export function markIds(node: Node, kind: MarkKind): string[] {
  return node.marks.filter((mark) => mark.type.name === kind).map(idOf);
}

export function runsOfParagraph(paragraph: Node): Run[] {
  const runs: Run[] = [];
  paragraph.forEach((child) => runs.push({ text: child.text ?? "", marks: keysOf(child.marks) }));
  return runs;
}

export function paragraphOf(attrs: ParagraphAttrs, runs: readonly Run[]): Node {
  const texts = runs.filter((run) => run.text !== "").map((run) => schema.text(run.text, marksOf(run.marks)));
  return schema.node("paragraph", attrs, texts);
}

/** Puts a mark on a range in the one order of marks, so that everybody's text falls into the same pieces. */
export function addMark(transaction: Transaction, from: number, to: number, mark: Mark): void {
  const later: { from: number; to: number; marks: readonly Mark[] }[] = [];
  transaction.doc.nodesBetween(from, to, (node, pos) => {
    if (!node.isText) return;
    const marks = node.marks.filter((other) => other.type === mark.type && idOf(other) > idOf(mark));
    if (marks.length > 0) later.push({ from: Math.max(from, pos), to: Math.min(to, pos + node.nodeSize), marks });
  });
  transaction.addMark(from, to, mark);
  for (const piece of later) {
    for (const other of piece.marks) transaction.removeMark(piece.from, piece.to, other).addMark(piece.from, piece.to, other);
  }
}
