/**
 * The seam between the shared text (Yjs) and the editor (ProseMirror), both ways.
 *
 * B1 What the editor shows is a function of the shared text. Showing it never writes: a reader's browser sends nothing, whatever comes.
 * B2 Writing touches only characters and marks that the transaction changed, and takes out or puts in only one's own characters;
 *    a transaction that does more is not written at all (`difference.ts`). Of equal letters side by side the one at the caret is written.
 * B3 While held (an input method is composing) nothing goes either way; on release own words go out first, then others' come in.
 * B4 The selection stays with its characters: by Yjs positions while these live, else by the steps, else by paragraph and offset.
 */

import type { Node, ResolvedPos } from "prosemirror-model";
import { TextSelection, type EditorState, type Selection, type Transaction } from "prosemirror-state";
import * as Y from "yjs";
import { alignment, difference, ownDifference, type Change } from "../model/difference";
import type { Authority } from "./authority";
import { addMark, attrsOf, markFor, marksOf, paragraphOf, runsOfParagraph, schema } from "./schema";
import { attributesOf, elementOf, paragraphsOf, runsOf, textIn, textRoot, write } from "../model/shared_text";
import { markOf, type ParagraphAttrs } from "../model/marks";

/** Meta of transactions that show what the shared text already holds. */
export const SHOWN = "shown";

/** Whoever holds the editor's state; `show` takes a transaction as it is, without writing it back. */
export interface Screen {
  readonly state: EditorState;
  /** Takes over a selection that was moved on the page and not told of yet: what is shown next would put it back. */
  readonly look: () => void;
  show(transaction: Transaction): void;
}

/** A change that cannot be written as asked; nothing was written, and the editor must not show it either. */
export class UnwritableChange extends Error {
  override readonly name = "UnwritableChange";
}

export class Binding {
  private doc: Y.Doc;
  private elements: Y.XmlElement[] = [];
  private readonly screen: Screen;
  private anchors: Anchors | null = null;
  private written: Node | null = null;
  private detach: () => void = () => {};

  private readonly isOwn: (authorship: string) => boolean;
  private readonly betweenUpdates: () => void;

  /** `betweenUpdates` is called between the updates of a change that is too large for one. */
  constructor(doc: Y.Doc, screen: Screen, authority: Authority, betweenUpdates: () => void) {
    this.doc = doc;
    this.screen = screen;
    this.betweenUpdates = betweenUpdates;
    this.isOwn = (authorship) =>
      authorship.startsWith("insertion:") &&
      authorship.split(" ").every((key) => authority.standing(key.slice("insertion:".length)) === "editable");
    this.attach(doc);
  }

  /** The document to start an editor state with. */
  static documentOf(doc: Y.Doc): Node {
    const paragraphs = paragraphsOf(textRoot(doc)).map((element) => paragraphOf(attributesOf(element), runsOf(element)));
    return schema.node("doc", null, paragraphs);
  }

  /** Follows another document (after a resync or a change of scope); what differs is shown, the rest stays in place. */
  follow(doc: Y.Doc): void {
    this.screen.look();
    this.anchors = this.anchorsOf(this.screen.state);
    this.detach();
    this.written = null;
    this.attach(doc);
    this.reconcile("all");
  }

  destroy(): void {
    this.detach();
  }

  /** Writes what a transaction changed, with the caret then at `caret`. Throws `UnwritableChange` before anything is written. */
  write(before: Node, after: Node, caret: number): void {
    if (this.written !== null || before.eq(after)) return;
    this.transfer(before, after, caret);
  }

  /** From now on nothing is written (B3); the caller keeps the document from changing meanwhile. */
  hold(): void {
    this.written ??= this.screen.state.doc;
  }

  /** Writes what was typed since `hold`. Throws `UnwritableChange` when it cannot be; the shared text is then shown as it is. */
  release(): void {
    const before = this.written;
    const { doc, selection } = this.screen.state;
    this.written = null;
    if (!before || before.eq(doc)) return;
    try {
      this.transfer(before, doc, selection.head);
    } catch (error) {
      this.reconcile("all");
      throw error;
    }
  }

  get held(): boolean {
    return this.written !== null;
  }

  private attach(doc: Y.Doc): void {
    const root = textRoot(doc);
    const before = (transaction: Y.Transaction) => {
      if (transaction.origin === this) return;
      this.screen.look();
      this.anchors = this.anchorsOf(this.screen.state);
    };
    const changed = (events: Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => {
      if (transaction.origin === this) return;
      this.reconcile(touchedBy(events, root));
    };
    doc.on("beforeTransaction", before);
    root.observeDeep(changed);
    this.doc = doc;
    if (this.written === null) this.elements = paragraphsOf(root);
    this.detach = () => {
      doc.off("beforeTransaction", before);
      root.unobserveDeep(changed);
    };
  }

  // -- from the editor to the shared text

  private transfer(before: Node, after: Node, caret: number): void {
    batches(this.plan(before, after, after.resolve(caret))).forEach((batch, place) => {
      if (place > 0) this.betweenUpdates();
      this.doc.transact(() => {
        for (const step of batch) step.carryOut();
      }, this);
    });
    this.elements = paragraphsOf(textRoot(this.doc));
  }

  /** What to write, worked out before the first character is written. */
  private plan(before: Node, after: Node, $caret: ResolvedPos): Writing[] {
    const plan: Writing[] = [];
    const root = textRoot(this.doc);
    let i = 0;
    let j = 0;
    let last: Y.XmlElement | null = null;
    for (const { kind, count } of paragraphAlignment(before, after)) {
      for (let left = count; left > 0; left--) {
        if (kind === "insert") {
          const runs = runsOfParagraph(after.child(j));
          const element = elementOf(attrsOf(after.child(j)), runs);
          const previous = last;
          plan.push({
            structs: 6 + 3 * runs.length,
            units: after.child(j).content.size,
            carryOut: () => root.insertAfter(previous, [element]),
          });
          last = element;
          j++;
          continue;
        }
        const element = this.elements[i];
        if (!element) throw new UnwritableChange("The editor and the shared text differ in their paragraphs.");
        if (kind === "delete") {
          plan.push({ structs: 0, units: 0, carryOut: () => root.delete(root.toArray().indexOf(element), 1) });
        } else {
          const offset = $caret.depth > 0 && $caret.index(0) === j ? $caret.parentOffset : null;
          if (before.child(i) !== after.child(j)) plan.push(...this.paragraphPlan(element, before.child(i), after.child(j), offset));
          last = element;
          j++;
        }
        i++;
      }
    }
    return plan;
  }

  private paragraphPlan(element: Y.XmlElement, before: Node, after: Node, caret: number | null): Writing[] {
    const plan: Writing[] = [];
    const changes = ownDifference(runsOfParagraph(before), runsOfParagraph(after), this.isOwn, caret);
    if (!changes) throw new UnwritableChange("Words of others would be taken out or put in.");
    if (changes.length > 0) {
      const text = textIn(element);
      if (!text || text.length !== before.content.size) {
        throw new UnwritableChange("This paragraph is not in a form that can be edited here.");
      }
      const units = changes.reduce((sum, change) => sum + (change.kind === "insert" ? change.text.length : 0), 0);
      plan.push({ structs: 4 * changes.length, units, carryOut: () => write(text, changes) });
    }
    const [was, is] = [attrsOf(before), attrsOf(after)];
    const set = (name: string, value: string) =>
      plan.push({ structs: 1, units: 0, carryOut: () => element.setAttribute(name, value) });
    if (was.kind !== is.kind) set("kind", is.kind);
    if (was.level !== is.level) set("level", String(is.level));
    if (was.id !== is.id || was.added !== is.added) throw new UnwritableChange("A paragraph keeps its id and its proposer.");
    return plan;
  }

  // -- from the shared text to the editor

  private reconcile(touched: Touched): void {
    const { state } = this.screen;
    const transaction = state.tr;
    const elements = paragraphsOf(textRoot(this.doc));
    const all = touched === "all" || touched.paragraphs;
    if (all) this.reconcileAll(transaction, elements, touched);
    else this.reconcileSome(transaction, elements, touched.elements);
    this.elements = elements;
    if (!transaction.docChanged) return;
    const selection = this.selectionAfter(state, transaction);
    if (selection) transaction.setSelection(selection);
    transaction.setStoredMarks(state.storedMarks);
    this.screen.show(transaction.setMeta(SHOWN, true).setMeta("addToHistory", false));
  }

  private reconcileSome(transaction: Transaction, elements: readonly Y.XmlElement[], touched: ReadonlySet<Y.XmlElement>): void {
    let start = 0;
    const { doc } = transaction;
    elements.forEach((element, place) => {
      const shown = doc.child(place);
      if (touched.has(element)) showParagraph(transaction, transaction.mapping.map(start, -1), shown, element);
      start += shown.nodeSize;
    });
  }

  private reconcileAll(transaction: Transaction, elements: readonly Y.XmlElement[], touched: Touched): void {
    const shown = transaction.doc;
    const old = childrenOf(shown).map((child) => attrsOf(child).id);
    const steps = alignment(
      old,
      elements.map((element) => attributesOf(element).id),
    );
    const known = new Set(this.elements);
    let start = 0;
    let i = 0;
    let j = 0;
    for (const { kind, count } of steps) {
      for (let left = count; left > 0; left--) {
        const at = transaction.mapping.map(start, 1);
        const element = elements[j] as Y.XmlElement;
        if (kind === "insert") {
          transaction.insert(at, paragraphOf(attributesOf(element), runsOf(element)));
          j++;
          continue;
        }
        const child = shown.child(i);
        if (kind === "delete") transaction.delete(at, at + child.nodeSize);
        else {
          if (touched === "all" || touched.elements.has(element) || !known.has(element)) {
            showParagraph(transaction, at, child, element);
          }
          j++;
        }
        start += child.nodeSize;
        i++;
      }
    }
  }

  // -- the selection

  private anchorsOf(state: EditorState): Anchors {
    const { anchor, head, empty } = state.selection;
    const forward = anchor <= head;
    return {
      anchor: this.anchorAt(state.doc, anchor, empty || !forward ? -1 : 0),
      head: this.anchorAt(state.doc, head, empty || forward ? -1 : 0),
    };
  }

  private anchorAt(doc: Node, pos: number, assoc: -1 | 0): Anchor | null {
    const $pos = doc.resolve(pos);
    if ($pos.depth === 0) return null;
    const element = this.elements[$pos.index(0)];
    const text = element && textIn(element);
    const id = attrsOf($pos.parent).id;
    const exact = text && text.length === $pos.parent.content.size;
    const relative = exact ? Y.createRelativePositionFromTypeIndex(text, $pos.parentOffset, assoc) : null;
    return { id, offset: $pos.parentOffset, relative };
  }

  private selectionAfter(state: EditorState, transaction: Transaction): Selection | null {
    const anchors = this.anchors;
    if (!anchors || !(state.selection instanceof TextSelection)) return null;
    const anchor = this.placeAfter(transaction, anchors.anchor, state.selection.anchor);
    const head = this.placeAfter(transaction, anchors.head, state.selection.head);
    const { doc } = transaction;
    return TextSelection.between(doc.resolve(Math.min(anchor, doc.content.size)), doc.resolve(Math.min(head, doc.content.size)));
  }

  private placeAfter(transaction: Transaction, anchor: Anchor | null, pos: number): number {
    const mapped = transaction.mapping.mapResult(pos, -1);
    if (!anchor) return mapped.pos;
    const live = anchor.relative && isAlive(anchor.relative, this.doc);
    const absolute = live ? Y.createAbsolutePositionFromRelativePosition(anchor.relative as Y.RelativePosition, this.doc) : null;
    if (absolute) {
      const place = this.elements.findIndex((element) => textIn(element) === absolute.type);
      if (place >= 0) return startOf(transaction.doc, place) + 1 + absolute.index;
    }
    const $mapped = transaction.doc.resolve(mapped.pos);
    if ($mapped.depth > 0 && attrsOf($mapped.parent).id === anchor.id) return mapped.pos;
    const moved = childrenOf(transaction.doc).findIndex((child) => attrsOf(child).id === anchor.id);
    if (moved < 0) return mapped.pos;
    return startOf(transaction.doc, moved) + 1 + Math.min(anchor.offset, transaction.doc.child(moved).content.size);
  }
}

/** One thing to write, and roughly how much of an update it takes. */
interface Writing {
  readonly structs: number;
  readonly units: number;
  carryOut(): void;
}

/** An update may hold 500 structs and 64 KiB (crdt/SPEC.md G1): a large paste or strike goes out as several, well below that. */
const STRUCTS_OF_UPDATE = 240;
const UNITS_OF_UPDATE = 12_000;

function batches(plan: readonly Writing[]): Writing[][] {
  const result: Writing[][] = [];
  let [structs, units] = [0, 0];
  for (const step of plan) {
    const batch = result.at(-1);
    if (batch && structs + step.structs <= STRUCTS_OF_UPDATE && units + step.units <= UNITS_OF_UPDATE) batch.push(step);
    else {
      result.push([step]);
      [structs, units] = [0, 0];
    }
    structs += step.structs;
    units += step.units;
  }
  return result;
}

interface Anchor {
  readonly id: string;
  readonly offset: number;
  readonly relative: Y.RelativePosition | null;
}
interface Anchors {
  readonly anchor: Anchor | null;
  readonly head: Anchor | null;
}

type Touched = "all" | { readonly elements: ReadonlySet<Y.XmlElement>; readonly paragraphs: boolean };

function touchedBy(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], root: Y.XmlFragment): Touched {
  const elements = new Set<Y.XmlElement>();
  let paragraphs = false;
  for (const { target } of events) {
    let type: Y.AbstractType<unknown> | null = target;
    if (type === root) paragraphs = true;
    while (type && type !== root && type.parent !== root) type = type.parent;
    if (type instanceof Y.XmlElement) elements.add(type);
  }
  return { elements, paragraphs };
}

/** A position whose character was deleted says only where it was; the text itself says better where the caret belongs. */
function isAlive(position: Y.RelativePosition, doc: Y.Doc): boolean {
  if (position.item === null) return true;
  if (Y.getState(doc.store, position.item.client) <= position.item.clock) return false;
  const item: unknown = Y.getItem(doc.store, position.item);
  return item instanceof Y.Item && !item.deleted;
}

function showParagraph(transaction: Transaction, pos: number, shown: Node, element: Y.XmlElement): void {
  const attrs = attributesOf(element);
  if (!sameAttrs(attrsOf(shown), attrs)) transaction.setNodeMarkup(pos, null, attrs);
  let at = pos + 1;
  for (const change of difference(runsOfParagraph(shown), runsOf(element))) at = showChange(transaction, at, change);
}

function showChange(transaction: Transaction, at: number, change: Change): number {
  switch (change.kind) {
    case "keep":
      return at + change.length;
    case "insert":
      transaction.insert(at, schema.text(change.text, marksOf(change.marks)));
      return at + change.text.length;
    case "delete":
      transaction.delete(at, at + change.length);
      return at;
    case "format": {
      const end = at + change.length;
      for (const key of change.off) {
        const mark = markOf(key);
        if (mark) transaction.removeMark(at, end, markFor(mark.kind, mark.id));
      }
      for (const key of change.on) {
        const mark = markOf(key);
        if (mark) addMark(transaction, at, end, markFor(mark.kind, mark.id));
      }
      return end;
    }
  }
}

function sameAttrs(a: ParagraphAttrs, b: ParagraphAttrs): boolean {
  return a.id === b.id && a.kind === b.kind && a.level === b.level && a.added === b.added;
}

function childrenOf(doc: Node): Node[] {
  return Array.from({ length: doc.childCount }, (_, place) => doc.child(place));
}

export function startOf(doc: Node, place: number): number {
  let pos = 0;
  for (let index = 0; index < place; index++) pos += doc.child(index).nodeSize;
  return pos;
}

/** Which paragraphs stayed, went and came, told by identity where it helps and by id elsewhere. */
function paragraphAlignment(before: Node, after: Node) {
  const ids = (doc: Node) => childrenOf(doc).map((child) => attrsOf(child).id);
  return alignment(ids(before), ids(after));
}
