/** The record of one copy as values, read anew only where it changed. */

import type * as Y from "yjs";
import { EMPTY_OPINION, readEntry, type Amendment, type OpinionRecord, type ParagraphRecord, type RecordView } from "../model/record";

const ROOTS = ["drafts", "record"] as const;

/** Reads both maps of a document (the opinion's record over the delegation's drafts) and tells of every change. */
export class RecordReader {
  view: RecordView;
  private readonly doc: Y.Doc;
  private readonly unobserve: () => void;

  constructor(doc: Y.Doc, changed: () => void) {
    this.doc = doc;
    const read = (event: Y.YMapEvent<unknown>) => {
      this.view = this.reread([...event.keysChanged]);
      changed();
    };
    for (const root of ROOTS) doc.getMap(root).observe(read);
    this.unobserve = () => {
      for (const root of ROOTS) doc.getMap(root).unobserve(read);
    };
    this.view = { amendments: new Map(), paragraphs: new Map(), opinion: EMPTY_OPINION, table: new Map() };
    this.view = this.reread(ROOTS.flatMap((root) => [...doc.getMap(root).keys()]));
  }

  destroy(): void {
    this.unobserve();
  }

  private reread(keys: readonly string[]): RecordView {
    const amendments = new Map<string, Amendment>(this.view.amendments);
    const paragraphs = new Map<string, ParagraphRecord>(this.view.paragraphs);
    const table = new Map(this.view.table);
    let opinion: OpinionRecord = this.view.opinion;
    for (const key of new Set(keys)) {
      amendments.delete(key.slice("amendment:".length));
      paragraphs.delete(key.slice("paragraph:".length));
      table.delete(key);
      const text = this.doc.getMap<unknown>("record").get(key) ?? this.doc.getMap<unknown>("drafts").get(key);
      if (typeof text !== "string") continue;
      const entry = read(key, text);
      if (entry?.root === "amendment") amendments.set(entry.value.id, entry.value);
      if (entry?.root === "paragraph") paragraphs.set(entry.value.id, entry.value);
      if (entry?.root === "opinion") opinion = entry.value;
      if (entry?.root === "table") table.set(key, entry.value);
    }
    return { amendments, paragraphs, opinion, table };
  }
}

function read(key: string, text: string) {
  try {
    return readEntry(key, text);
  } catch (error) {
    console.error(`The record entry ${key} cannot be read; it is not shown.`, error);
    return null;
  }
}
