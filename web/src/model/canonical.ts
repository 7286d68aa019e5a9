/**
 * The canonical text of a document: the one spelling that a version keeps, hashes and signs (opinions/SPEC.md K1-K7).
 *
 * Twin of `opinions/canonical.py`, by the vectors in `tests/vectors/canonical.json`. Drafts are lifted first, so that a delegation's
 * own view gives the same text as the opinion's document.
 */

import type * as Y from "yjs";
import { idsOf, joined, markOf, type MarkKey, type Run } from "./marks";
import { OPEN_STATUSES, type Status } from "./record";
import { attributesOf, paragraphsOf, runsOf, textRoot } from "./shared_text";

const FORMAT = 1;
const STANCE_FIELDS = new Set(["attitude", "by", "delegation", "members", "note", "revision"]);
const AMENDMENT_FIELDS = new Set([
  "delegation",
  "group",
  "id",
  "kind",
  "number",
  "paragraph",
  "reason",
  "revision",
  "source",
  "sponsors",
  "stances",
  "status",
]);

export interface CanonicalParagraph {
  readonly id: string;
  readonly kind: string;
  readonly level: number;
  readonly added: string | null;
  readonly runs: readonly Run[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The canonical text of the shared document as it stands. */
export function canonicalTextOf(doc: Y.Doc): string {
  const paragraphs = paragraphsOf(textRoot(doc)).map((element) => ({ ...attributesOf(element), runs: runsOf(element) }));
  return canonicalText(paragraphs, new Map(doc.getMap<string>("record").entries()));
}

/** The canonical text of paragraphs with the entries of their record (key to JSON text). */
export function canonicalText(paragraphs: readonly CanonicalParagraph[], record: ReadonlyMap<string, string>): string {
  const entries = new Map([...record].map(([key, text]) => [key, JSON.parse(text) as Fields]));
  const amendments = [...entries].flatMap(([key, entry]) => (key.startsWith("amendment:") ? [entry] : []));
  const tabled = amendments.filter(({ status }) => (status ?? "draft") !== "draft");
  const known = new Set(tabled.map(({ id }) => String(id)));
  const pending = tabled.filter(({ status }) => OPEN_STATUSES.has(status as Status));
  return ordered({
    amendments: pending.sort((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1)).map(amendmentFields),
    format: FORMAT,
    paragraphs: paragraphs.flatMap((paragraph) => {
      const lifted = withoutDrafts(paragraph, known);
      return lifted ? [paragraphFields(lifted, entries.get(`paragraph:${paragraph.id}`) ?? {})] : [];
    }),
  });
}

/** The SHA-256 of a canonical text in UTF-8, as 64 hexadecimal digits (K7). */
export async function fingerprint(canonical: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function amendmentFields(entry: Fields): Fields {
  const stances = entry["stances"] as readonly Fields[] | undefined;
  return { ...only(entry, AMENDMENT_FIELDS), ...(stances && { stances: stances.map((stance) => only(stance, STANCE_FIELDS)) }) };
}

const only = (fields: Fields, names: ReadonlySet<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)));

function paragraphFields({ id, kind, level, added, runs }: CanonicalParagraph, onRecord: Fields): Fields {
  return {
    id,
    kind,
    label: onRecord["label"] ?? "",
    level,
    runs: joined(runs).map(({ text, marks }) => [text, [...marks].sort()]),
    state: onRecord["state"] ?? "base",
    ...(added !== null && { added }),
  };
}

/** The paragraph as those see it who know only what was submitted; null when it is itself a draft and nothing else is in it. */
function withoutDrafts(paragraph: CanonicalParagraph, known: ReadonlySet<string>): CanonicalParagraph | null {
  const runs = paragraph.runs
    .filter(({ marks }) => idsOf(marks, "insertion").every((id) => known.has(id)))
    .map(({ text, marks }) => ({ text, marks: marks.filter((key) => !isDraftMark(key, known)) }));
  const gone = paragraph.added !== null && !known.has(paragraph.added) && joined(runs).length === 0;
  return gone ? null : { ...paragraph, runs };
}

function isDraftMark(key: MarkKey, known: ReadonlySet<string>): boolean {
  const mark = markOf(key);
  return (mark?.kind === "deletion" || mark?.kind === "bracket") && !known.has(mark.id);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
