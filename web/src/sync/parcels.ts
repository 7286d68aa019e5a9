/** Several frames in one body, for the way over HTTP (crdt/SPEC.md W12). Twin of `crdt/parcels.py`; both read `tests/vectors/parcels.json`. */

import { ProtocolError, Reader, Writer } from "./protocol";

export interface Parcel {
  /** The number of the first frame. */
  readonly first: number;
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** A close code of W11, when no frame follows these. */
  readonly closed: number | null;
}

/** The body with which a client leaves: frames are counted from 1, so nothing begins with 0. */
export const GOODBYE = Uint8Array.of(0);

export function packed(first: number, frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Writer().varuint(first);
  for (const frame of frames) out.varbytes(frame);
  return out.bytes() as Uint8Array<ArrayBuffer>;
}

/** What a body holds. Throws `ProtocolError` when it is none. */
export function unpacked(body: Uint8Array): Parcel {
  const reader = new Reader(body);
  const first = reader.varuint();
  const frames: Uint8Array<ArrayBuffer>[] = [];
  let closed: number | null = null;
  while (!reader.atEnd) {
    if (closed !== null) throw new ProtocolError("Something follows the end of a channel.");
    const frame = reader.varbytes();
    if (frame.length > 0) frames.push(frame as Uint8Array<ArrayBuffer>);
    else if ((closed = closedBy(reader.json())) === null) throw new ProtocolError("The end of a channel has a code.");
  }
  if (first === 0 && frames.length > 0) throw new ProtocolError("Frames are counted from 1.");
  return { first, frames, closed };
}

/** The close code that an answer tells, as JSON; null when it tells none. */
export function closedBy(told: Readonly<Record<string, unknown>> | null): number | null {
  const code = told?.["closed"];
  return typeof code === "number" ? code : null;
}
