/**
 * Where things of the text stand on the page, for whatever stands beside it. Reading the page is done together, once in a frame, and
 * only where something changed (guide: ux 3.6).
 */

import type { AmendmentId, ParagraphId } from "../model/marks";
import type { RecordView } from "../model/record";
import type { Facts } from "./facts";
import { paragraphElement } from "./reveal";
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

/** How the whole text stands in its sheet; `origin` is the sheet's top in the window. */
interface Extent {
  readonly origin: number;
  readonly above: number;
  readonly width: number;
  readonly height: number;
}

/** Paragraphs changed at once beyond which all is read again. */
const FEW = 8;
const MARKED = "[data-insertion],[data-deletion],[data-bracket]";
const KINDS = ["insertion", "deletion", "bracket"] as const;

export class Ruler {
  readonly #page: PageState;
  #readings = new WeakMap<HTMLElement, Reading>();
  #anchors: Anchors | null = null;
  #last: { readonly extent: Extent; readonly facts: Facts; readonly record: RecordView } | null = null;
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
    editor.element.addEventListener("contentvisibilityautostatechange", this.#again);
    void document.fonts?.ready.then(() => {
      this.#readings = new WeakMap();
      this.#again();
    });
    this.measure();
  }

  later = (): void => {
    this.#waiting ||= requestAnimationFrame(() => this.measure());
  };

  #again = (): void => {
    this.#last = null;
    this.later();
  };

  measure(): void {
    cancelAnimationFrame(this.#waiting);
    this.#waiting = 0;
    const { editor, facts } = this.#page;
    // A text that is not shown has no places; the last ones hold until it is shown again.
    if (!editor || editor.element.offsetParent === null) return;
    const extent = extentOf(editor.element);
    if (this.#stillAsRead(editor.element, extent)) return;
    const { origin } = extent;
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
    this.#last = { extent, facts, record: this.#page.session.record };
    const next = { amendments, paragraphs };
    if (this.#anchors && same(this.#anchors.amendments, amendments) && same(this.#anchors.paragraphs, paragraphs)) return;
    this.#anchors = next;
    this.#page.measured(next);
  }

  /**
   * While somebody types, nearly nothing of the page moves: where the text kept its size, and so did the paragraphs whose words are
   * others now, all stands where it stood.
   */
  #stillAsRead(text: HTMLElement, { above, width, height }: Extent): boolean {
    const { facts, session } = this.#page;
    const last = this.#last;
    if (!last || last.record !== session.record) return false;
    if (last.extent.above !== above || last.extent.width !== width || last.extent.height !== height) return false;
    const [now, before] = [facts.paragraphs, last.facts.paragraphs];
    const changed = now.filter((paragraph, place) => paragraph !== before[place]);
    if (now.length !== before.length || changed.length > FEW) return false;
    for (const paragraph of changed) {
      const element = paragraphElement(text, paragraph.id);
      const known = element && this.#readings.get(element);
      const moved = last.facts.order.get(paragraph.id) !== facts.order.get(paragraph.id);
      if (!known || moved) return false;
      const box = element.getBoundingClientRect();
      if (box.height !== known.height || !sameMarks(this.#read(element, paragraph, box), known.marks)) return false;
    }
    this.#last = { ...last, facts };
    return true;
  }

  #read(element: HTMLElement, paragraph: TextParagraph | undefined, { top, width, height }: DOMRect): Reading["marks"] {
    const { record } = this.#page.session;
    const known = this.#readings.get(element);
    const current =
      known && known.paragraph === paragraph && known.record === record && known.width === width && known.height === height;
    if (current) return known.marks;
    // To ask for a place inside what is out of sight would lay it out after all: its own top is near enough until it is seen.
    if (isFar(top, height) || !element.checkVisibility({ contentVisibilityAuto: true })) return marksIn(element, null);
    const marks = marksIn(element, top);
    this.#readings.set(element, { paragraph, record, width, height, marks });
    return marks;
  }
}

/** `top` null: where in the paragraph they are is not asked. */
function marksIn(element: HTMLElement, top: number | null): Reading["marks"] {
  const found = new Map<AmendmentId, number>();
  const { added } = element.dataset;
  if (added !== undefined) found.set(added, 0);
  for (const mark of element.querySelectorAll<HTMLElement>(MARKED)) {
    for (const kind of KINDS) {
      const id = mark.dataset[kind];
      if (id !== undefined && !found.has(id)) found.set(id, top === null ? 0 : Math.round(mark.getBoundingClientRect().top - top));
    }
  }
  return [...found];
}

/** Before the first frame nothing counts as out of sight; browsers draw up to one and a half windows ahead. */
const isFar = (top: number, height: number): boolean => top + height < -2 * innerHeight || top > 3 * innerHeight;

function extentOf(text: HTMLElement): Extent {
  const { top, width, height } = text.getBoundingClientRect();
  const origin = (text.closest(".editor-sheet") ?? text).getBoundingClientRect().top;
  return { origin, above: top - origin, width, height };
}

const sameMarks = (a: Reading["marks"], b: Reading["marks"]): boolean =>
  a.length === b.length && a.every(([id, top], place) => b[place]?.[0] === id && b[place][1] === top);

const same = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([id, top]) => b.get(id) === top);
