/**
 * The socket to the room: tries, waits, tries again; says what it is doing as one value.
 *
 * Knows frames only as far as keeping alive needs; what they mean is the session's.
 */

import { OPEN, type FrameSocket } from "./frame_socket";
import { decode, encode, ProtocolError, type ClientMessage, type ServerMessage } from "./protocol";
import { browserWays } from "./ways";

export type CloseReason = "signed-out" | "not-allowed" | "reload" | "protocol" | "ended";

export type ConnectionStatus =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "read-only" }
  /** An update was refused; the text is being fetched anew. */
  | { readonly state: "refused"; readonly code: string; readonly message: string }
  /** Tries again by itself at `retryAt` (milliseconds since the epoch). */
  | { readonly state: "offline"; readonly retryAt: number }
  /** Nothing more comes by itself. */
  | { readonly state: "closed"; readonly reason: CloseReason };

/** What of the browser a connection needs; tests and tools bring their own. */
export interface Surroundings {
  openSocket(url: string): FrameSocket;
  now(): number;
  /** Calls back after so many milliseconds; the function returned calls it off. */
  after(milliseconds: number, act: () => void): () => void;
  /** 0 <= number < 1. */
  random(): number;
  /** Calls back when a new attempt may succeed at once (network back, page in front). */
  onHope(act: () => void): () => void;
}

/** A quiet line is asked whether it is alive after so long; sooner while words wait for their acknowledgement. */
const QUIET_MS = 15_000;
const QUIET_WAITING_MS = 2_000;
/** Asked and without an answer for so long it is dead, whatever the socket says; on slow lines later than on quick ones. */
const ANSWER_MS = 20_000;
const ANSWER_WAITING_MS = 5_000;
const TICK_MS = 1_000;
/** An attempt to connect is given up after so long. While words wait, others are begun beside it meanwhile; the first counts. */
const CONNECT_MS = 15_000;
const BESIDE_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_WAIT_WAITING_MS = 8_000;
const LIVED_MS = 10_000;
/** A text that cannot be read even after so many attempts will not get better by itself. */
const MOST_PROTOCOL_ERRORS = 3;

export interface ConnectionEvents {
  /** The socket is open: say HELLO. */
  opened(): void;
  received(message: ServerMessage): void;
  changed(status: ConnectionStatus): void;
  /** Whether words typed here wait for their acknowledgement. */
  waiting(): boolean;
}

export class Connection {
  status: ConnectionStatus = { state: "connecting" };
  private socket: FrameSocket | null = null;
  private attempts = 0;
  private protocolErrors = 0;
  private heardAt = 0;
  private askedAt: number | null = null;
  /** How long the last handshake took: what this line needs for an answer. */
  private handshake = 0;
  private liveAt: number | null = null;
  private stopped = true;
  private cancelRetry: () => void = () => {};
  private cancelTick: () => void = () => {};
  private readonly attempted = new Set<FrameSocket>();
  private forgetHope: () => void = () => {};
  private readonly url: string;
  private readonly around: Surroundings;
  private readonly events: ConnectionEvents;

  constructor(url: string, around: Surroundings, events: ConnectionEvents) {
    this.url = url;
    this.around = around;
    this.events = events;
  }

  start(): void {
    this.stopped = false;
    this.forgetHope = this.around.onHope(() => this.hope());
    this.open();
  }

  stop(reason: CloseReason = "ended"): void {
    if (this.stopped) return;
    this.stopped = true;
    this.forgetHope();
    this.cancelRetry();
    this.drop();
    this.become({ state: "closed", reason });
  }

  /** Whether frames travel over HTTP, for WebSockets do not get through. */
  get overHttp(): boolean {
    return this.socket?.overHttp ?? false;
  }

  /** Tries at once when waiting; does nothing otherwise. */
  retryNow(): void {
    if (this.stopped || this.status.state !== "offline") return;
    this.cancelRetry();
    this.open();
  }

  /** Sends, when there is a socket to send on. */
  send(message: ClientMessage): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(encode(message) as Uint8Array<ArrayBuffer>);
    return true;
  }

  /** The session has its text. */
  welcomed(readOnly: boolean): void {
    this.liveAt ??= this.around.now();
    this.protocolErrors = 0;
    this.become({ state: readOnly ? "read-only" : "live" });
  }

  refused(code: string, message: string): void {
    this.become({ state: "refused", code, message });
  }

  /** Gives a connection up that is dead, and makes a new one; what it took to find out is waited for no more. */
  restart(spent = 0): void {
    this.drop();
    this.wait(0, spent);
  }

  /** The network is back, or somebody looks at the page: tries at once, or asks a line that may have died in its sleep. */
  private hope(): void {
    this.retryNow();
    if (this.socket && this.askedAt === null && this.quiet > QUIET_WAITING_MS) this.ask();
  }

  private open(): void {
    this.become({ state: "connecting" });
    this.attempts += 1;
    this.liveAt = null;
    const begun = this.around.now();
    this.attempt();
    const tick = () => {
      const taken = this.around.now() - begun;
      if (taken < 0 || taken >= CONNECT_MS) return this.restart(CONNECT_MS);
      if (this.events.waiting() && taken >= BESIDE_MS * this.attempted.size) this.attempt();
      this.cancelTick = this.around.after(TICK_MS, tick);
    };
    this.cancelTick = this.around.after(TICK_MS, tick);
  }

  private attempt(): void {
    const begun = this.around.now();
    const socket = this.around.openSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.attempted.add(socket);
    socket.onopen = () => {
      this.attempted.delete(socket);
      this.giveUpAttempts();
      this.socket = socket;
      this.cancelTick();
      this.askedAt = null;
      this.heardAt = this.around.now();
      this.handshake = Math.abs(this.heardAt - begun);
      this.keepAlive();
      this.events.opened();
    };
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => {
      // Of several attempts the last one to fail says how it ended.
      const others = this.attempted.delete(socket) && this.attempted.size > 0;
      if (others) return;
      this.drop();
      this.closed(code);
    };
  }

  private receive(data: unknown): void {
    this.heardAt = this.around.now();
    this.askedAt = null;
    if (!(data instanceof ArrayBuffer)) return this.garbled();
    let message: ServerMessage;
    try {
      message = decode(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.garbled();
    }
    if (message.type !== "pong") this.events.received(message);
  }

  private garbled(): void {
    this.drop();
    this.closed(CODES.protocol);
  }

  /** Close codes of crdt/SPEC.md W11. */
  private closed(code: number): void {
    switch (code) {
      case CODES.signedOut:
        return this.stop("signed-out");
      case CODES.notAllowed:
        return this.stop("not-allowed");
      case CODES.reload:
        return this.stop("reload");
      case CODES.protocol:
        this.protocolErrors += 1;
        return this.protocolErrors >= MOST_PROTOCOL_ERRORS ? this.stop("protocol") : this.wait();
      case CODES.tooMany:
        return this.wait(LONGEST_WAIT_MS);
      default:
        return this.wait();
    }
  }

  private wait(least = 0, spent = 0): void {
    if (this.stopped) return;
    // A server that greets and goes at once is not back yet: only time spent live begins a new count.
    if (this.liveAt !== null && this.around.now() - this.liveAt > LIVED_MS) this.attempts = 1;
    const longest = this.events.waiting() ? LONGEST_WAIT_WAITING_MS : LONGEST_WAIT_MS;
    const wished = Math.min(FIRST_WAIT_MS * 2 ** (this.attempts - 1), longest) - spent;
    const milliseconds = Math.max(wished, FIRST_WAIT_MS, least);
    // Half of it by chance: after a restart of the server not everybody comes back in the same moment.
    const delay = milliseconds / 2 + (milliseconds / 2) * this.around.random();
    this.become({ state: "offline", retryAt: this.around.now() + delay });
    this.cancelRetry = this.around.after(delay, () => this.open());
  }

  /** Since the last frame. A clock that was set back in between counts as quiet, too. */
  private get quiet(): number {
    return Math.abs(this.around.now() - this.heardAt);
  }

  private ask(): void {
    this.askedAt = this.around.now();
    this.send({ type: "ping" });
  }

  private keepAlive(): void {
    this.cancelTick = this.around.after(TICK_MS, () => {
      const waiting = this.events.waiting();
      const patience = waiting ? Math.min(Math.max(ANSWER_WAITING_MS, 3 * this.handshake), ANSWER_MS) : ANSWER_MS;
      if (this.askedAt !== null && Math.abs(this.around.now() - this.askedAt) > patience) return this.restart();
      if (this.askedAt === null && this.quiet > (waiting ? QUIET_WAITING_MS : QUIET_MS)) this.ask();
      this.keepAlive();
    });
  }

  private drop(): void {
    this.cancelTick();
    this.cancelRetry();
    this.giveUpAttempts();
    const { socket } = this;
    this.socket = null;
    if (socket) this.giveUp(socket);
  }

  private giveUpAttempts(): void {
    for (const attempt of this.attempted) this.giveUp(attempt);
    this.attempted.clear();
  }

  private giveUp(socket: FrameSocket): void {
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  private become(status: ConnectionStatus): void {
    this.status = status;
    this.events.changed(status);
  }
}

const CODES = { protocol: 4400, signedOut: 4401, notAllowed: 4403, reload: 4409, tooMany: 4429 };

/** The browser itself. */
export function browserSurroundings(): Surroundings {
  const ways = browserWays();
  return {
    openSocket: (url) => ways.open(url),
    now: () => Date.now(),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    onHope: (act) => {
      const shown = () => document.visibilityState === "visible" && act();
      window.addEventListener("online", act);
      window.addEventListener("focus", act);
      document.addEventListener("visibilitychange", shown);
      return () => {
        window.removeEventListener("online", act);
        window.removeEventListener("focus", act);
        document.removeEventListener("visibilitychange", shown);
      };
    },
  };
}
