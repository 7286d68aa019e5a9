/** What a person may ask of the server beside typing: the JSON of `opinions/commands.py`, field by field. */

import type { AmendmentId, ParagraphId } from "./marks";
import type { AmendmentKind, Answer, Attitude, Kind, ParagraphState, Ruling } from "./record";

/** Characters `start` to `end` of a paragraph, in code points, which read `was`, become `text` (crdt/SPEC.md, C5). */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly was: string;
  readonly text: string;
}

/** An amendment ready made. Its kind says which fields speak: `opinions/proposals.py`. */
export interface ReadyMade {
  readonly amendment: AmendmentId;
  readonly delegation: string;
  readonly kind: AmendmentKind;
  readonly paragraph: ParagraphId;
  readonly replacements?: readonly Replacement[];
  readonly after?: ParagraphId | null;
  readonly paragraph_kind?: Kind;
  readonly level?: number;
  readonly text?: string;
  readonly reason?: string;
  readonly sponsors?: readonly string[];
}

/** A change of base text by the secretariat. */
export interface BaseChange extends Pick<ReadyMade, "paragraph" | "replacements" | "after" | "paragraph_kind" | "level" | "text"> {
  readonly kind: "words" | "insert" | "remove" | "retype";
}

export type Command =
  | { act: "submit"; amendment: AmendmentId; reason?: string; source?: string; struck?: string }
  | { act: "discard"; amendment: AmendmentId }
  | { act: "propose_removal"; amendment: AmendmentId; paragraph: ParagraphId }
  | { act: "withdraw"; amendment: AmendmentId }
  | { act: "cosponsor"; amendment: AmendmentId; revision: number; on?: boolean }
  | { act: "call_for_objections"; amendment: AmendmentId; revision: number; on?: boolean; ruled_by?: string }
  | {
      act: "open_call";
      call: string;
      items: readonly { readonly amendment: AmendmentId; readonly revision: number; readonly words: string }[];
      ruled_by?: string;
    }
  | {
      act: "record_outcome";
      amendment: AmendmentId;
      revision: number;
      ruling: Ruling;
      words?: string;
      note?: string;
      ruled_by?: string;
    }
  | { act: "reopen"; amendment: AmendmentId; note?: string; ruled_by?: string }
  | { act: "consider_paragraph"; paragraph: ParagraphId; state: ParagraphState; note?: string; ruled_by?: string }
  | { act: "split_paragraph"; paragraph: ParagraphId; at: number; new_paragraph: ParagraphId; was?: string }
  | { act: "join_paragraph"; paragraph: ParagraphId }
  | { act: "move_paragraph"; paragraph: ParagraphId; after: ParagraphId | null }
  | {
      act: "insert_paragraph";
      paragraph: ParagraphId;
      after: ParagraphId | null;
      kind: Kind;
      text: string;
      level?: number;
    }
  | { act: "retype_paragraph"; paragraph: ParagraphId; kind: Kind; level?: number }
  | { act: "correct_text"; paragraph: ParagraphId; start: number; end: number; was: string; text: string; note?: string }
  | {
      act: "enter_proposals";
      source?: string;
      proposals?: readonly ReadyMade[];
      base?: readonly BaseChange[];
      counters?: readonly ReadyMade[];
    }
  | {
      act: "take_position";
      amendment: AmendmentId;
      revision: number;
      attitude: Attitude;
      note?: string;
      paragraph?: ParagraphId;
      group?: string;
    }
  | { act: "join_position"; group: string; amendment?: AmendmentId; paragraph?: ParagraphId; on?: boolean }
  | { act: "confirm_typed"; amendment?: AmendmentId; paragraph?: ParagraphId }
  | { act: "mark_present"; delegations: readonly string[]; on?: boolean }
  | { act: "answer_call"; call: string; answer: Answer; note?: string }
  | { act: "decide_call"; call: string; ruling?: Ruling; note?: string; ruled_by?: string }
  | { act: "withdraw_call"; call: string; note?: string; ruled_by?: string }
  | { act: "open_live_drafting"; on?: boolean }
  | { act: "admit_observers"; on?: boolean }
  | {
      act: "freeze";
      label: string;
      milestone?: string;
      note?: string;
      seen_seq?: number;
      renumber?: boolean;
      ruled_by?: string;
      kind?: VersionKind;
    };

/** What a version is: the text at the close of a meeting, or a published draft. */
export type VersionKind = "meeting" | "draft";

/** What became of a proposal entered: an amendment of its own, or the next revision of one of its delegation. */
export interface EnteredAs {
  readonly proposal: AmendmentId;
  readonly amendment: AmendmentId;
  readonly number: number;
  readonly revision: number;
}

/** What the server answers to a command carried out: the amendment it was about, or the version a freeze made. */
export interface CommandResult {
  readonly amendment?: AmendmentId;
  readonly number?: number;
  readonly revision?: number;
  readonly status?: string;
  readonly version?: number;
  readonly seq?: number;
  readonly fingerprint?: string;
  readonly label?: string;
  readonly entered?: readonly EnteredAs[];
}

/** A command that was refused; `code` is stable (opinions/errors.py, crdt/errors.py), the message is for the person. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
