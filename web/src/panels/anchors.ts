/** Where things of the text stand on the page. All reading is done together, before anything is written (guide: ux 3.6). */

import type { AmendmentId, ParagraphId } from "../model/marks";

const MARKED = "[data-insertion],[data-deletion],[data-bracket]";
const KINDS = ["insertion", "deletion", "bracket"] as const;

export interface Anchors {
  /** Tops of the first words of each amendment, in pixels from `from`. */
  readonly amendments: ReadonlyMap<AmendmentId, number>;
  /** Tops and heights of the paragraphs. */
  readonly paragraphs: ReadonlyMap<ParagraphId, { readonly top: number; readonly height: number }>;
}

/** Measures the text in `element` against the top of `from`. */
export function anchorsIn(element: HTMLElement, from: HTMLElement): Anchors {
  const origin = from.getBoundingClientRect().top;
  const amendments = new Map<AmendmentId, number>();
  const paragraphs = new Map<ParagraphId, { top: number; height: number }>();
  for (const paragraph of element.querySelectorAll<HTMLElement>("p[data-id]")) {
    const { top, height } = paragraph.getBoundingClientRect();
    const id = paragraph.dataset["id"] ?? "";
    paragraphs.set(id, { top: top - origin, height });
    const added = paragraph.dataset["added"];
    if (added !== undefined && !amendments.has(added)) amendments.set(added, top - origin);
  }
  for (const mark of element.querySelectorAll<HTMLElement>(MARKED)) {
    for (const kind of KINDS) {
      const id = mark.dataset[kind];
      if (id === undefined || amendments.has(id)) continue;
      amendments.set(id, mark.getBoundingClientRect().top - origin);
    }
  }
  return { amendments, paragraphs };
}

export const sameAnchors = (a: Anchors, b: Anchors): boolean =>
  a.amendments.size === b.amendments.size &&
  a.paragraphs.size === b.paragraphs.size &&
  [...a.amendments].every(([id, top]) => Math.abs((b.amendments.get(id) ?? Number.NaN) - top) < 1) &&
  [...a.paragraphs].every(([id, { top, height }]) => {
    const other = b.paragraphs.get(id);
    return other !== undefined && Math.abs(other.top - top) < 1 && Math.abs(other.height - height) < 1;
  });
