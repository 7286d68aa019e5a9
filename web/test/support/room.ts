/**
 * A room for tests: the server's half of the wire (crdt/SPEC.md W) on one document, with sockets that tests can delay, cut and
 * double. It takes every update whose effect leaves others' text alone, as the gate would, and refuses whatever else it is told to.
 */

import * as Y from "yjs";
import type { Surroundings } from "../../src/sync/connection";
import { compact, decodeClient, encodeServer, type ClientMessage } from "../../src/sync/protocol";
import { marksByCharacter, stretchAt, stretchesOf, type MarksByCharacter } from "../../src/model/identity";
import { paragraphsOf, textIn, textRoot } from "../../src/model/shared_text";
import { survivors } from "./effect";

interface Lease {
  readonly member: string;
  n: number;
}

export type Verdict = { readonly code: string; readonly message: string } | null;

export class Room {
  readonly doc = new Y.Doc();
  readonly peers = new Set<RoomSocket>();
  readonly carriedOut: { command: Record<string, unknown>; party: string }[] = [];
  generation = 1;
  seq = 1;
  /** Refuses updates and commands that it answers with a code. */
  refuse: (message: Extract<ClientMessage, { type: "update" | "command" }>) => Verdict = () => null;
  /** How many updates were taken, refused, or known already. */
  readonly count = { taken: 0, refused: 0, known: 0, mended: 0 };
  readonly interfered: string[] = [];
  /** Drafting groups: code and party. */
  readonly groups = new Map<string, string>();
  private nextLease = 1000;
  private readonly leases = new Map<number, Lease>();
  private readonly results = new Map<string, string>();

  constructor(seed: Uint8Array) {
    Y.applyUpdate(this.doc, seed);
    this.doc.clientID = 1;
  }

  /** What the server does itself: commands, mends, another generation. */
  change(act: (doc: Y.Doc) => void): void {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => act(this.doc));
    this.told(Y.encodeStateAsUpdate(this.doc, before));
  }

  /** Begins a new generation of the document with the same text and none of its history. */
  regenerate(seed: Uint8Array): void {
    this.generation += 1;
    this.leases.clear();
    const fresh = new Y.Doc();
    Y.applyUpdate(fresh, seed);
    Object.assign(this, { doc: fresh });
    for (const peer of [...this.peers]) peer.cut(1012);
  }

  /** Whoever comes back is given another lease. */
  forgetLeases(): void {
    this.leases.clear();
  }

  notice(fields: object): void {
    for (const peer of this.peers) peer.deliver(encodeServer(7, compact(fields)));
  }

  receive(peer: RoomSocket, bytes: Uint8Array): void {
    const message = decodeClient(bytes);
    switch (message.type) {
      case "hello":
        return this.hello(peer, message);
      case "update":
        return this.update(peer, message);
      case "command":
        return this.command(peer, message);
      case "presence":
        return;
      case "ping":
        return peer.deliver(encodeServer(8));
    }
  }

  private hello(peer: RoomSocket, { client, generation, scope, stateVector, group }: Extract<ClientMessage, { type: "hello" }>): void {
    const known = generation === this.generation;
    const held = client !== null && known ? this.leases.get(client) : undefined;
    const taken = [...this.peers].some((other) => other !== peer && other.client === client);
    const leased = client !== null && held?.member === peer.member && !taken ? client : this.lease(peer.member);
    Object.assign(peer, { client: leased, refused: false, greeted: true, stream: scope === "workspace" ? 1 : 0 });
    const { code, member } = peer;
    const welcome = { schema: 1, generation: this.generation, epoch: 1, client: leased, clock: Y.getState(this.doc.store, leased), scope };
    const party = (group && this.groups.get(group)) ?? code;
    const who = { n: this.leases.get(leased)?.n ?? 0, party, parties: [party], peer: peer.number, member, role: "expert", delegation: code };
    peer.deliver(encodeServer(0, compact({ ...welcome, ...who })));
    const vector = known ? stateVector : Uint8Array.of(0);
    peer.deliver(encodeServer(1, this.seq, 0, Y.encodeStateAsUpdate(this.doc, vector)));
  }

  private lease(member: string): number {
    const client = this.nextLease++;
    this.leases.set(client, { member, n: 0 });
    return client;
  }

  private update(peer: RoomSocket, message: Extract<ClientMessage, { type: "update" }>): void {
    const lease = this.leases.get(peer.client);
    if (peer.refused || !lease) return;
    if (message.n <= lease.n) {
      this.count.known += 1;
      return peer.deliver(encodeServer(3, message.n, peer.stream, this.seq));
    }
    const verdict = this.refuse(message) ?? this.check(peer, message.update);
    if (verdict) {
      this.count.refused += 1;
      peer.refused = true;
      return peer.deliver(encodeServer(4, message.n, compact(verdict)));
    }
    this.count.taken += 1;
    lease.n = message.n;
    const before = marksByCharacter(this.doc);
    Y.applyUpdate(this.doc, message.update);
    peer.deliver(encodeServer(3, message.n, peer.stream, this.seq + 1));
    this.told(message.update);
    this.mend(before, peer.member);
  }

  /** The mending of G11: marks of others as they were, new words under one insertion of the sender's own. */
  private mend(before: MarksByCharacter, member: string): void {
    const own = (id: string) => this.minted.get(id) === member;
    const vector = Y.encodeStateVector(this.doc);
    let mends = 0;
    this.doc.transact(() => {
      for (const element of paragraphsOf(textRoot(this.doc))) {
        const text = textIn(element);
        let offset = 0;
        let last: string | null = null;
        for (const stretch of text ? stretchesOf(text) : []) {
          for (let at = 0; at < stretch.length; at++, offset++) {
            const old = stretchAt(before, stretch.client, stretch.clock + at);
            const mine = (key: string) => own(key.slice(key.indexOf(":") + 1));
            const wanted = old
              ? [...old.keys.filter((key) => !strikes(key) || !mine(key)), ...stretch.keys.filter((key) => strikes(key) && mine(key))]
              : stretch.keys.filter((key) => mine(key) && strikes(key));
            const under = (keys: readonly string[]) => keys.find((key) => key.startsWith("insertion:") && mine(key)) ?? null;
            if (old) last = under(old.keys);
            else wanted.push((last = under(stretch.keys) ?? last ?? this.freshId(member)));
            const off = stretch.keys.filter((key) => !wanted.includes(key)).map((key) => [key, null]);
            const on = wanted.filter((key) => !stretch.keys.includes(key)).map((key) => [key, true]);
            if (off.length + on.length === 0) continue;
            text?.format(offset, 1, Object.fromEntries([...off, ...on]) as Record<string, unknown>);
            mends += 1;
          }
        }
      }
    });
    if (mends === 0) return;
    this.count.mended += 1;
    this.told(Y.encodeStateAsUpdate(this.doc, vector));
  }

  /** The gate in small: client id, clocks, effect. */
  private check(peer: RoomSocket, update: Uint8Array): Verdict {
    const { structs } = Y.decodeUpdate(update);
    const clock = Y.getState(this.doc.store, peer.client);
    if (structs.some(({ id }) => id.client !== peer.client)) return { code: "foreign-client", message: "not your id" };
    if (structs[0] && structs[0].id.clock !== clock) return { code: "clock-gap", message: `${structs[0].id.clock} for ${clock}` };
    if (structs.length > 500 || update.length > 64 * 1024) return { code: "too-large", message: "too large" };
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc));
    for (const struct of structs) this.mark(struct, peer);
    const before = survivors(copy, (id) => this.minted.get(id) === peer.member);
    Y.applyUpdate(copy, update);
    if (copy.store.pendingStructs || copy.store.pendingDs) return { code: "unknown-dependency", message: "pending" };
    const left = survivors(copy, () => false);
    const gone = [...before].filter((one) => !left.has(one));
    if (gone.length === 0) return null;
    this.interfered.push(gone.join(" "));
    return { code: "destroyed", message: "others' text would vanish" };
  }

  private freshId(member: string): string {
    const id = `a-mend-${this.minted.size}`;
    this.minted.set(id, member);
    return `insertion:${id}`;
  }

  private readonly minted = new Map<string, string>();

  /** An id belongs to whoever used it first. */
  private mark(struct: Y.AbstractStruct, peer: RoomSocket): void {
    if (!(struct instanceof Y.Item)) return;
    const { content, parentSub } = struct;
    const id = content instanceof Y.ContentFormat ? content.key.split(":")[1] : parentSub === "added" ? content.getContent()[0] : null;
    if (typeof id === "string" && !this.minted.has(id) && !id.includes("-old-")) this.minted.set(id, peer.member);
  }

  private command(peer: RoomSocket, message: Extract<ClientMessage, { type: "command" }>): void {
    if (peer.refused) return;
    const verdict = this.refuse(message);
    if (verdict) return peer.deliver(encodeServer(4, message.n, compact(verdict)));
    const known = this.results.get(message.key);
    const result = known ?? compact({ number: this.carriedOut.length + 1 });
    if (known === undefined) this.carriedOut.push({ command: message.command as Record<string, unknown>, party: message.party });
    this.results.set(message.key, result);
    peer.deliver(encodeServer(5, message.n, this.seq, result));
  }

  private told(update: Uint8Array): void {
    this.seq += 1;
    for (const peer of this.peers) {
      if (peer.greeted) peer.deliver(encodeUpdates(0, this.seq, [update]));
    }
  }
}

function encodeUpdates(stream: number, seq: number, updates: readonly Uint8Array[]): Uint8Array {
  return encodeServer(2, stream, seq, updates.length, ...updates);
}

let numbers = 0;

/** One end of a connection to the room. Frames wait in both directions until they are let through, in order. */
export class RoomSocket {
  readonly number = ++numbers;
  readonly member: string;
  readonly code: string;
  client = 0;
  stream = 0;
  refused = false;
  greeted = false;
  binaryType = "arraybuffer";
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly room: Room;
  private readonly toRoom: Uint8Array[] = [];
  private readonly toClient: Uint8Array[] = [];

  constructor(room: Room, member: string, code: string) {
    this.room = room;
    this.member = member;
    this.code = code;
  }

  open(): void {
    this.readyState = 1;
    this.room.peers.add(this);
    this.onopen?.();
  }

  send(data: Uint8Array): void {
    this.toRoom.push(data.slice());
  }

  deliver(frame: Uint8Array): void {
    this.toClient.push(frame);
  }

  /** Lets up to `count` frames through each way; how many went. */
  pass(up: number, down: number): number {
    const sent = this.toRoom.splice(0, up);
    for (const frame of sent) this.room.receive(this, frame);
    const received = this.toClient.splice(0, down);
    for (const frame of received) this.onmessage?.({ data: frame.slice().buffer });
    return sent.length + received.length;
  }

  /** What is on its way to this peer is never told, as when it was too slow. */
  drop(): void {
    this.toClient.length = 0;
  }

  /** The connection breaks: frames on their way are lost, after `late` of those to the room still arrive. */
  cut(code = 1006, late = 0): void {
    for (const frame of this.toRoom.splice(0, late)) this.room.receive(this, frame);
    this.readyState = 3;
    this.room.peers.delete(this);
    const { onclose } = this;
    this.onclose = null;
    onclose?.({ code });
  }

  close(): void {
    this.readyState = 3;
    this.room.peers.delete(this);
  }
}

/** Time that stands still until a test moves it, sockets into a room, no chance. */
export class TestSurroundings implements Surroundings {
  time = Date.UTC(2026, 0, 21, 9);
  online = true;
  socket: RoomSocket | null = null;
  private timers: { at: number; act: () => void }[] = [];
  private hopes: (() => void)[] = [];
  private readonly connect: () => RoomSocket;

  constructor(connect: () => RoomSocket) {
    this.connect = connect;
  }

  openSocket(): WebSocket {
    const socket = this.connect();
    this.socket = socket;
    if (this.online) this.after(1, () => socket.readyState === 0 && socket.open());
    else this.after(1, () => socket.cut());
    return socket as unknown as WebSocket;
  }

  now(): number {
    return this.time;
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { at: this.time + milliseconds, act };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 1;
  }

  onHope(act: () => void): () => void {
    this.hopes.push(act);
    return () => {
      this.hopes = this.hopes.filter((other) => other !== act);
    };
  }

  hope(): void {
    for (const act of this.hopes) act();
  }

  /** Moves time on; what is due in it happens in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.act();
    }
    this.time = end;
  }
}

const strikes = (key: string): boolean => key.startsWith("deletion:") || key.startsWith("bracket:");
