/** The fingerprint of a version, computed in this browser from its own document (crdt/SPEC.md V2). */

import * as Y from "yjs";
import { canonicalTextOf, fingerprint } from "../model/canonical";
import type { Notice } from "./protocol";

export interface FreezeCheck {
  readonly version: number;
  readonly seq: number;
  readonly fingerprint: string;
  readonly matches: boolean;
}

/** Keeps the text that a freeze is about: the one before the entry that opens the next draft. */
export class FreezeWatch {
  private closed: string | null = null;

  /** To be told of every update of the opinion before it is applied. */
  before(update: Uint8Array, doc: Y.Doc): void {
    if (opensDraft(update, doc)) this.closed = canonicalTextOf(doc);
  }

  /** To be asked when the notice comes, which is after that entry. */
  async check({ version, seq, fingerprint: told }: Extract<Notice, { kind: "frozen" }>, doc: Y.Doc): Promise<FreezeCheck> {
    const text = this.closed ?? canonicalTextOf(doc);
    this.closed = null;
    const own = await fingerprint(text);
    return { version, seq, fingerprint: own, matches: own === told };
  }
}

/**
 * Whether an update of the server writes the entry of the Opinion as a whole, as a freeze does: it opens the next draft, and may renumber.
 * A version is the text before that, and the notice comes after it.
 */
function opensDraft(update: Uint8Array, doc: Y.Doc): boolean {
  return Y.decodeUpdate(update).structs.some((struct) => {
    if (!(struct instanceof Y.Item) || struct.id.client !== SERVER) return false;
    if (struct.parentSub !== null || struct.origin === null) return struct.parentSub === "opinion";
    if (Y.getState(doc.store, struct.origin.client) <= struct.origin.clock) return false;
    const former: unknown = Y.getItem(doc.store, struct.origin);
    return former instanceof Y.Item && former.parentSub === "opinion";
  });
}

/** The id under which the server writes in an opinion's document (crdt/SPEC.md D6). */
const SERVER = 1;
