import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText, fingerprint } from "./canonical";

interface Vector {
  name: string;
  document: {
    paragraphs: { id: string; kind: string; level: number; added: string | null; runs: [string, string[]][] }[];
    record: Record<string, string>;
  };
  canonical: string;
  fingerprint: string;
}

const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/canonical.json", import.meta.url), "utf8")) as Vector[];

describe("canonical text [K]", () => {
  it.each(vectors)("$name: the same bytes and fingerprint as the server's", async ({ document, canonical, fingerprint: expected }) => {
    const paragraphs = document.paragraphs.map(({ runs, ...rest }) => ({ ...rest, runs: runs.map(([text, marks]) => ({ text, marks })) }));
    const text = canonicalText(paragraphs, new Map(Object.entries(document.record)));
    expect(text).toBe(canonical);
    expect(await fingerprint(text)).toBe(expected);
  });
});
