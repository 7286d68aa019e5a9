/**
 * The record beside the text: whose proposal each amendment is, and what became of it. Twin of `opinions/record.py`.
 *
 * The server alone writes it, as canonical JSON with fields at their default left out (`opinions/record_json.py`); the readers here
 * fill them in again. A value that cannot be read is passed over and reported, so that one bad entry hides nothing else.
 */

import type { AmendmentId, ParagraphId, Run } from "./marks";

export type AmendmentKind = "ADD" | "MOD" | "SUP" | "bracket";
/** States of something near agreement, and not agreed. */
type Nearly = "agreed_in_informals" | "pending_delegation" | "pending_package" | "wording_agreed" | "set_aside";
export type Status =
  | Nearly
  | "draft"
  | "submitted"
  | "reopened"
  | "agreed"
  | "agreed_ad_referendum"
  | "not_retained"
  | "withdrawn"
  | "superseded"
  | "merged";
export type ParagraphState = Nearly | "base" | "open" | "reopened" | "agreed_ad_referendum" | "agreed";
export type Ruling = Nearly | "agreed" | "agreed_ad_referendum" | "not_retained" | "reopened" | "merged";
export type Level = "" | "informal" | "ieg" | "working_group" | "plenary";
export type Attitude =
  | "propose"
  | "support"
  | "retain"
  | "delete"
  | "can_accept"
  | "flexible"
  | "reserve"
  | "oppose"
  | "formal_objection"
  | "awaiting_instructions"
  | "awaiting_package";
export type Answer = "object" | "need_time" | "no_objection";
export type Kind =
  | "title"
  | "chapeau"
  | "preambular_verb"
  | "preambular_item"
  | "operative_verb"
  | "operative_item"
  | "sub_item"
  | "heading"
  | "paragraph"
  | "footnote";

export interface Stance {
  /** A delegation, or a group that speaks for `members`. */
  readonly delegation: string;
  readonly attitude: Attitude;
  readonly note: string;
  /** The revision it is about; 0 on a paragraph, or where the source does not say. */
  readonly revision: number;
  readonly at: string;
  readonly members: readonly string[];
  /** Whether it was typed for the delegation, which has not confirmed it yet. */
  readonly unconfirmed: boolean;
}

export interface Decision {
  readonly ruling: Ruling;
  readonly revision: number;
  readonly at: string;
  readonly ruledBy: string;
  readonly recordedBy: string;
  readonly note: string;
  readonly meeting: string;
  /** Who asked for it, or for whom it is pending. */
  readonly askedBy: readonly string[];
  readonly until: string;
}

export interface Removed {
  readonly paragraph: ParagraphId;
  readonly offset: number;
  readonly runs: readonly Run[];
  readonly left: string;
  readonly right: string;
  /** Set when the paragraph itself went. */
  readonly whole: RemovedParagraph | null;
  readonly after: ParagraphId | null;
}

export interface RemovedParagraph {
  readonly id: ParagraphId;
  readonly kind: Kind;
  readonly level: number;
  readonly runs: readonly Run[];
}

export interface Amendment {
  readonly id: AmendmentId;
  readonly kind: AmendmentKind;
  readonly delegation: string;
  readonly author: string;
  readonly paragraph: ParagraphId;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly changedAt: string;
  readonly status: Status;
  readonly revision: number;
  /** What the room calls it (`#38`); 0 before the first Submit. */
  readonly number: number;
  readonly typist: string;
  readonly sponsors: readonly string[];
  readonly reason: string;
  readonly source: string;
  readonly pinned: boolean;
  readonly revises: AmendmentId | null;
  readonly group: string;
  readonly stances: readonly Stance[];
  readonly spelling: { readonly before: string; readonly after: string } | null;
  readonly removed: readonly Removed[];
  readonly decisions: readonly Decision[];
  /** The amendments for which this compromise text stands. */
  readonly replaces: readonly AmendmentId[];
  /** The one that took its place. */
  readonly into: AmendmentId | null;
  /** The deadline after which it was submitted; empty: in time. */
  readonly late: string;
}

export interface ParagraphRecord {
  readonly id: ParagraphId;
  readonly label: string;
  readonly state: ParagraphState;
  readonly decisions: readonly Decision[];
  readonly tag: string;
  readonly stances: readonly Stance[];
}

export interface OpinionRecord {
  readonly draft: number;
  readonly nextNumber: number;
  readonly liveDrafting: boolean;
  readonly closed: boolean;
  readonly observersAdmitted: boolean;
  /** The meeting under way, and which delegations are marked as there. */
  readonly sitting: { readonly name: string; readonly present: readonly string[] } | null;
  /** Whether the next freeze renumbers, as the secretariat marked it. */
  readonly renumbering: boolean;
}

/** All that is on record of one Opinion, the delegation's drafts among the amendments. A new value after every change. */
export interface RecordView {
  readonly amendments: ReadonlyMap<AmendmentId, Amendment>;
  readonly paragraphs: ReadonlyMap<ParagraphId, ParagraphRecord>;
  readonly opinion: OpinionRecord;
  /** Calls for objections, alternatives, packages and renumberings by their keys, as they are written (`model/on_table.ts` reads them). */
  readonly table: ReadonlyMap<string, string>;
}

export const OPEN_STATUSES: ReadonlySet<Status> = new Set([
  "draft",
  "submitted",
  "reopened",
  "agreed_in_informals",
  "pending_delegation",
  "pending_package",
  "wording_agreed",
  "set_aside",
]);
export const isOpen = (amendment: Amendment): boolean => OPEN_STATUSES.has(amendment.status);

export const EMPTY_OPINION: OpinionRecord = {
  draft: 1,
  nextNumber: 1,
  liveDrafting: false,
  closed: false,
  observersAdmitted: true,
  sitting: null,
  renumbering: false,
};
export const EMPTY_RECORD: RecordView = { amendments: new Map(), paragraphs: new Map(), opinion: EMPTY_OPINION, table: new Map() };

export type Entry =
  | { readonly root: "amendment"; readonly value: Amendment }
  | { readonly root: "paragraph"; readonly value: ParagraphRecord }
  | { readonly root: "opinion"; readonly value: OpinionRecord }
  | { readonly root: "table"; readonly value: string };

/** The value under a key of the record. Throws `Error` when it cannot be read. */
export function readEntry(key: string, text: string): Entry {
  const fields = new Fields(JSON.parse(text) as unknown);
  if (key === "opinion") return { root: "opinion", value: readOpinion(fields) };
  if (key.startsWith("amendment:")) return { root: "amendment", value: readAmendment(fields) };
  if (key.startsWith("paragraph:")) return { root: "paragraph", value: readParagraph(fields) };
  if (/^(?:call|alternatives|package|renumbering):/.test(key)) return { root: "table", value: text };
  throw new Error(`no record has the key ${key}`);
}

function readAmendment(fields: Fields): Amendment {
  return {
    id: fields.text("id"),
    kind: fields.text("kind") as AmendmentKind,
    delegation: fields.text("delegation"),
    author: fields.text("author", ""),
    paragraph: fields.text("paragraph", ""),
    createdAt: fields.text("created_at", ""),
    changedAt: fields.text("changed_at", ""),
    status: fields.text("status", "draft") as Status,
    revision: fields.whole("revision", 0),
    number: fields.whole("number", 0),
    typist: fields.text("typist", ""),
    sponsors: fields.list("sponsors").map(String),
    reason: fields.text("reason", ""),
    source: fields.text("source", ""),
    pinned: fields.flag("pinned", false),
    revises: fields.text("revises", "") || null,
    group: fields.text("group", ""),
    stances: fields.rows("stances").map(readStance),
    spelling: fields.part("spelling", (part) => ({ before: part.text("before", ""), after: part.text("after", "") })),
    removed: fields.rows("removed").map(readRemoved),
    decisions: fields.rows("decisions").map(readDecision),
    replaces: fields.list("replaces").map(String),
    into: fields.text("into", "") || null,
    late: fields.text("late", ""),
  };
}

function readStance(row: Fields): Stance {
  return {
    delegation: row.text("delegation"),
    attitude: row.text("attitude") as Attitude,
    note: row.text("note", ""),
    revision: row.whole("revision", 0),
    at: row.text("at", ""),
    members: row.list("members").map(String),
    unconfirmed: row.text("typist", "") !== "" && row.text("confirmed", "") === "",
  };
}

function readParagraph(fields: Fields): ParagraphRecord {
  return {
    id: fields.text("id"),
    label: fields.text("label", ""),
    state: fields.text("state", "base") as ParagraphState,
    decisions: fields.rows("decisions").map(readDecision),
    tag: fields.text("tag", ""),
    stances: fields.rows("stances").map(readStance),
  };
}

function readOpinion(fields: Fields): OpinionRecord {
  return {
    draft: fields.whole("draft", EMPTY_OPINION.draft),
    nextNumber: fields.whole("next_number", EMPTY_OPINION.nextNumber),
    liveDrafting: fields.flag("live_drafting", EMPTY_OPINION.liveDrafting),
    closed: fields.flag("closed", EMPTY_OPINION.closed),
    observersAdmitted: fields.flag("observers_admitted", EMPTY_OPINION.observersAdmitted),
    sitting: fields.part("sitting", (part) => ({
      name: part.text("name"),
      present: part.rows("present").map((one) => one.text("delegation")),
    })),
    renumbering: fields.part("renumbering", () => true) ?? false,
  };
}

function readDecision(fields: Fields): Decision {
  return {
    ruling: fields.text("ruling") as Ruling,
    revision: fields.whole("revision", 0),
    at: fields.text("at", ""),
    ruledBy: fields.text("ruled_by", ""),
    recordedBy: fields.text("recorded_by", ""),
    note: fields.text("note", ""),
    meeting: fields.text("meeting", ""),
    askedBy: fields.list("asked_by").map(String),
    until: fields.text("until", ""),
  };
}

function readRemoved(fields: Fields): Removed {
  return {
    paragraph: fields.text("paragraph"),
    offset: fields.whole("offset", 0),
    runs: readRuns(fields.list("runs")),
    left: fields.text("left", ""),
    right: fields.text("right", ""),
    whole: fields.part("whole", (part) => ({
      id: part.text("id"),
      kind: part.text("kind") as Kind,
      level: part.whole("level", 0),
      runs: readRuns(part.list("runs")),
    })),
    after: fields.text("after", "") || null,
  };
}

function readRuns(rows: readonly unknown[]): Run[] {
  return rows.map((row) => {
    if (!Array.isArray(row) || typeof row[0] !== "string" || !Array.isArray(row[1])) throw new Error("not a run");
    return { text: row[0], marks: row[1].map(String).sort() };
  });
}

/** A JSON object read field by field; whatever does not fit is an `Error` that names the field. */
class Fields {
  private readonly object: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a JSON object");
    this.object = value as Readonly<Record<string, unknown>>;
  }

  text(name: string, preset?: string): string {
    const value = this.object[name] ?? preset;
    if (typeof value !== "string") throw new Error(`the field ${name} is not a text`);
    return value;
  }

  whole(name: string, preset: number): number {
    const value = this.object[name] ?? preset;
    if (!Number.isSafeInteger(value)) throw new Error(`the field ${name} is not a whole number`);
    return value as number;
  }

  flag(name: string, preset: boolean): boolean {
    const value = this.object[name] ?? preset;
    if (typeof value !== "boolean") throw new Error(`the field ${name} is neither true nor false`);
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.object[name] ?? [];
    if (!Array.isArray(value)) throw new Error(`the field ${name} is not a list`);
    return value;
  }

  rows(name: string): Fields[] {
    return this.list(name).map((row) => new Fields(row));
  }

  part<T>(name: string, read: (part: Fields) => T): T | null {
    const value = this.object[name] ?? null;
    return value === null ? null : read(new Fields(value));
  }
}
