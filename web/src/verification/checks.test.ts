import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canVerify, check, type Source } from "./checks";

interface Vector {
  complete: boolean;
  differs: string[];
  files: Record<string, string>;
  pins: string[];
  together: boolean;
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/verification.json", import.meta.url), "utf-8"),
) as Record<string, Vector>;

describe("[VF5] the browser says the same as both programs", () => {
  it("can check signatures", async () => {
    expect(await canVerify()).toBe(true);
  });

  for (const [name, vector] of Object.entries(vectors)) {
    it(name, async () => {
      const files = Object.entries(vector.files).map(([inner, data]): [string, Uint8Array] => [inner, Buffer.from(data, "base64")]);
      const sources: Source[] = vector.together
        ? [{ name: "mirror", files: new Map(files), together: true }]
        : files.map(([inner, data]) => ({ name: inner, files: new Map([[inner, data]]), together: false }));
      const reports = await check(sources, { pins: vector.pins, complete: vector.complete });
      const found = reports.flatMap((report) => report.findings.map((one) => one.where));
      expect([...new Set(found)].sort()).toEqual(vector.differs);
    });
  }

  it("[VF6] tells the place of a changed word", async () => {
    const data = Buffer.from(vectors["a word of a text, beside a right copy"]?.files["3.json"] ?? "", "base64");
    const reports = await check([{ name: "3", files: new Map([["3", data]]), together: false }], { pins: [], complete: false });
    expect(reports[0]?.findings[0]?.what).toContain("no Members");
  });
});
