import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compact, decode, decodeClient, encode, encodeServer, ProtocolError, type ClientMessage } from "./protocol";

interface Vector {
  name: string;
  hex: string;
  fields: Record<string, never>;
}
const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/frames.json", import.meta.url), "utf8")) as {
  client: Vector[];
  server: Vector[];
};
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");

function clientMessage({ name, fields }: Vector): ClientMessage {
  const f = fields as Record<string, unknown>;
  switch (name) {
    case "hello":
      return {
        type: "hello",
        schema: f["schema"] as number,
        scope: f["scope"] as "opinion",
        generation: f["generation"] as number,
        client: f["client"] as number | null,
        stateVector: bytes(f["state_vector"] as string),
      };
    case "update":
      return { type: "update", n: f["n"] as number, party: f["party"] as string, update: bytes(f["update"] as string) };
    case "command":
      return {
        type: "command",
        n: f["n"] as number,
        party: f["party"] as string,
        key: f["key"] as string,
        command: f["command"] as object,
      };
    case "presence":
      return { type: "presence", paragraph: f["paragraph"] as string, offset: f["offset"] as number };
    default:
      return { type: "ping" };
  }
}

/** A decoded server message in the spelling of the vectors. */
function plain(frame: Uint8Array): Record<string, unknown> {
  const message = decode(frame);
  switch (message.type) {
    case "welcome": {
      const { schema, generation, epoch, client, clock, n, scope, party } = message.welcome;
      return { schema, generation, epoch, client, clock, n, scope, party };
    }
    case "sync":
      return { opinion_seq: message.opinionSeq, workspace_seq: message.workspaceSeq, update: hex(message.update) };
    case "update":
      return { stream: message.stream, seq: message.seq, updates: message.updates.map(hex) };
    case "notice":
      return { ...message.notice };
    default: {
      const { type: _, ...fields } = message;
      return fields;
    }
  }
}

describe("frames [W]", () => {
  it.each(vectors.client)("writes and reads the client's $name as the golden bytes", (vector) => {
    const message = clientMessage(vector);
    expect(hex(encode(message))).toBe(vector.hex);
    expect(decodeClient(bytes(vector.hex))).toEqual(message);
  });

  it.each(vectors.server)("reads the server's $name from the golden bytes", (vector) => {
    expect(plain(bytes(vector.hex))).toEqual(vector.fields);
  });

  it("throws only ProtocolError on cut, stretched and changed frames", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (const { hex: golden } of vectors.server) {
      for (let round = 0; round < 200; round++) {
        const data = bytes(golden).slice(0, random(golden.length / 2 + 1));
        if (data.length > 0) data[random(data.length)] = random(256);
        try {
          decode(data);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }
    }
  });

  it("refuses a count larger than the bytes left", () => {
    expect(() => decode(encodeServer(2, 0, 1, 2 ** 40))).toThrow(ProtocolError);
  });

  it("reads what is told of a phase as what is told of the text", () => {
    const message = decode(encodeServer(7, compact({ kind: "phase", reason: "Closes in 1 hour." })));
    expect(message).toEqual({ type: "notice", notice: { kind: "closed", reason: "Closes in 1 hour." } });
  });

  it("passes over notices it does not know", () => {
    const message = decode(encodeServer(7, compact({ kind: "sunrise" })));
    expect(message).toEqual({ type: "notice", notice: { kind: "other", name: "sunrise" } });
  });
});
