/** The fingerprint of a version, computed in this browser from its own document (crdt/SPEC.md V2). */

import type * as Y from "yjs";
import { canonicalTextOf, fingerprint } from "../model/canonical";
import type { Notice } from "./protocol";

export interface FreezeCheck {
  readonly version: number;
  readonly seq: number;
  readonly fingerprint: string;
  readonly matches: boolean;
}

/** To be asked before anything that came after the freeze is applied. */
export async function freezeCheck(doc: Y.Doc, { version, seq, fingerprint: told }: Extract<Notice, { kind: "frozen" }>): Promise<FreezeCheck> {
  const own = await fingerprint(canonicalTextOf(doc));
  return { version, seq, fingerprint: own, matches: own === told };
}
