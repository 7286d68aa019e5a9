/**
 * The socket to the room: tries, waits, tries again; says what it is doing as one value.
 *
 * Knows frames only as far as keeping alive needs; what they mean is the session's.
 */

import { decode, encode, ProtocolError, type ClientMessage, type ServerMessage } from "./protocol";

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
  openSocket(url: string): WebSocket;
  now(): number;
  /** Calls back after so many milliseconds; the function returned calls it off. */
  after(milliseconds: number, act: () => void): () => void;
  /** 0 <= number < 1. */
  random(): number;
  /** Calls back when a new attempt may succeed at once (network back, page in front). */
  onHope(act: () => void): () => void;
}

export const PING_MS = 15_000;
/** Without any frame for so long the connection is dead, whatever the socket says. */
export const SILENCE_MS = 35_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const LIVED_MS = 10_000;
/** A text that cannot be read even after so many attempts will not get better by itself. */
const MOST_PROTOCOL_ERRORS = 3;

export interface ConnectionEvents {
  /** The socket is open: say HELLO. */
  opened(): void;
  received(message: ServerMessage): void;
  changed(status: ConnectionStatus): void;
}

export class Connection {
  status: ConnectionStatus = { state: "connecting" };
  private socket: WebSocket | null = null;
  private attempts = 0;
  private protocolErrors = 0;
  private heardAt = 0;
  private liveAt: number | null = null;
  private stopped = true;
  private cancelRetry: () => void = () => {};
  private cancelPing: () => void = () => {};
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
    this.forgetHope = this.around.onHope(() => this.retryNow());
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

  /** Gives a connection up that is dead, and makes a new one. */
  restart(): void {
    this.drop();
    this.wait();
  }

  private open(): void {
    this.become({ state: "connecting" });
    this.attempts += 1;
    this.liveAt = null;
    const socket = this.around.openSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.cancelPing = this.around.after(PING_MS, () => this.restart());
    socket.onopen = () => {
      this.cancelPing();
      this.heardAt = this.around.now();
      this.keepAlive();
      this.events.opened();
    };
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.drop();
      this.closed(code);
    };
  }

  private receive(data: unknown): void {
    this.heardAt = this.around.now();
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

  private wait(least = 0): void {
    if (this.stopped) return;
    // A server that greets and goes at once is not back yet: only time spent live begins a new count.
    if (this.liveAt !== null && this.around.now() - this.liveAt > LIVED_MS) this.attempts = 1;
    const milliseconds = Math.max(Math.min(FIRST_WAIT_MS * 2 ** (this.attempts - 1), LONGEST_WAIT_MS), least);
    // Half of it by chance: after a restart of the server not everybody comes back in the same moment.
    const delay = milliseconds / 2 + (milliseconds / 2) * this.around.random();
    this.become({ state: "offline", retryAt: this.around.now() + delay });
    this.cancelRetry = this.around.after(delay, () => this.open());
  }

  private keepAlive(): void {
    this.cancelPing = this.around.after(PING_MS, () => {
      if (this.around.now() - this.heardAt > SILENCE_MS - PING_MS) return this.restart();
      this.send({ type: "ping" });
      this.keepAlive();
    });
  }

  private drop(): void {
    this.cancelPing();
    this.cancelRetry();
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  private become(status: ConnectionStatus): void {
    this.status = status;
    this.events.changed(status);
  }
}

const OPEN = 1;
const CODES = { protocol: 4400, signedOut: 4401, notAllowed: 4403, reload: 4409, tooMany: 4429 };

/** The browser itself. */
export function browserSurroundings(): Surroundings {
  return {
    openSocket: (url) => new WebSocket(url),
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
