import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSED, CUT } from "./frame_socket";
import { HttpSocket } from "./http_socket";
import { GOODBYE, packed, unpacked } from "./parcels";
import { Writer } from "./protocol";

const PATH = "/frames/opinions/o-1";
const frame = (number: number) => Uint8Array.of(8, number);
const octets = (body: Uint8Array<ArrayBuffer>) => new Response(body, { headers: { "content-type": "application/octet-stream" } });
const json = (status: number, told: object) => Response.json(told, { status });
const bytes = (text: string) => new TextEncoder().encode(text);

interface Asked {
  path: string;
  method: string;
  body: Uint8Array | null;
  answer(given: Response | null): void;
}

/** The server's end: requests wait here until a test answers them, with null as the network does when it is cut. */
let asked: Asked[];
let leave: () => void;

function opened(): { socket: HttpSocket; frames: number[]; codes: number[] } {
  const socket = new HttpSocket("ws://somewhere/ws/opinions/o-1", {
    fetch: (path, { method = "GET", body, signal }) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
        asked.push({
          path,
          method,
          body: (body as Uint8Array | undefined) ?? null,
          answer: (given) => (given ? resolve(given) : reject(new Error("cut"))),
        });
      }),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    onLeave: (act) => ((leave = act), () => {}),
  });
  const frames: number[] = [];
  const codes: number[] = [];
  socket.onopen = () => socket.send(frame(0));
  socket.onmessage = ({ data }) => frames.push(new Uint8Array(data as ArrayBuffer)[1] ?? -1);
  socket.onclose = ({ code }) => codes.push(code);
  return { socket, frames, codes };
}

const moved = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

/** The request of this kind that waits; there is exactly one. */
function one(method: string, path = `${PATH}/p1-x`): Asked {
  const found = asked.filter((request) => request.method === method && request.path.split("?")[0] === path);
  if (found.length !== 1) throw new Error(`${found.length} requests ${method} ${path}`);
  asked = asked.filter((request) => request !== found[0]);
  return found[0] as Asked;
}

async function live() {
  const page = opened();
  one("POST", PATH).answer(json(201, { channel: "p1-x" }));
  await moved();
  return page;
}

const taken = (request: Asked) => unpacked(request.body ?? Uint8Array.of());

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
});
afterEach(() => void vi.useRealTimers());

describe("frames over HTTP", () => {
  it("a body whose answer is lost is sent again as it was, and what came meanwhile follows it [H1]", async () => {
    const { socket } = await live();
    const first = one("POST");
    expect(taken(first)).toMatchObject({ first: 1, frames: [frame(0)] });
    socket.send(frame(1));
    socket.send(frame(2));
    first.answer(null);
    await moved(250);
    const again = one("POST");
    expect(again.body).toEqual(first.body);
    again.answer(new Response(null, { status: 204 }));
    await moved();
    expect(taken(one("POST"))).toMatchObject({ first: 2, frames: [frame(1), frame(2)] });
  });

  it("frames are handed on once, in order; what is told again is passed over [H2]", async () => {
    const { frames } = await live();
    one("GET").answer(octets(packed(1, [frame(1), frame(2)])));
    await moved();
    const next = one("GET");
    expect(next.path).toBe(`${PATH}/p1-x?after=2`);
    next.answer(octets(packed(2, [frame(2), frame(3)])));
    await moved();
    one("GET").answer(octets(packed(4, [])));
    await moved();
    expect(one("GET").path).toBe(`${PATH}/p1-x?after=3`);
    expect(frames).toEqual([1, 2, 3]);
  });

  it("a gap is none of the protocol", async () => {
    const { codes } = await live();
    one("GET").answer(octets(packed(2, [frame(2)])));
    await moved();
    expect(codes).toEqual([4400]);
  });

  it("a network that fails for two seconds is cut, one that fails for one is not [H3]", async () => {
    const { socket, codes, frames } = await live();
    for (const pause of [250, 500]) {
      one("GET").answer(null);
      await moved(pause);
    }
    one("GET").answer(octets(packed(1, [frame(1)])));
    await moved();
    expect(frames).toEqual([1]);
    for (const pause of [250, 500, 1_000, 0]) {
      one("GET").answer(null);
      await moved(pause);
    }
    expect(codes).toEqual([CUT]);
    expect(socket.readyState).toBe(CLOSED);
    socket.send(frame(9));
  });

  it("what answers in the server's place is a failing network, not the server", async () => {
    const { codes } = await live();
    one("GET").answer(new Response("<h1>Sign in to the hotel</h1>", { headers: { "content-type": "text/html" } }));
    await moved(250);
    one("GET").answer(json(502, { error: "bad gateway" }));
    await moved(500);
    expect(codes).toEqual([]);
    expect(asked.filter(({ method }) => method === "GET")).toHaveLength(1);
  });

  it.each([
    [json(401, { code: "signed-out" }), 4401],
    [json(403, { code: "not-allowed" }), 4403],
    [json(503, { closed: 1013, reason: "full" }), 1013],
    [new Response("no", { status: 403 }), CUT],
    [new Response("not ours"), CUT],
    [null, CUT],
  ])("a channel that is not opened says why (%#)", async (answer, code) => {
    const { codes } = opened();
    one("POST", PATH).answer(answer);
    await moved();
    expect(codes).toEqual([code]);
    expect(asked).toEqual([]);
  });

  it("the end comes after the frames before it, and as an answer of its own", async () => {
    const { codes, frames } = await live();
    const body = new Writer().varuint(1).varbytes(frame(1)).varuint(0).varbytes(bytes('{"closed":4401,"reason":""}')).bytes();
    one("GET").answer(octets(Uint8Array.from(body)));
    await moved();
    expect([frames, codes]).toEqual([[1], [4401]]);
    const other = await live();
    one("GET").answer(json(410, { closed: 1012, reason: "elsewhere" }));
    await moved();
    expect(other.codes).toEqual([1012]);
  });

  it("a page that is left says goodbye; so does a socket that is closed, which then asks no more", async () => {
    const { socket, codes } = await live();
    one("POST").answer(new Response(null, { status: 204 }));
    await moved();
    leave();
    expect(one("POST").body).toEqual(GOODBYE);
    socket.close();
    expect(one("POST").body).toEqual(GOODBYE);
    await moved(60_000);
    expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
    expect(codes).toEqual([]);
  });

  it("the channel given up is named when the next is opened, so that its lease is free", async () => {
    await live();
    opened();
    expect(asked.at(-1)?.path).toBe(`${PATH}?instead=p1-x`);
  });

  it("a long queue goes in bodies that the server takes", async () => {
    const { socket } = await live();
    one("POST").answer(new Response(null, { status: 204 }));
    await moved();
    const large = new Uint8Array(200 * 1024);
    for (const part of [large, large, ...Array.from({ length: 600 }, () => frame(1))]) socket.send(part);
    await moved();
    const counts: number[] = [];
    while (asked.some(({ method }) => method === "POST")) {
      const request = one("POST");
      counts.push(taken(request).frames.length);
      request.answer(new Response(null, { status: 204 }));
      await moved();
    }
    expect(counts).toEqual([1, 500, 101]);
  });

  it("a poll without an answer is given up after half a minute and asked again", async () => {
    await live();
    one("GET");
    await moved(30_250);
    expect(one("GET").path).toBe(`${PATH}/p1-x?after=0`);
  });
});
