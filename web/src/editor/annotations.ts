/**
 * What is drawn around the text and is not text: labels and states of paragraphs, codes behind changes, bracket signs.
 *
 * Worked out paragraph by paragraph, anew only where text or record changed. Widgets have keys that do not depend on their place,
 * so that the page keeps their elements while the text moves (an input method loses its composition when its surroundings are
 * drawn anew).
 */

import { Mark, type Node } from "prosemirror-model";
import { Plugin, PluginKey, type EditorState, type Transaction } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { isOpen, type RecordView } from "../model/record";
import { nestedExtents } from "./extents";
import { looksOf, type Bearings, type Naming } from "./naming";
import { attrsOf, idOf, markIds } from "./schema";

/** Meta that says what of the record has changed. */
export const RECORD_CHANGED = "record-changed";

/** Amendments and paragraphs whose entries are others than before. */
export interface RecordChanges {
  readonly amendments: ReadonlySet<string>;
  readonly paragraphs: ReadonlySet<string>;
}

/** What differs between two states of the record; entries that did not change are the same values in both. */
export function recordChanges(before: RecordView, after: RecordView): RecordChanges {
  const paragraphs = differing(before.paragraphs, after.paragraphs);
  const amendments = differing(before.amendments, after.amendments);
  for (const id of amendments) {
    for (const { amendments: known } of [before, after]) {
      const amendment = known.get(id);
      if (amendment?.kind === "SUP") paragraphs.add(amendment.paragraph);
    }
  }
  return { amendments, paragraphs };
}

function differing<Value>(before: ReadonlyMap<string, Value>, after: ReadonlyMap<string, Value>): Set<string> {
  const keys = new Set<string>();
  for (const [key, value] of after) if (before.get(key) !== value) keys.add(key);
  for (const key of before.keys()) if (!after.has(key)) keys.add(key);
  return keys;
}

function concerns({ amendments, paragraphs }: RecordChanges, paragraph: Node): boolean {
  const { id, added } = attrsOf(paragraph);
  if (paragraphs.has(id) || (added !== null && amendments.has(added))) return true;
  let found = false;
  paragraph.forEach((node) => {
    found ||= node.marks.some((mark) => amendments.has(idOf(mark)));
  });
  return found;
}

interface Annotations {
  readonly set: DecorationSet;
  readonly glyphs: ReadonlyMap<string, readonly Glyph[]>;
}

interface Glyph {
  readonly id: string;
  readonly sign: "[" | "]";
  /** From the beginning of the paragraph's text. */
  readonly offset: number;
  readonly side: number;
}

const key = new PluginKey<Annotations>("annotations");

export function annotations(bearings: Bearings, naming: Naming): Plugin<Annotations> {
  const painter = new Annotator(bearings, naming);
  return new Plugin<Annotations>({
    key,
    state: {
      init: (_, state) => painter.all(state.doc),
      apply: (transaction, before, old) => painter.next(transaction, before, old),
    },
    props: { decorations: (state: EditorState) => key.getState(state)?.set ?? DecorationSet.empty },
  });
}

class Annotator {
  private readonly bearings: Bearings;
  private readonly naming: Naming;

  constructor(bearings: Bearings, naming: Naming) {
    this.bearings = bearings;
    this.naming = naming;
  }

  all(doc: Node): Annotations {
    const glyphs = this.glyphsOf(doc);
    const removals = this.removals();
    const decorations: Decoration[] = [];
    doc.forEach((paragraph, start) => decorations.push(...this.paragraph(paragraph, start, glyphs, removals)));
    return { set: DecorationSet.create(doc, decorations), glyphs };
  }

  next(transaction: Transaction, before: Annotations, old: EditorState): Annotations {
    const changes = transaction.getMeta(RECORD_CHANGED) as RecordChanges | undefined;
    if (!transaction.docChanged && !changes) return before;
    const { doc } = transaction;
    const glyphs = this.glyphsOf(doc);
    const removals = this.removals();
    let set = before.set.map(transaction.mapping, doc);
    const known = new Set<Node>();
    old.doc.forEach((paragraph) => known.add(paragraph));
    doc.forEach((paragraph, start) => {
      const { id } = attrsOf(paragraph);
      const told = changes ? !concerns(changes, paragraph) : true;
      if (told && known.has(paragraph) && sameGlyphs(before.glyphs.get(id), glyphs.get(id))) return;
      const stale = set.find(start, start + paragraph.nodeSize, (spec) => (spec as { paragraph?: string }).paragraph === id);
      set = set.remove(stale).add(doc, this.paragraph(paragraph, start, glyphs, removals));
    });
    return { set, glyphs };
  }

  private paragraph(
    paragraph: Node,
    start: number,
    glyphs: ReadonlyMap<string, readonly Glyph[]>,
    removals: ReadonlyMap<string, readonly string[]>,
  ): Decoration[] {
    const { id } = attrsOf(paragraph);
    return [
      this.frame(paragraph, start, removals.get(id) ?? []),
      ...this.codes(paragraph, start + 1),
      ...(glyphs.get(id) ?? []).map((glyph) => this.glyph(paragraph, start + 1, glyph)),
      ...(removals.get(id) ?? []).map((amendment) => this.code(paragraph, start + 1, paragraph.content.size, amendment, "removal")),
    ];
  }

  /** Label, state and bars of the paragraph as a whole. */
  private frame(paragraph: Node, start: number, removals: readonly string[]): Decoration {
    const { id, added } = attrsOf(paragraph);
    const onRecord = this.bearings.record.paragraphs.get(id);
    const label = onRecord?.label ?? "";
    const classes = ["paragraph"];
    if (label !== "") classes.push("labelled", ...(label.length >= LONG_LABEL ? ["long-label"] : []));
    if ((onRecord?.state ?? "base") === "base") classes.push("never-considered");
    if (added !== null) classes.push("added", ...looksOf(added, this.bearings, this.naming).classes);
    if (removals.length > 0) classes.push("removal");
    if (added !== null || removals.length > 0 || isChanged(paragraph)) classes.push("changed");
    if (paragraph.content.size === 0) classes.push("empty");
    const attributes = {
      class: classes.join(" "),
      "data-state": onRecord?.state ?? "base",
      ...(label !== "" && { "data-label": label }),
    };
    return Decoration.node(start, start + paragraph.nodeSize, attributes, { paragraph: id });
  }

  /** The code behind each stretch of changed words; where struck words are followed by the same party's new ones, behind these. */
  private codes(paragraph: Node, start: number): Decoration[] {
    const stretches = (["deletion", "insertion"] as const).flatMap((kind) => stretchesOf(paragraph, kind));
    const begins = new Set(stretches.filter(({ kind }) => kind === "insertion").map(({ id, from }) => `${id} ${from}`));
    const counts = new Map<string, number>();
    return stretches
      .filter(({ kind, id, to }) => kind === "insertion" || !begins.has(`${id} ${to}`))
      .map(({ kind, id, to }) => {
        const nth = counts.get(kind + id) ?? 0;
        counts.set(kind + id, nth + 1);
        return this.code(paragraph, start, to, id, `${kind} ${nth}`);
      });
  }

  private code(paragraph: Node, start: number, offset: number, id: string, what: string): Decoration {
    const { codes, classes } = looksOf(id, this.bearings, this.naming);
    const draw = () => partySign(codes, classes);
    return Decoration.widget(start + offset, draw, {
      // Behind the caret: what is typed here goes on before the code.
      side: 10,
      key: `code ${attrsOf(paragraph).id} ${id} ${what} ${codes.join("+")} ${classes.join("+")}`,
      marks: [...commonMarks(paragraph, offset)],
      ignoreSelection: true,
      paragraph: attrsOf(paragraph).id,
    });
  }

  private glyph(paragraph: Node, start: number, { id, sign, offset, side }: Glyph): Decoration {
    const { codes, classes } = looksOf(id, this.bearings, this.naming);
    const shown = sign === "]" ? codes : [];
    return Decoration.widget(start + offset, () => bracketSign(id, sign, shown, classes), {
      side,
      key: `bracket ${id} ${sign} ${shown.join("+")} ${classes.join("+")}`,
      marks: [...commonMarks(paragraph, offset)],
      ignoreSelection: true,
      paragraph: attrsOf(paragraph).id,
    });
  }

  /** The bracket signs of each paragraph, nested and balanced over the whole text. */
  private glyphsOf(doc: Node): Map<string, Glyph[]> {
    const age = (id: string) => {
      const amendment = this.bearings.record.amendments.get(id);
      if (!amendment) return JUST_TYPED;
      return (amendment.status === "draft" ? DRAFTED : "") + amendment.createdAt.replace("Z", "");
    };
    const extents = nestedExtents(doc, age);
    const glyphs = new Map<string, Glyph[]>();
    const paragraphAt = placesOf(doc);
    const put = (pos: number, glyph: Omit<Glyph, "offset">) => {
      const { id, start } = paragraphAt(pos);
      glyphs.set(id, [...(glyphs.get(id) ?? []), { ...glyph, offset: pos - start }]);
    };
    const around: number[] = [];
    for (const { id, from, to } of extents) {
      while (around.length > 0 && (around.at(-1) ?? 0) <= from) around.pop();
      // Of signs at one place the outer ones open first and close last. The caret stands before those that open and behind those
      // that close: what is typed at a bracket's edge is not inside it.
      put(from, { id, sign: "[", side: 100 + around.length });
      put(to, { id, sign: "]", side: -100 - around.length });
      around.push(to);
    }
    return glyphs;
  }

  /** Which paragraphs are proposed to be removed, and by which amendments. */
  private removals(): Map<string, string[]> {
    const removals = new Map<string, string[]>();
    for (const amendment of this.bearings.record.amendments.values()) {
      if (amendment.kind !== "SUP" || !isOpen(amendment)) continue;
      removals.set(amendment.paragraph, [...(removals.get(amendment.paragraph) ?? []), amendment.id]);
    }
    return removals;
  }
}

/** Before a time, these sort behind every time without: drafts are younger than what was submitted, what was just typed is the youngest (T4). */
const DRAFTED = "~";
const JUST_TYPED = "~~";

/** Finds the paragraph of a position, and where its text begins. */
function placesOf(doc: Node): (pos: number) => { id: string; start: number } {
  const places: { id: string; start: number }[] = [];
  doc.forEach((paragraph, offset) => places.push({ id: attrsOf(paragraph).id, start: offset + 1 }));
  return (pos) => {
    let [low, high] = [0, places.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((places[middle]?.start ?? 0) <= pos) low = middle;
      else high = middle - 1;
    }
    return places[low] ?? { id: "", start: 0 };
  };
}

/** Characters from which a label (`3 quater`) no longer fits the hanging indent. */
const LONG_LABEL = 5;

function isChanged(paragraph: Node): boolean {
  let changed = false;
  paragraph.forEach((node) => {
    changed ||= node.marks.some(({ type }) => type.name === "insertion" || type.name === "deletion" || type.name === "bracket");
  });
  return changed;
}

interface MarkedStretch {
  readonly kind: "insertion" | "deletion";
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** Where one amendment's words stand together, in offsets of the paragraph. */
export function stretchesOf(paragraph: Node, kind: "insertion" | "deletion"): MarkedStretch[] {
  const stretches: MarkedStretch[] = [];
  const open = new Map<string, MarkedStretch>();
  paragraph.forEach((node, offset) => {
    const ids = markIds(node, kind);
    for (const id of [...open.keys()]) if (!ids.includes(id)) open.delete(id);
    for (const id of ids) {
      const last = open.get(id);
      const stretch = { kind, id, from: last?.from ?? offset, to: offset + node.nodeSize };
      if (last) stretches.splice(stretches.indexOf(last), 1);
      stretches.push(stretch);
      open.set(id, stretch);
    }
  });
  return stretches;
}

/** Marks that go on over a place: a sign there stands inside them, so that it does not cut their elements in two. */
function commonMarks(paragraph: Node, offset: number): readonly Mark[] {
  const before = paragraph.childBefore(offset).node;
  const after = paragraph.childAfter(offset).node;
  if (!before || !after) return Mark.none;
  return before.marks.filter((mark) => mark.isInSet(after.marks));
}

function partySign(codes: readonly string[], classes: readonly string[]): HTMLElement {
  const sign = document.createElement("sup");
  sign.className = ["party", ...classes].join(" ");
  sign.setAttribute("contenteditable", "false");
  sign.textContent = codes.join(" ");
  return sign;
}

function bracketSign(id: string, sign: string, codes: readonly string[], classes: readonly string[]): HTMLElement {
  const glyph = document.createElement("span");
  glyph.className = "glyph";
  glyph.setAttribute("contenteditable", "false");
  const bracket = document.createElement("span");
  bracket.className = "bracket";
  bracket.dataset["bracket"] = id;
  bracket.textContent = sign;
  glyph.append(bracket);
  if (codes.length > 0) glyph.append(partySign(codes, classes));
  return glyph;
}

function sameGlyphs(a: readonly Glyph[] = [], b: readonly Glyph[] = []): boolean {
  return a.length === b.length && a.every((glyph, place) => sameGlyph(glyph, b[place]));
}

function sameGlyph(a: Glyph, b: Glyph | undefined): boolean {
  return b !== undefined && a.id === b.id && a.sign === b.sign && a.offset === b.offset && a.side === b.side;
}
