/**
 * Where things of the text stand on the page, for whatever stands beside it. Reading the page is done together, once in a frame, and
 * only where something changed (guide: ux 3.6).
 */

import type { AmendmentId, ParagraphId } from "../model/marks";
import type { RecordView } from "../model/record";
import type { PageState } from "./state";
import type { TextParagraph } from "./text";

export interface Anchors {
  /** Tops of the first words of each amendment, in pixels from the top of the sheet, where the cards' column begins too. */
  readonly amendments: ReadonlyMap<AmendmentId, number>;
  /** Tops of the paragraphs. */
  readonly paragraphs: ReadonlyMap<ParagraphId, number>;
}

/** What was read of one paragraph, and of which state of it. */
interface Reading {
  readonly paragraph: TextParagraph | undefined;
  readonly record: RecordView;
  readonly width: number;
  readonly height: number;
  /** Tops of first words from the paragraph's own top. */
  readonly marks: readonly (readonly [AmendmentId, number])[];
}

const MARKED = "[data-insertion],[data-deletion],[data-bracket]";
const KINDS = ["insertion", "deletion", "bracket"] as const;

export class Ruler {
  readonly #page: PageState;
  #readings = new WeakMap<HTMLElement, Reading>();
  #anchors: Anchors | null = null;
  #waiting = 0;

  constructor(page: PageState) {
    this.#page = page;
  }

  /** Follows the text from now on: what changes in it, its width, its fonts. */
  start(): void {
    const { editor } = this.#page;
    if (!editor) return;
    let facts = this.#page.facts;
    this.#page.subscribe(() => {
      if (facts !== this.#page.facts) this.later();
      facts = this.#page.facts;
    });
    new ResizeObserver(this.later).observe(editor.element);
    void document.fonts?.ready.then(() => {
      this.#readings = new WeakMap();
      this.later();
    });
    this.measure();
  }

  later = (): void => {
    this.#waiting ||= requestAnimationFrame(() => this.measure());
  };

  measure(): void {
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    const { editor, facts } = this.#page;
    // A text that is not shown has no places; the last ones hold until it is shown again.
    if (!editor || editor.element.offsetParent === null) return;
    const origin = (editor.element.closest(".editor-sheet") ?? editor.element).getBoundingClientRect().top;
    const amendments = new Map<AmendmentId, number>();
    const paragraphs = new Map<ParagraphId, number>();
    for (const element of editor.element.querySelectorAll<HTMLElement>("p[data-id]")) {
      const box = element.getBoundingClientRect();
      const id = element.dataset["id"] ?? "";
      const top = Math.round(box.top - origin);
      paragraphs.set(id, top);
      const paragraph = facts.paragraphs[facts.order.get(id) ?? -1];
      for (const [amendment, below] of this.#read(element, paragraph, box)) {
        if (!amendments.has(amendment)) amendments.set(amendment, top + below);
      }
    }
    const next = { amendments, paragraphs };
    if (this.#anchors && same(this.#anchors.amendments, amendments) && same(this.#anchors.paragraphs, paragraphs)) return;
    this.#anchors = next;
    this.#page.measured(next);
  }

  #read(element: HTMLElement, paragraph: TextParagraph | undefined, { top, width, height }: DOMRect): Reading["marks"] {
    const { record } = this.#page.session;
    const known = this.#readings.get(element);
    const current =
      known && known.paragraph === paragraph && known.record === record && known.width === width && known.height === height;
    if (current) return known.marks;
    const marks = marksIn(element, top);
    this.#readings.set(element, { paragraph, record, width, height, marks });
    return marks;
  }
}

function marksIn(element: HTMLElement, top: number): Reading["marks"] {
  const found = new Map<AmendmentId, number>();
  const { added } = element.dataset;
  if (added !== undefined) found.set(added, 0);
  for (const mark of element.querySelectorAll<HTMLElement>(MARKED)) {
    for (const kind of KINDS) {
      const id = mark.dataset[kind];
      if (id !== undefined && !found.has(id)) found.set(id, Math.round(mark.getBoundingClientRect().top - top));
    }
  }
  return [...found];
}

const same = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([id, top]) => b.get(id) === top);
