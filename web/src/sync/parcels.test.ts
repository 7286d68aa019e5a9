import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GOODBYE, packed, unpacked } from "./parcels";
import { ProtocolError } from "./protocol";

interface Vector {
  name: string;
  first: number;
  frames: string[];
  closing: { closed: number } | null;
  hex: string;
}
const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/parcels.json", import.meta.url), "utf8")) as {
  parcels: Vector[];
  none: { name: string; hex: string }[];
};
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");

describe("parcels", () => {
  it.each(vectors.parcels)("$name: as the server packs and reads it [W12]", ({ first, frames, closing, hex: body }) => {
    const parcel = unpacked(bytes(body));
    expect(parcel.first).toBe(first);
    expect(parcel.frames.map(hex)).toEqual(frames);
    expect(parcel.closed).toBe(closing?.closed ?? null);
    if (!closing) expect(hex(packed(first, frames.map(bytes)))).toBe(body);
  });

  it("a goodbye is the parcel of no frames from number 0 [W12]", () => {
    expect(GOODBYE).toEqual(packed(0, []));
  });

  it.each(vectors.none)("$name: is none [W12]", ({ hex: body }) => {
    expect(() => unpacked(bytes(body))).toThrow(ProtocolError);
  });
});
