/** When the connection takes a line for dead, and how soon it is back: on a line that is slow, dead, asleep, or under another clock. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, type Surroundings } from "./connection";
import { encodeServer } from "./protocol";

const HOUR = 3_600_000;
const PONG = encodeServer(8);

/** A line to a server that greets nobody by itself: `seconds` each way, or nothing comes through at all. */
class Line {
  seconds = 0;
  dead = false;
  /** What the wall clock is off by. */
  clock = 0;
  /** Whether words wait. */
  waiting = false;
  opened = 0;
  sockets: FakeSocket[] = [];
  hope = (): void => {};
  readonly connection: Connection;

  constructor() {
    const around: Surroundings = {
      openSocket: () => new FakeSocket(this) as unknown as WebSocket,
      now: () => Date.now() + this.clock,
      after: (milliseconds, act) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
      random: () => 1,
      onHope: (act) => {
        this.hope = act;
        return () => {};
      },
    };
    this.connection = new Connection("ws://room", around, {
      opened: () => {
        this.opened += 1;
        this.connection.welcomed(false);
      },
      received: () => {},
      changed: () => {},
      waiting: () => this.waiting,
    });
  }

  /** Something on its way; it is lost when the line dies before it arrives. */
  carry(act: () => void): void {
    setTimeout(() => this.dead || act(), this.seconds * 1_000);
  }

  get live(): boolean {
    return this.connection.status.state === "live";
  }
}

class FakeSocket {
  readyState = 0;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly line: Line;

  constructor(line: Line) {
    this.line = line;
    line.sockets.push(this);
    line.carry(() =>
      line.carry(() => {
        if (this.readyState !== 0) return;
        this.readyState = 1;
        this.onopen?.();
      }),
    );
  }

  send(): void {
    this.line.carry(() => this.line.carry(() => this.readyState === 1 && this.onmessage?.({ data: PONG.slice().buffer })));
  }

  close(): void {
    this.readyState = 3;
  }
}

const seconds = (count: number): void => void vi.advanceTimersByTime(count * 1_000);

describe("connection", () => {
  let line: Line;

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 21, 9) });
    line = new Line();
    line.connection.start();
    seconds(0.1);
    expect(line.live).toBe(true);
  });

  afterEach(() => {
    line.connection.stop();
    vi.useRealTimers();
  });

  it("a quiet line that answers is left alone", () => {
    seconds(600);
    line.waiting = true;
    seconds(600);
    expect([line.live, line.opened]).toEqual([true, 1]);
  });

  it("while words wait a dead line is found out, and another is there, within 10 s", () => {
    line.waiting = true;
    line.dead = true;
    seconds(1);
    for (const socket of line.sockets) socket.readyState = 3;
    line.dead = false;
    seconds(9);
    expect([line.live, line.opened]).toEqual([true, 2]);
  });

  it("without words a dead line is found out within 40 s", () => {
    line.dead = true;
    seconds(40);
    expect(line.live).toBe(false);
  });

  it.each([0.5, 7, 33, 61, 66, 71, 300, 3_600, 3_607])("after %d s without a line it is back within 10 s while words wait", (gap) => {
    line.waiting = true;
    line.dead = true;
    seconds(gap);
    for (const socket of line.sockets) socket.readyState = 3;
    line.dead = false;
    seconds(10);
    expect(line.live).toBe(true);
  });

  it("answers that take 10 s are waited for, and not taken for a dead line", () => {
    line.waiting = true;
    line.seconds = 5;
    // Quick when it was connected: given up once, then the handshake has told how slow it is.
    seconds(60);
    const opened = line.opened;
    expect(opened).toBeLessThanOrEqual(2);
    seconds(600);
    expect([line.live, line.opened]).toEqual([true, opened]);
  });

  it("others are tried beside an attempt that hangs, only while words wait", () => {
    line.connection.restart();
    line.dead = true;
    seconds(10);
    expect(line.sockets).toHaveLength(2);
    line.waiting = true;
    seconds(2);
    expect(line.sockets.length).toBeGreaterThan(2);
    line.dead = false;
    seconds(6);
    expect([line.live, line.opened]).toEqual([true, 2]);
    expect(line.sockets.filter(({ readyState }) => readyState < 2)).toHaveLength(1);
  });

  it.each([false, true])("after an hour of sleep the page is connected 10 s after somebody looks at it (words wait: %s)", (waiting) => {
    line.waiting = waiting;
    // Asleep, timers stand still and the socket dies without a word.
    for (const socket of line.sockets) socket.readyState = 3;
    line.clock += HOUR;
    line.hope();
    seconds(waiting ? 10 : 25);
    expect([line.live, line.opened]).toEqual([true, 2]);
  });

  it.each([48, -48])("a clock that is set by %d hours costs at most one reconnection, and a dead line is still found out", (hours) => {
    line.waiting = true;
    line.clock += hours * HOUR;
    seconds(30);
    expect(line.live).toBe(true);
    expect(line.opened).toBeLessThanOrEqual(2);
    const { opened } = line;
    line.dead = true;
    seconds(1);
    for (const socket of line.sockets) socket.readyState = 3;
    line.dead = false;
    seconds(10);
    expect([line.live, line.opened]).toEqual([true, opened + 1]);
  });
});
