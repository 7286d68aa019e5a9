import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSED, CONNECTING, CUT, OPEN, type FrameSocket } from "./frame_socket";
import { REMEMBERED_MS, SILENT_MS, Ways } from "./ways";

const HELLO = Uint8Array.of(0);
const WELCOME = Uint8Array.of(0).buffer;

/** One end that tests move. */
class Line implements FrameSocket {
  binaryType = "blob";
  readyState = CONNECTING;
  onopen: FrameSocket["onopen"] = null;
  onmessage: FrameSocket["onmessage"] = null;
  onclose: FrameSocket["onclose"] = null;
  onerror: FrameSocket["onerror"] = null;
  readonly sent: Uint8Array[] = [];
  readonly overHttp: boolean;

  constructor(overHttp: boolean) {
    this.overHttp = overHttp;
  }

  opens(): void {
    this.readyState = OPEN;
    this.onopen?.(null);
  }

  brings(): void {
    this.onmessage?.({ data: WELCOME });
  }

  ends(code = CUT): void {
    this.readyState = CLOSED;
    this.onclose?.({ code });
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = CLOSED;
  }
}

let sockets: Line[];
let channels: Line[];
let kept: number;
let ways: Ways;

/** A page that opens its connection, says HELLO, and notes what becomes of it. */
function visit() {
  const socket = ways.open("ws://somewhere/ws/opinions/o-1");
  const heard = { opened: 0, frames: 0, code: 0 };
  socket.onopen = () => {
    heard.opened += 1;
    socket.send(HELLO);
  };
  socket.onmessage = () => void (heard.frames += 1);
  socket.onclose = ({ code }) => void (heard.code = code);
  return { socket, heard };
}

const latest = (lines: readonly Line[]): Line => {
  const line = lines.at(-1);
  if (!line) throw new Error("none was opened");
  return line;
};
const loaded = () => vi.advanceTimersByTimeAsync(0);

function page(): Ways {
  return new Ways({
    webSocket: () => (sockets.push(new Line(false)), latest(sockets)),
    overHttp: async () => (channels.push(new Line(true)), latest(channels)),
    now: () => Date.now(),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    get blockedUntil() {
      return kept;
    },
    set blockedUntil(until) {
      kept = until;
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, channels, kept] = [[], [], 0];
  ways = page();
});
afterEach(() => void vi.useRealTimers());

describe("ways", () => {
  it("a WebSocket that answers is kept, and HTTP is never tried", async () => {
    const { socket, heard } = visit();
    latest(sockets).opens();
    latest(sockets).brings();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
    expect(channels).toEqual([]);
    expect(socket.overHttp).toBe(false);
    expect(latest(sockets).binaryType).toBe("arraybuffer");
  });

  it("a refused upgrade leads to HTTP at once, and the page hears of no failure", async () => {
    const { socket, heard } = visit();
    latest(sockets).ends();
    await loaded();
    latest(channels).opens();
    expect(latest(channels).sent).toEqual([HELLO]);
    latest(channels).brings();
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
    expect(socket.overHttp).toBe(true);
    expect(kept).toBe(Date.now() + REMEMBERED_MS);
  });

  it("an upgrade that is swallowed is given up for HTTP after 2.5 s", async () => {
    const { heard } = visit();
    await vi.advanceTimersByTimeAsync(SILENT_MS - 1);
    expect(channels).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    latest(channels).opens();
    latest(channels).brings();
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
    expect(latest(sockets).readyState).toBe(CLOSED);
  });

  it("a WebSocket that opens and carries nothing is too; what was said is said again", async () => {
    const { heard } = visit();
    latest(sockets).opens();
    expect(latest(sockets).sent).toEqual([HELLO]);
    await vi.advanceTimersByTimeAsync(SILENT_MS);
    latest(channels).opens();
    expect(latest(channels).sent).toEqual([HELLO]);
    latest(channels).brings();
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
  });

  it("a WebSocket that closes after the handshake leads to HTTP at once", async () => {
    const { heard } = visit();
    latest(sockets).opens();
    latest(sockets).ends(1005);
    await loaded();
    latest(channels).opens();
    latest(channels).brings();
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
  });

  it("whichever answers first is kept: a slow WebSocket wins over a slower channel", async () => {
    const { socket, heard } = visit();
    await vi.advanceTimersByTimeAsync(SILENT_MS);
    latest(channels).opens();
    latest(sockets).opens();
    expect(latest(sockets).sent).toEqual([HELLO]);
    latest(sockets).brings();
    expect(latest(channels).readyState).toBe(CLOSED);
    expect(socket.overHttp).toBe(false);
    expect(heard).toEqual({ opened: 1, frames: 1, code: 0 });
    expect(kept).toBe(0);
    socket.send(HELLO);
    expect(latest(sockets).sent).toHaveLength(2);
    expect(latest(channels).sent).toHaveLength(1);
  });

  it("what was found out holds for the tab, over a reload, and the WebSocket is tried again later", async () => {
    visit();
    latest(sockets).ends();
    await loaded();
    latest(channels).brings();
    ways = page();
    visit();
    await loaded();
    expect([sockets.length, channels.length]).toEqual([1, 2]);
    latest(channels).brings();
    latest(channels).ends();
    await vi.advanceTimersByTimeAsync(REMEMBERED_MS);
    visit();
    expect([sockets.length, channels.length]).toEqual([2, 2]);
  });

  it("with no way through, the page hears that it is cut, and the WebSocket comes first again", async () => {
    kept = Date.now() + REMEMBERED_MS;
    const { heard } = visit();
    await loaded();
    latest(channels).ends();
    expect(heard.code).toBe(CUT);
    const again = visit();
    latest(sockets).ends();
    await loaded();
    latest(channels).ends();
    expect(again.heard.code).toBe(CUT);
    expect([sockets.length, channels.length, kept]).toEqual([1, 2, 0]);
  });

  it.each([4401, 4403, 4409, 1012, 1013])("the server's own word (%i) is the end and no block", async (code) => {
    const { heard } = visit();
    latest(sockets).opens();
    latest(sockets).ends(code);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard.code).toBe(code);
    expect(channels).toEqual([]);
  });

  it("where WebSockets worked, one that fails is the server's absence, and three in a row are a block", async () => {
    visit();
    latest(sockets).brings();
    await vi.advanceTimersByTimeAsync(60_000);
    latest(sockets).ends();
    for (let failures = 1; failures < 3; failures++) {
      const { heard } = visit();
      latest(sockets).ends();
      await loaded();
      expect(heard.code).toBe(CUT);
      expect(channels).toEqual([]);
    }
    visit();
    latest(sockets).ends();
    await loaded();
    expect(channels).toHaveLength(1);
  });

  it("where they worked, three that bring nothing are a block too, though the page gives each of them up itself", async () => {
    visit();
    latest(sockets).brings();
    await vi.advanceTimersByTimeAsync(60_000);
    latest(sockets).ends();
    for (let tries = 1; tries <= 3; tries++) {
      expect(channels).toEqual([]);
      const { socket } = visit();
      latest(sockets).opens();
      await vi.advanceTimersByTimeAsync(SILENT_MS);
      if (tries < 3) socket.close();
    }
    expect(channels).toHaveLength(1);
  });

  it("a WebSocket that is slow each time and works is none that fails", async () => {
    visit();
    latest(sockets).brings();
    for (let tries = 1; tries <= 5; tries++) {
      const { socket } = visit();
      await vi.advanceTimersByTimeAsync(SILENT_MS + 1_000);
      latest(sockets).brings();
      socket.close();
    }
    expect(channels).toEqual([]);
  });

  it("WebSockets that are cut again and again within seconds are given up", async () => {
    for (let cuts = 0; cuts < 3; cuts++) {
      const { heard } = visit();
      latest(sockets).opens();
      latest(sockets).brings();
      await vi.advanceTimersByTimeAsync(3_000);
      latest(sockets).ends();
      expect(heard).toEqual({ opened: 1, frames: 1, code: CUT });
    }
    visit();
    await loaded();
    expect([sockets.length, channels.length]).toEqual([3, 1]);
  });

  it("a page that is left while HTTP is on its way opens nothing", async () => {
    const { socket, heard } = visit();
    latest(sockets).ends();
    socket.close();
    await loaded();
    expect(latest(channels).readyState).toBe(CLOSED);
    expect(heard).toEqual({ opened: 0, frames: 0, code: 0 });
  });
});
