import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readEntry, EMPTY_RECORD, type Amendment, type Kind, type RecordView } from "../model/record";
import { openBrackets } from "./brackets";
import { changesIn } from "./changes";
import type { TextParagraph } from "./text";
import { struckDigest, wordsDigest } from "./words_digest";

/** Twin of `tests/opinions/test_screen_vectors.py`: what the screen works out is what the server would. */
interface Case {
  readonly name: string;
  readonly document: {
    readonly paragraphs: readonly {
      readonly id: string;
      readonly kind: Kind;
      readonly level: number;
      readonly added: string | null;
      readonly runs: readonly (readonly [string, readonly string[]])[];
    }[];
    readonly record: Readonly<Record<string, string>>;
  };
  readonly brackets: readonly { readonly amendment: string; readonly kind: string; readonly paragraph: string }[];
  readonly digests: Readonly<Record<string, string>>;
  readonly struck: Readonly<Record<string, string>>;
}

const CASES = JSON.parse(readFileSync(new URL("../../../tests/vectors/screen.json", import.meta.url), "utf-8")) as Case[];

function read({ paragraphs, record }: Case["document"]): { text: TextParagraph[]; record: RecordView } {
  const amendments = new Map<string, Amendment>();
  for (const [key, json] of Object.entries(record)) {
    const entry = readEntry(key, json);
    if (entry.root === "amendment") amendments.set(entry.value.id, entry.value);
  }
  const text = paragraphs.map(({ runs, ...attributes }) => ({
    ...attributes,
    runs: runs.map(([words, marks]) => ({ text: words, marks })),
  }));
  return { text, record: { ...EMPTY_RECORD, amendments } };
}

describe.each(CASES.map((one) => [one.name, one] as const))("vectors: %s", (_, one) => {
  const { text, record } = read(one.document);

  it("the list of brackets [B1]", () => {
    const found = openBrackets(text, record, changesIn(text));
    expect(found.map(({ amendment, kind, paragraph }) => ({ amendment, kind, paragraph }))).toEqual(one.brackets);
  });

  it("the digest of the words seen [A3]", async () => {
    const found: Record<string, string> = {};
    for (const amendment of record.amendments.values()) found[amendment.id] = await wordsDigest(text, amendment);
    expect(found).toEqual(one.digests);
  });

  it("the digest of the words struck by a draft [C4]", async () => {
    const found: Record<string, string> = {};
    for (const [id, { status }] of record.amendments) if (status === "draft") found[id] = await struckDigest(text, record, id);
    expect(found).toEqual(one.struck);
  });
});
