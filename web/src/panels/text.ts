/**
 * The text as the panels read it: paragraphs with marked runs, taken from the shared document and kept until a paragraph changes.
 *
 * The editor is not asked: document and record are enough, so the panels work beside any view of them.
 */

import * as Y from "yjs";
import { attributesOf, paragraphsOf, runsOf, textRoot } from "../model/shared_text";
import type { AmendmentId, ParagraphId, Run } from "../model/marks";
import type { Kind } from "../model/record";

export interface TextParagraph {
  readonly id: ParagraphId;
  readonly kind: Kind;
  readonly level: number;
  readonly added: AmendmentId | null;
  readonly runs: readonly Run[];
}

/** A text that is read again only where it changed. Call `stop` when it is no longer needed. */
export class LiveText {
  readonly #read = new WeakMap<Y.XmlElement, TextParagraph>();
  readonly #listeners = new Set<() => void>();
  #root: Y.XmlFragment;
  #paragraphs: readonly TextParagraph[] | null = null;

  constructor(doc: Y.Doc) {
    this.#root = textRoot(doc);
    this.#root.observeDeep(this.#changed);
  }

  /** Reads another document from now on: after a resync the same text comes in a new one. */
  follow(doc: Y.Doc): void {
    const root = textRoot(doc);
    if (root === this.#root) return;
    this.#root.unobserveDeep(this.#changed);
    this.#root = root;
    root.observeDeep(this.#changed);
    this.#changed([]);
  }

  get paragraphs(): readonly TextParagraph[] {
    this.#paragraphs ??= paragraphsOf(this.#root).map((element) => this.#paragraph(element));
    return this.#paragraphs;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    this.#root.unobserveDeep(this.#changed);
    this.#listeners.clear();
  }

  #paragraph(element: Y.XmlElement): TextParagraph {
    let known = this.#read.get(element);
    if (!known) {
      const { id, kind, level, added } = attributesOf(element);
      known = { id, kind: kind as Kind, level, added, runs: runsOf(element) };
      this.#read.set(element, known);
    }
    return known;
  }

  #changed = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    for (const { target } of events) {
      const element = target instanceof Y.XmlElement ? target : target.parent;
      if (element instanceof Y.XmlElement) this.#read.delete(element);
    }
    this.#paragraphs = null;
    for (const listener of this.#listeners) listener();
  };
}

export const wordsOf = (paragraph: TextParagraph): string => paragraph.runs.map((run) => run.text).join("");

/** Code points before a UTF-16 offset: the server counts those (`opinions/model.py`). */
export const codePoints = (text: string, offset: number): number => [...text.slice(0, offset)].length;
