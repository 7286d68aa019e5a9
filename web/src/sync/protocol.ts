/**
 * Frames: bytes to messages and back (crdt/SPEC.md W). Twin of `crdt/protocol.py`; both read `tests/vectors/frames.json`.
 *
 * Decoding throws nothing but `ProtocolError`; no count or length is believed before it is checked against the bytes left.
 */

export const SCHEMA = 1;

export type Scope = "opinion" | "workspace";
export const OPINION_STREAM = 0;
export const WORKSPACE_STREAM = 1;

export type ClientMessage =
  | { type: "hello"; schema: number; scope: Scope; generation: number; client: number | null; stateVector: Uint8Array; can?: readonly string[]; group?: string | undefined }
  | { type: "update"; n: number; party: string; update: Uint8Array }
  | { type: "command"; n: number; party: string; key: string; command: object }
  | { type: "presence"; paragraph: string; offset: number }
  | { type: "ping" };

export type ServerMessage =
  | { type: "welcome"; welcome: Welcome }
  | { type: "sync"; opinionSeq: number; workspaceSeq: number; update: Uint8Array }
  | { type: "update"; stream: number; seq: number; updates: readonly Uint8Array[] }
  | { type: "ack"; n: number; stream: number; seq: number }
  | { type: "refused"; n: number; code: string; message: string }
  | { type: "done"; n: number; seq: number; result: Readonly<Record<string, unknown>> }
  | { type: "room"; peers: readonly PeerPresence[] }
  | { type: "changes"; changed: readonly PeerPresence[]; gone: readonly number[] }
  | { type: "notice"; notice: Notice }
  | { type: "pong" };

/** What the server says of this connection (W2). `client` is the leased id, 0 for readers. */
export interface Welcome {
  readonly schema: number;
  readonly generation: number;
  readonly epoch: number;
  readonly client: number;
  readonly clock: number;
  readonly n: number;
  readonly scope: Scope;
  readonly party: string;
  readonly parties: readonly string[];
  readonly peer: number;
  readonly liveDrafting: boolean;
  readonly readOnly: boolean;
  readonly member: string;
  readonly name: string;
  readonly role: string;
  readonly delegation: string;
  readonly serverTime: string;
}

/** Somebody in the room. Without `paragraph` when he or she drafts in another delegation's workspace. */
export interface PeerPresence {
  readonly peer: number;
  readonly name: string;
  readonly delegation: string;
  readonly role: string;
  readonly paragraph?: string;
  readonly offset?: number;
  readonly sending?: boolean;
}

export type Notice =
  | { readonly kind: "frozen"; readonly version: number; readonly seq: number; readonly fingerprint: string; readonly label: string }
  | { readonly kind: "live_drafting" | "saving"; readonly on: boolean }
  | { readonly kind: "flush"; readonly seconds: number }
  | { readonly kind: "closed"; readonly reason: string }
  | { readonly kind: "resync" | "reload" | "draining" }
  | { readonly kind: "other"; readonly name: string };

/** Bytes that are no frame of ours. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** The bytes of a client's message. */
export function encode(message: ClientMessage): Uint8Array {
  const out = new Writer();
  switch (message.type) {
    case "hello": {
      const { schema, scope, generation, client, can, group } = message;
      out.varuint(0).varstring(compact({ schema, scope, generation, client, ...(can && { can }), ...(group && { group }) })).varbytes(message.stateVector);
      break;
    }
    case "update":
      out.varuint(1).varuint(message.n).varstring(message.party).varbytes(message.update);
      break;
    case "command":
      out.varuint(2).varuint(message.n).varstring(message.party).varstring(compact({ ...message.command, key: message.key }));
      break;
    case "presence":
      out.varuint(3).varstring(message.paragraph).varuint(message.offset);
      break;
    case "ping":
      out.varuint(4);
      break;
  }
  return out.bytes();
}

/** The message of a server's frame. Throws `ProtocolError`. */
export function decode(frame: Uint8Array): ServerMessage {
  const reader = new Reader(frame);
  const message = body(reader);
  reader.end();
  return message;
}

function body(reader: Reader): ServerMessage {
  const type = reader.varuint();
  switch (type) {
    case 0:
      return { type: "welcome", welcome: welcomeOf(reader.json()) };
    case 1:
      return { type: "sync", opinionSeq: reader.varuint(), workspaceSeq: reader.varuint(), update: reader.varbytes() };
    case 2: {
      const stream = reader.varuint();
      const seq = reader.varuint();
      const updates: Uint8Array[] = [];
      for (let left = reader.count(); left > 0; left--) updates.push(reader.varbytes());
      return { type: "update", stream, seq, updates };
    }
    case 3:
      return { type: "ack", n: reader.varuint(), stream: reader.varuint(), seq: reader.varuint() };
    case 4: {
      const n = reader.varuint();
      const value = reader.json();
      return { type: "refused", n, code: text(value, "code"), message: text(value, "message") };
    }
    case 5:
      return { type: "done", n: reader.varuint(), seq: reader.varuint(), result: reader.json() };
    case 6:
      return roomOf(reader.json());
    case 7:
      return { type: "notice", notice: noticeOf(reader.json()) };
    case 8:
      return { type: "pong" };
    default:
      throw new ProtocolError(`There is no frame of type ${type}.`);
  }
}

type Json = Readonly<Record<string, unknown>>;

function welcomeOf(value: Json): Welcome {
  return {
    schema: whole(value, "schema"),
    generation: whole(value, "generation"),
    epoch: whole(value, "epoch"),
    client: whole(value, "client"),
    clock: whole(value, "clock"),
    n: whole(value, "n"),
    scope: value["scope"] === "workspace" ? "workspace" : "opinion",
    party: text(value, "party"),
    parties: Array.isArray(value["parties"]) ? value["parties"].map(String) : [],
    peer: whole(value, "peer"),
    liveDrafting: value["live_drafting"] === true,
    readOnly: value["read_only"] === true,
    member: text(value, "member"),
    name: text(value, "name"),
    role: text(value, "role"),
    delegation: text(value, "delegation"),
    serverTime: text(value, "server_time"),
  };
}

function roomOf(value: Json): ServerMessage {
  if (Array.isArray(value["peers"])) return { type: "room", peers: peersOf(value["peers"] as Json[]) };
  const { changed, gone } = value;
  if (!Array.isArray(changed) || !Array.isArray(gone)) throw new ProtocolError("ROOM: the peers are missing.");
  return { type: "changes", changed: peersOf(changed as Json[]), gone: gone.map(Number) };
}

function peersOf(peers: readonly Json[]): PeerPresence[] {
  return peers.map((peer) => ({
    peer: whole(peer, "peer"),
    name: text(peer, "name"),
    delegation: text(peer, "delegation"),
    role: text(peer, "role"),
    ...(typeof peer["paragraph"] === "string" && { paragraph: peer["paragraph"], offset: whole(peer, "offset") }),
    ...(peer["sending"] === true && { sending: true }),
  }));
}

function noticeOf(value: Json): Notice {
  const kind = text(value, "kind");
  switch (kind) {
    case "frozen":
      return {
        kind,
        version: whole(value, "version"),
        seq: whole(value, "seq"),
        fingerprint: text(value, "fingerprint"),
        label: text(value, "label"),
      };
    case "live_drafting":
    case "saving":
      return { kind, on: value["on"] === true };
    case "flush":
      return { kind, seconds: whole(value, "seconds") };
    case "closed":
    case "phase":
      return { kind: "closed", reason: text(value, "reason") };
    case "resync":
    case "reload":
    case "draining":
      return { kind };
    default:
      return { kind: "other", name: kind };
  }
}

/** Optional fields read as empty: a newer server may say more, an older one less, than this page knows. */
function text(value: Json, name: string): string {
  const field = value[name] ?? "";
  if (typeof field !== "string") throw new ProtocolError(`The field ${name} is not a text.`);
  return field;
}

function whole(value: Json, name: string): number {
  const field = value[name] ?? 0;
  if (!Number.isSafeInteger(field) || (field as number) < 0) throw new ProtocolError(`The field ${name} is not a whole number.`);
  return field as number;
}

/** JSON without blanks, keys in order: the form of all JSON on the wire. */
export function compact(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Writes lib0 values into bytes, one after the other. */
export class Writer {
  private readonly parts: number[] = [];

  varuint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.parts.push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.parts.push(rest);
    return this;
  }

  varbytes(bytes: Uint8Array): this {
    this.varuint(bytes.length);
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }

  varstring(value: string): this {
    return this.varbytes(utf8.encode(value));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

/** Reads lib0 values from bytes, one after the other. Throws `ProtocolError`. */
export class Reader {
  private at = 0;
  private readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  varuint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.data[this.at++];
      if (byte === undefined) throw new ProtocolError("The frame ends inside a number.");
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError("A number in the frame is too large.");
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** How many byte strings follow; each takes at least one byte. */
  count(): number {
    const count = this.varuint();
    if (count > this.data.length - this.at) throw new ProtocolError("The frame counts more parts than it holds.");
    return count;
  }

  varbytes(): Uint8Array {
    const length = this.varuint();
    if (length > this.data.length - this.at) throw new ProtocolError("The frame ends inside a byte string.");
    this.at += length;
    return this.data.slice(this.at - length, this.at);
  }

  json(): Json {
    let value: unknown;
    try {
      value = JSON.parse(strict.decode(this.varbytes()));
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      throw new ProtocolError("The frame's JSON cannot be read.");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ProtocolError("The frame's JSON must be an object.");
    }
    return value as Json;
  }

  get atEnd(): boolean {
    return this.at === this.data.length;
  }

  end(): void {
    if (!this.atEnd) throw new ProtocolError("The frame has bytes left over.");
  }
}

/** The bytes of a server's message. Here for tests and for a second server, as the Python twin has the client's half. */
export function encodeServer(type: number, ...fields: readonly (number | string | Uint8Array)[]): Uint8Array {
  const out = new Writer().varuint(type);
  for (const field of fields) {
    if (typeof field === "number") out.varuint(field);
    else if (typeof field === "string") out.varstring(field);
    else out.varbytes(field);
  }
  return out.bytes();
}

/** The message of a client's frame; see `encodeServer`. Throws `ProtocolError`. */
export function decodeClient(frame: Uint8Array): ClientMessage {
  const reader = new Reader(frame);
  const message = clientBody(reader);
  reader.end();
  return message;
}

function clientBody(reader: Reader): ClientMessage {
  const type = reader.varuint();
  switch (type) {
    case 0: {
      const value = reader.json();
      const client = value["client"] === null ? null : whole(value, "client");
      const scope = value["scope"] === "workspace" ? "workspace" : "opinion";
      const stateVector = reader.varbytes();
      const group = value["group"] === undefined ? undefined : String(value["group"]);
      return { type: "hello", schema: whole(value, "schema"), scope, generation: whole(value, "generation"), client, stateVector, group };
    }
    case 1:
      return { type: "update", n: reader.varuint(), party: strict.decode(reader.varbytes()), update: reader.varbytes() };
    case 2: {
      const n = reader.varuint();
      const party = strict.decode(reader.varbytes());
      const { key, ...command } = reader.json();
      return { type: "command", n, party, key: String(key), command };
    }
    case 3:
      return { type: "presence", paragraph: strict.decode(reader.varbytes()), offset: reader.varuint() };
    case 4:
      return { type: "ping" };
    default:
      throw new ProtocolError(`There is no frame of type ${type}.`);
  }
}
