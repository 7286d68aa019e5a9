/**
 * The elements of marks on the page, coloured from the record.
 *
 * Marks carry an id and nothing else; what the record says of it changes under the text (a draft is submitted, a sponsor joins).
 * The painter knows the elements of every id and repaints them in place, so that the editor draws nothing anew for it.
 */

import type { Mark } from "prosemirror-model";
import type { MarkView, MarkViewConstructor } from "prosemirror-view";
import type { MarkKind } from "../model/marks";
import { idOf } from "./schema";

const TAGS: Partial<Record<MarkKind, [tag: "ins" | "del" | "span", name: string]>> = {
  insertion: ["ins", "inserted"],
  deletion: ["del", "struck"],
  bracket: ["span", "bracketed"],
  origin: ["span", "origin"],
};

export class MarkPainter {
  private readonly elements = new Map<string, Set<HTMLElement>>();
  private readonly classesOf: (id: string) => readonly string[];
  private lit: string | null = null;

  constructor(classesOf: (id: string) => readonly string[]) {
    this.classesOf = classesOf;
  }

  get markViews(): Record<string, MarkViewConstructor> {
    const make = (mark: Mark) => this.markView(mark);
    return { insertion: make, deletion: make, bracket: make, origin: make };
  }

  /** Paints the words of these amendments anew. */
  repaint(ids: Iterable<string>): void {
    for (const id of ids) for (const element of this.elements.get(id) ?? []) this.paint(element, id);
  }

  /** Makes the words of one amendment stand out; null for none. */
  light(id: string | null): void {
    const before = this.lit;
    this.lit = id;
    for (const changed of [before, id]) {
      if (changed !== null) for (const element of this.elements.get(changed) ?? []) this.paint(element, changed);
    }
  }

  private markView(mark: Mark): MarkView {
    const kind = mark.type.name as MarkKind;
    const id = idOf(mark);
    const [tag, name] = TAGS[kind] ?? ["span", kind];
    const element = document.createElement(tag);
    element.dataset[kind] = id;
    element.dataset["look"] = name;
    const known = this.elements.get(id) ?? new Set();
    this.elements.set(id, known.add(element));
    this.paint(element, id);
    return {
      dom: element,
      ignoreMutation: (mutation) => mutation.type === "attributes",
      destroy: () => {
        known.delete(element);
        if (known.size === 0 && this.elements.get(id) === known) this.elements.delete(id);
      },
    };
  }

  private paint(element: HTMLElement, id: string): void {
    const coloured = element.dataset["look"] === "origin" ? [] : this.classesOf(id);
    const name = [element.dataset["look"], ...coloured, ...(this.lit === id ? ["lit"] : [])].join(" ");
    if (element.className !== name) element.className = name;
  }
}
