/** What an amendment is called on a card: the word of the room, not the symbol of an export. */

import type { Amendment } from "../model/record";
import { DELETE, EDITORIAL, INSERT, KIND_WORDS, SECRETARIATS } from "../terms";
import type { Edit } from "./changes";

export const SECRETARIAT = "SEC";

export function kindWord(amendment: Amendment, edits: readonly Edit[]): string {
  if (amendment.kind !== "MOD") return KIND_WORDS[amendment.kind];
  if (amendment.delegation === SECRETARIAT) return isCorrection(amendment) ? EDITORIAL : SECRETARIATS;
  const struck = edits.some((edit) => edit.struck !== "");
  const written = edits.some((edit) => edit.written !== "");
  if (struck && !written) return DELETE;
  return written && !struck ? INSERT : KIND_WORDS.MOD;
}

/** Only an editorial correction is its author's own ruling (`opinions/structure.py`); what the chair rules on was a proposal. */
const isCorrection = ({ author, decisions }: Amendment): boolean => decisions.some(({ ruledBy }) => ruledBy === author);

/** `#38`; a draft has no number yet. */
export const numberOf = (amendment: Amendment): string => (amendment.number > 0 ? `#${amendment.number}` : "");
