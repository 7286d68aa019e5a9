/** What the panels need of the connection to the room and of the editor. `src/editor.ts` fits the real ones to these. */

import type * as Y from "yjs";
import type { Command, CommandResult } from "../model/commands";
import type { EditorHandle } from "../editor/view";
import type { ParagraphId } from "../model/marks";
import type { RecordView } from "../model/record";
import type { WordsKind } from "../sync/words";
import type { Who } from "./powers";

export type Link =
  /** The first connection, before anything was shown. */
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** Trying again by itself; `retryAt` in milliseconds since the epoch. */
  | { readonly kind: "reconnecting" | "offline"; readonly retryAt: number | null }
  /** Nothing more will come: signed out, not allowed, or another tab took over. */
  | { readonly kind: "closed"; readonly reason: string };

/** Somebody in the room; `paragraph` only where it may be known. */
export interface Present {
  readonly peer: number;
  readonly name: string;
  readonly delegation: string;
  readonly role: string;
  readonly paragraph: ParagraphId;
  readonly sending: boolean;
  readonly self: boolean;
}

/** Words that were typed here and are not in the text: refused, or their place is gone. */
export interface Unsent {
  readonly id: string;
  readonly words: string;
  readonly kind: WordsKind;
  readonly paragraph: ParagraphId;
  /** Code of the refusal (crdt/SPEC.md G), or empty. */
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

export interface RoomSession {
  /** The document shown now; another one after a resync. */
  readonly doc: Y.Doc;
  readonly record: RecordView;
  readonly status: Link;
  /** How many changes of this person are not acknowledged yet: places where words changed, and commands. */
  readonly sending: number;
  /** When everything was last acknowledged; null before the first time. */
  readonly savedAt: Date | null;
  readonly readOnly: boolean;
  /** False while the server says that it can save nothing; nothing can be typed then. */
  readonly saves: boolean;
  /** Whether what is sent travels over plain HTTP, for this network blocks WebSockets. */
  readonly overHttp?: boolean;
  /** False until there is a text to show. */
  readonly ready: boolean;
  /** `opinion`: what is typed is seen by everybody as it is typed. */
  readonly scope: "opinion" | "workspace";
  /** As whom the server knows this connection; null before it said so. */
  readonly identity: (Who & { readonly name: string }) | null;
  /** The party acted for, and those that could be. */
  readonly party: string;
  readonly parties: readonly string[];
  readonly present: readonly Present[];
  readonly unsent: readonly Unsent[];
  /** The last entry shown here. */
  readonly seq: number;
  subscribe(listener: () => void): () => void;
  command(command: Command): Promise<CommandResult>;
  actFor(party: string): void;
  switchScope(scope: "opinion" | "workspace"): Promise<void>;
  retryNow(): void;
  proposeAgain(id: string): boolean;
  discardUnsent(id: string): void;
}

export type { Caret } from "../editor/view";
export type { Visit } from "../editor/navigation";

/** What of the editor the panels use. */
export type EditorPort = Pick<
  EditorHandle,
  | "element"
  | "caret"
  | "focus"
  | "undo"
  | "redo"
  | "canUndo"
  | "canRedo"
  | "highlight"
  | "revealParagraph"
  | "bracketSelection"
  | "addParagraph"
  | "nextChange"
  | "nextBracket"
>;
