/**
 * What stands in for a WebSocket where none gets through: frames in requests and their answers (crdt/SPEC.md W12).
 *
 * H1 A frame leaves the queue when the server has said that it took it; until then the same body is sent again.
 * H2 Frames are handed on in the order of their numbers, each once.
 * H3 A failing network is borne for some seconds on the same channel; then the socket closes as a cut one does.
 */

import { CLOSED, CONNECTING, CUT, OPEN, type FrameSocket } from "./frame_socket";
import { closedBy, GOODBYE, packed, unpacked, type Parcel } from "./parcels";
import { ProtocolError } from "./protocol";

/** What of the browser it needs; tests bring their own. */
export interface Requests {
  fetch(path: string, request: RequestInit): Promise<Response>;
  after(milliseconds: number, act: () => void): () => void;
  /** Calls back when the page goes away; the function returned calls it off. */
  onLeave(act: () => void): () => void;
}

/** Longer than a poll is held (20 s). */
const PATIENCE_MS = 30_000;
/** Tries at once and after 250, 500 and 1,000 ms more: what fails for longer is cut. */
const TRIES = 4;
const FIRST_PAUSE_MS = 250;
const MOST_FRAMES = 500;
const MOST_BYTES = 256 * 1024;
const PROTOCOL = 4400;
const REFUSED: Readonly<Record<string, number>> = { "signed-out": 4401, "not-allowed": 4403, "not-found": 4403 };

interface Answer {
  readonly body: Uint8Array;
  /** The body of an answer in JSON. */
  readonly told: Readonly<Record<string, unknown>> | null;
  /** The close code, when the channel is over. */
  readonly closed: number | null;
}

/** The channel this page gave up last: the server ends it when the next one is opened, so that its lease is free. */
let former = "";

export class HttpSocket implements FrameSocket {
  readonly overHttp = true;
  binaryType = "arraybuffer";
  readyState = CONNECTING;
  onopen: FrameSocket["onopen"] = null;
  onmessage: FrameSocket["onmessage"] = null;
  onclose: FrameSocket["onclose"] = null;
  onerror: FrameSocket["onerror"] = null;
  private readonly opening: string;
  private readonly around: Requests;
  private readonly underWay = new Set<() => void>();
  private readonly stay: () => void;
  private channel = "";
  private waiting: Uint8Array[] = [];
  private posting = false;
  private taken = 0;
  private received = 0;

  /** `url` is the WebSocket's; the channel is opened on the same host. */
  constructor(url: string, around: Requests) {
    this.opening = new URL(url).pathname.replace("/ws/", "/frames/");
    this.around = around;
    this.stay = around.onLeave(() => this.goodbye());
    void this.open();
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== OPEN) return;
    this.waiting.push(frame);
    if (!this.posting) void this.post();
  }

  close(): void {
    if (this.readyState === OPEN) this.goodbye();
    this.end();
  }

  private async open(): Promise<void> {
    const instead = former === "" ? "" : `?instead=${former}`;
    const answer = await this.ask(this.opening + instead, { method: "POST" }, 1);
    if (!answer) return;
    const channel = answer.told?.["channel"];
    if (typeof channel !== "string") return this.closed(CUT);
    former = channel;
    this.channel = `${this.opening}/${channel}`;
    this.readyState = OPEN;
    this.onopen?.(null);
    void this.poll();
  }

  private async poll(): Promise<void> {
    while (this.readyState === OPEN) {
      const answer = await this.ask(`${this.channel}?after=${this.received}`, {});
      if (!answer) return;
      let parcel: Parcel;
      try {
        parcel = unpacked(answer.body);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return this.closed(PROTOCOL);
      }
      const { first, frames, closed } = parcel;
      if (frames.length > 0 && first > this.received + 1) return this.closed(PROTOCOL);
      for (const frame of frames.slice(Math.max(0, this.received + 1 - first))) {
        this.received += 1;
        this.onmessage?.({ data: frame.buffer });
      }
      if (closed !== null) return this.closed(closed);
    }
  }

  /** Sends what waits, one body after the other; what is said in one go travels together. */
  private async post(): Promise<void> {
    this.posting = true;
    await Promise.resolve();
    while (this.readyState === OPEN && this.waiting.length > 0) {
      let bytes = 0;
      const over = this.waiting.findIndex((frame, place) => (bytes += frame.length) > MOST_BYTES && place > 0);
      const batch = this.waiting.slice(0, Math.min(MOST_FRAMES, over < 0 ? Infinity : over));
      const headers = { "content-type": "application/octet-stream" };
      if (!(await this.ask(this.channel, { method: "POST", headers, body: packed(this.taken + 1, batch) }))) return;
      this.taken += batch.length;
      this.waiting = this.waiting.slice(batch.length);
    }
    this.posting = false;
  }

  /**
   * An answer of ours. Tries again through what a bad network does; null when the socket is closed meanwhile, as it is when the server
   * says so or the network stays bad.
   */
  private async ask(path: string, request: RequestInit, tries = TRIES): Promise<Answer | null> {
    for (let left = tries - 1, pause = FIRST_PAUSE_MS; ; left -= 1, pause *= 2) {
      const answer = await this.once(path, request).catch(() => null);
      if (this.readyState === CLOSED) return null;
      if (answer?.closed === null) return answer;
      if (answer || left === 0) {
        this.closed(answer?.closed ?? CUT);
        return null;
      }
      await new Promise<void>((resolve) => this.around.after(pause, resolve));
      if (this.readyState !== OPEN) return null;
    }
  }

  /** One request and its whole answer. Throws when none arrives, or one that is not from our server. */
  private async once(path: string, request: RequestInit): Promise<Answer> {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const calm = this.around.after(PATIENCE_MS, stop);
    this.underWay.add(stop);
    try {
      const answer = await this.around.fetch(path, { ...request, signal: abort.signal, cache: "no-store", redirect: "error" });
      const body = new Uint8Array(await answer.arrayBuffer());
      const type = answer.headers.get("content-type") ?? "";
      const told = type.startsWith("application/json") ? (JSON.parse(new TextDecoder().decode(body)) as Answer["told"]) : null;
      const frames = answer.status === 204 || type.startsWith("application/octet-stream");
      if (answer.ok && (frames || told)) return { body, told, closed: null };
      const closed = closedBy(told) ?? REFUSED[String(told?.["code"])];
      if (closed === undefined) throw new Error(`The answer ${answer.status} is not our server's.`);
      return { body, told, closed };
    } finally {
      calm();
      this.underWay.delete(stop);
    }
  }

  /** Tells the server, also from a page that goes away, that nobody is here any more. */
  private goodbye(): void {
    if (this.channel === "") return;
    this.around.fetch(this.channel, { method: "POST", body: GOODBYE, keepalive: true }).catch(() => {});
  }

  private closed(code: number): void {
    if (this.readyState === CLOSED) return;
    this.end();
    this.onclose?.({ code });
  }

  private end(): void {
    this.readyState = CLOSED;
    this.stay();
    for (const stop of [...this.underWay]) stop();
  }
}

/** Over the browser's own requests. */
export function httpSocket(url: string): FrameSocket {
  return new HttpSocket(url, {
    fetch: (path, request) => fetch(path, request),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    onLeave: (act) => {
      addEventListener("pagehide", act);
      return () => removeEventListener("pagehide", act);
    },
  });
}
