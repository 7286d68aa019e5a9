/** What a session is made with, whom it says one is, and what it tells of: the values around `session.ts`. */

import type * as Y from "yjs";
import type { RecordView } from "../model/record";
import type { Surroundings } from "./connection";
import type { FreezeCheck } from "./freeze_check";
import type { Locks } from "./lease";
import type { Present } from "./presence";
import type { Notice, Scope } from "./protocol";
import type { Recovered } from "./recovery";
import type { Store } from "./store";

export interface SessionOptions {
  readonly opinion: string;
  /** Id of the person signed in; what is kept is kept under it. */
  readonly member: string;
  readonly url: string;
  /** `workspace` for members of a delegation, `opinion` for all others. */
  readonly scope: Scope;
  /** The drafting group in whose workspace this is, instead of the delegation's own. */
  readonly group?: string | undefined;
  readonly store: Store;
  readonly locks: Locks;
  readonly surroundings: Surroundings;
  /** The party acted for until the server has said so. */
  readonly party?: string;
  /** Where the fingerprint computed here after a freeze is told (crdt/SPEC.md V2). */
  readonly freezeChecked?: (check: FreezeCheck) => void;
}

export interface Identity {
  readonly member: string;
  readonly name: string;
  readonly role: string;
  readonly delegation: string;
}

export interface SessionEvents {
  /** Another document is shown from now on. */
  document: Y.Doc;
  record: RecordView;
  presence: readonly Present[];
  /** Whether, as whom or where one may type has changed. */
  access: null;
  notice: Notice;
  /** Words that had to be offered again: how many are back in the text, how many are in the tray. */
  recovered: Recovered;
  /** The browser keeps nothing: unsent words end with this page. */
  trouble: unknown;
}
