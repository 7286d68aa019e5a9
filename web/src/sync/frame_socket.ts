/** What a connection needs of a socket. A `WebSocket` is one; so is what stands in for it where WebSockets are blocked. */

/** A listener that may also be one for a fuller event, as a `WebSocket`'s are. */
type Heard<Event> = { heard(event: Event): void }["heard"] | null;

export interface FrameSocket {
  binaryType: string;
  readonly readyState: number;
  /** Set where the frames do not travel over a WebSocket. */
  readonly overHttp?: boolean;
  onopen: Heard<unknown>;
  onmessage: Heard<{ readonly data: unknown }>;
  onclose: Heard<{ readonly code: number }>;
  onerror: Heard<unknown>;
  send(frame: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 3;
/** The code of a socket that is gone without a word. */
export const CUT = 1006;
