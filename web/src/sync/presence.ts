/** Who is in the room, as the server says, and where the own caret is, told at most four times a second (crdt/SPEC.md W8). */

import type { ParagraphId } from "../model/marks";
import type { PeerPresence } from "./protocol";

/** Somebody in the room. `paragraph` is empty where it may not be known. */
export interface Present {
  readonly peer: number;
  readonly name: string;
  readonly delegation: string;
  readonly role: string;
  readonly paragraph: ParagraphId;
  readonly offset: number;
  readonly sending: boolean;
  readonly self: boolean;
}

interface Caret {
  readonly paragraph: ParagraphId;
  readonly offset: number;
}

const EVERY_MS = 250;

export class Presence {
  present: readonly Present[] = [];
  private caret: Caret | null = null;
  private told: Caret | null = null;
  private resting: (() => void) | null = null;
  private readonly send: (caret: Caret) => boolean;
  private readonly after: (milliseconds: number, act: () => void) => () => void;

  /** `send` says whether the caret could be sent. */
  constructor(send: (caret: Caret) => boolean, after: (milliseconds: number, act: () => void) => () => void) {
    this.send = send;
    this.after = after;
  }

  /** Told only where it differs: the others' answer draws the text anew, and would otherwise be answered again for ever. */
  moveTo(caret: Caret): void {
    if (this.caret?.paragraph === caret.paragraph && this.caret.offset === caret.offset) return;
    this.caret = caret;
    this.tell();
  }

  /** Tells a new connection. */
  tellAgain(): void {
    this.told = null;
    this.tell();
  }

  room(peers: readonly PeerPresence[], self: number | undefined): void {
    const nowhere = { paragraph: "", offset: 0, sending: false };
    this.present = peers.map((peer) => ({ ...nowhere, ...peer, self: peer.peer === self }));
  }

  /** Those who came or changed, and those who left; the others are as they were. */
  changed(changed: readonly PeerPresence[], gone: readonly number[], self: number | undefined): void {
    const known = new Map<number, PeerPresence>();
    for (const peer of this.present) known.set(peer.peer, peer);
    for (const peer of changed) known.set(peer.peer, peer);
    for (const peer of gone) known.delete(peer);
    this.room([...known.values()], self);
  }

  empty(): void {
    this.present = [];
  }

  stop(): void {
    this.resting?.();
  }

  private tell(): void {
    if (this.resting || !this.caret || this.caret === this.told || !this.send(this.caret)) return;
    this.told = this.caret;
    this.resting = this.after(EVERY_MS, () => {
      this.resting = null;
      this.tell();
    });
  }
}
