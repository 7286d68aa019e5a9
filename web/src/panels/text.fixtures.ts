/** Texts and records for the tests of the panels: paragraphs from pieces, amendments with what does not matter filled in. */

import type { Run } from "../model/marks";
import type { Amendment, ParagraphRecord, RecordView } from "../model/record";
import { EMPTY_OPINION } from "../model/record";
import type { TextParagraph } from "./text";

export const run = (text: string, ...marks: string[]): Run => ({ text, marks: [...marks].sort() });

export function paragraph(id: string, runs: readonly (Run | string)[], more: Partial<TextParagraph> = {}): TextParagraph {
  return {
    id,
    kind: "preambular_item",
    level: 0,
    added: null,
    runs: runs.map((one) => (typeof one === "string" ? run(one) : one)),
    ...more,
  };
}

export function amendment(id: string, delegation: string, more: Partial<Amendment> = {}): Amendment {
  return {
    id,
    delegation,
    kind: "MOD",
    author: `A. ${delegation}`,
    paragraph: "p-1",
    createdAt: "2026-01-21T09:00:00Z",
    changedAt: "2026-01-21T09:00:00Z",
    status: "submitted",
    revision: 1,
    number: 7,
    typist: "",
    sponsors: [],
    reason: "",
    source: "",
    pinned: false,
    revises: null,
    group: "",
    stances: [],
    spelling: null,
    removed: [],
    decisions: [],
    replaces: [],
    into: null,
    late: "",
    ...more,
  } as Amendment;
}

export function record(amendments: readonly Amendment[] = [], paragraphs: readonly Partial<ParagraphRecord>[] = []): RecordView {
  return {
    amendments: new Map(amendments.map((one) => [one.id, one])),
    paragraphs: new Map(
      paragraphs.map((one) => [
        one.id ?? "",
        { id: "", label: "", state: "base", decisions: [], tag: "", stances: [], ...one } as ParagraphRecord,
      ]),
    ),
    opinion: EMPTY_OPINION,
    table: new Map(),
  };
}
