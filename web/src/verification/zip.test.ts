import { describe, expect, it } from "vitest";
import { unzipped } from "./zip";

/** An archive of entries that are not packed: the name in the list, the name beside the content, the size that is told. */
function archive(...entries: { listed: string; beside?: string; content: string; told?: number }[]): Uint8Array {
  const text = new TextEncoder();
  const parts: number[] = [];
  const list: number[] = [];
  const two = (value: number): number[] => [value & 255, value >> 8];
  const four = (value: number): number[] => [...two(value & 65535), ...two(value >>> 16)];
  for (const { listed, beside = listed, content, told = content.length } of entries) {
    const at = parts.length;
    const sizes = [...four(0), ...four(content.length), ...four(told)];
    parts.push(...four(0x04034b50), ...Array<number>(10).fill(0), ...sizes, ...two(beside.length), 0, 0);
    parts.push(...text.encode(beside + content));
    list.push(...four(0x02014b50), ...Array<number>(12).fill(0), ...sizes, ...two(listed.length));
    list.push(...Array<number>(12).fill(0), ...four(at), ...text.encode(listed));
  }
  const count = two(entries.length);
  const end = [...four(0x06054b50), 0, 0, 0, 0, ...count, ...count, ...four(list.length), ...four(parts.length), 0, 0];
  return Uint8Array.from([...parts, ...list, ...end]);
}

describe("[VF9] an archive says one thing, to this page and to whatever unpacks it", () => {
  it("is read", async () => {
    const files = await unzipped(archive({ listed: "a.json", content: "{}" }, { listed: "b.txt", content: "words" }));
    expect([...files].map(([name, data]) => [name, new TextDecoder().decode(data)])).toEqual([
      ["a.json", "{}"],
      ["b.txt", "words"],
    ]);
  });

  it.each([
    ["two files of one name", [{ listed: "a", content: "one" }, { listed: "a", content: "two" }]],
    ["another name beside the content", [{ listed: "a", beside: "b", content: "one" }]],
    ["more than it says", [{ listed: "a", content: "words", told: 2 }]],
    ["less than it says", [{ listed: "a", content: "words", told: 200 }]],
  ])("is refused with %s", async (_, entries) => {
    await expect(unzipped(archive(...entries))).rejects.toThrow(/^It(s| holds)/);
  });
});
