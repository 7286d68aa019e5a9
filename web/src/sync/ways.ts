/**
 * By which way frames travel: a WebSocket, or plain HTTP where something on the network blocks WebSockets.
 *
 * The WebSocket comes first. When it fails, or has brought nothing for 2.5 s, HTTP is tried beside it, and whichever brings the first
 * frame is kept. Where WebSockets have worked before, it takes three failures in a row: then it is more likely the server that is away.
 * What was found out is remembered for the tab for ten minutes; the first connection after that tries the WebSocket again.
 */

import { CLOSED, CONNECTING, CUT, OPEN, type FrameSocket } from "./frame_socket";

/** What of the browser it needs; tests bring their own. */
export interface Roads {
  webSocket(url: string): FrameSocket;
  /** Loads what it takes, too. */
  overHttp(url: string): Promise<FrameSocket>;
  now(): number;
  after(milliseconds: number, act: () => void): () => void;
  /** Until when (milliseconds since the epoch) WebSockets are not tried in this tab. */
  blockedUntil: number;
}

export const SILENT_MS = 2_500;
export const REMEMBERED_MS = 600_000;
/** A WebSocket that is cut within so long was of no use. */
const SHORT_MS = 10_000;
const FAILURES = 3;
const RESTART = 1012;
const TRY_LATER = 1013;

export class Ways {
  readonly roads: Roads;
  /** Whether a WebSocket has brought anything to this page. */
  private proven = false;
  private failures = 0;

  constructor(roads: Roads) {
    this.roads = roads;
  }

  open(url: string): FrameSocket {
    return new EitherSocket(url, this);
  }

  get blocked(): boolean {
    return this.roads.now() < this.roads.blockedUntil;
  }

  /** Whether HTTP is tried beside a WebSocket that fails. */
  get doubtful(): boolean {
    return !this.proven || this.failures >= FAILURES;
  }

  /** A WebSocket has brought something, be it late. */
  worked(late: boolean): void {
    this.proven = true;
    if (late) this.failures -= 1;
  }

  /** A WebSocket ended without a word of the server, after it brought frames for so long. */
  cut(lived: number): void {
    this.failures = lived < SHORT_MS ? this.failures + 1 : 0;
    if (lived > 0 && this.failures >= FAILURES) this.block();
  }

  block(): void {
    this.roads.blockedUntil = this.roads.now() + REMEMBERED_MS;
  }

  /** HTTP does not get through either. */
  forget(): void {
    this.roads.blockedUntil = 0;
    this.failures = 0;
  }
}

class EitherSocket implements FrameSocket {
  binaryType = "arraybuffer";
  readyState = CONNECTING;
  onopen: FrameSocket["onopen"] = null;
  onmessage: FrameSocket["onmessage"] = null;
  onclose: FrameSocket["onclose"] = null;
  onerror: FrameSocket["onerror"] = null;
  private readonly url: string;
  private readonly ways: Ways;
  private readonly candidates = new Set<FrameSocket>();
  private readonly said: Uint8Array<ArrayBuffer>[] = [];
  private chosen: FrameSocket | null = null;
  private chosenAt = 0;
  private besides = false;
  private loading = false;
  /** The WebSocket has been waited for in vain, and that is counted. */
  private silent = false;
  private cancelSilence: () => void = () => {};

  constructor(url: string, ways: Ways) {
    this.url = url;
    this.ways = ways;
    if (ways.blocked) void this.tryHttp();
    else this.tryWebSocket();
  }

  get overHttp(): boolean {
    return this.chosen?.overHttp ?? false;
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.chosen) return this.chosen.send(frame);
    this.said.push(frame);
    for (const one of this.candidates) if (one.readyState === OPEN) one.send(frame);
  }

  close(): void {
    this.readyState = CLOSED;
    this.cancelSilence();
    for (const one of this.candidates) drop(one);
    this.candidates.clear();
  }

  private tryWebSocket(): void {
    const { roads } = this.ways;
    this.take(roads.webSocket(this.url));
    this.cancelSilence = roads.after(SILENT_MS, () => {
      this.silent = true;
      this.ways.cut(0);
      if (this.ways.doubtful) void this.tryHttp();
    });
  }

  private async tryHttp(): Promise<void> {
    if (this.besides) return;
    this.besides = this.loading = true;
    const socket = await this.ways.roads.overHttp(this.url).catch(() => null);
    this.loading = false;
    if (this.chosen || this.readyState === CLOSED) socket?.close();
    else if (socket) this.take(socket);
    else this.failed(CUT);
  }

  private take(socket: FrameSocket): void {
    this.candidates.add(socket);
    socket.binaryType = this.binaryType;
    socket.onopen = () => {
      for (const frame of this.said) socket.send(frame);
      if (this.readyState !== CONNECTING) return;
      this.readyState = OPEN;
      this.onopen?.(null);
    };
    socket.onmessage = (event) => {
      if (this.chosen === null) this.choose(socket);
      this.onmessage?.(event);
    };
    socket.onclose = ({ code }) => this.gone(socket, code);
  }

  private choose(socket: FrameSocket): void {
    this.chosen = socket;
    this.chosenAt = this.ways.roads.now();
    this.cancelSilence();
    for (const one of this.candidates) if (one !== socket) drop(one);
    this.candidates.clear();
    this.candidates.add(socket);
    if (!socket.overHttp) this.ways.worked(this.silent);
    else if (!this.ways.blocked) this.ways.block();
  }

  private gone(socket: FrameSocket, code: number): void {
    this.candidates.delete(socket);
    // A code of the server's own says why: then nothing stands in the way.
    if (code >= 4000 || code === RESTART || code === TRY_LATER) return this.ended(code);
    if (socket.overHttp) {
      if (!this.chosen) this.ways.forget();
      return this.failed(code);
    }
    if (this.chosen) this.ways.cut(Math.max(1, this.ways.roads.now() - this.chosenAt));
    else if (!this.silent) this.ways.cut(0);
    this.cancelSilence();
    if (!this.chosen && this.ways.doubtful) void this.tryHttp();
    this.failed(code);
  }

  /** One way has failed; that is the end when no other is left. */
  private failed(code: number): void {
    if (this.candidates.size === 0 && !this.loading) this.ended(code);
  }

  private ended(code: number): void {
    if (this.readyState === CLOSED) return;
    this.close();
    this.onclose?.({ code });
  }
}

function drop(socket: FrameSocket): void {
  socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
  socket.close();
}

const KEPT = "unbracket.blocked";

/** The ways of the browser itself. */
export function browserWays(): Ways {
  return new Ways({
    webSocket: (url) => new WebSocket(url),
    overHttp: async (url) => (await import("./http_socket")).httpSocket(url),
    now: () => Date.now(),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    get blockedUntil() {
      return Number(sessionStorage.getItem(KEPT) ?? 0);
    },
    set blockedUntil(until) {
      sessionStorage.setItem(KEPT, String(until));
    },
  });
}
