/**
 * Which buttons a person is offered on an amendment or a paragraph. The server decides (`opinions/roles.py`); this only spares
 * people buttons that would be refused.
 */

import { isOpen, type Amendment } from "../model/record";

export interface Who {
  readonly role: string;
  /** The delegation spoken for; empty for chair, secretariat and readers. */
  readonly delegation: string;
  /** The drafting group whose workspace is open. */
  readonly group?: { readonly party: string; readonly submits: boolean } | null | undefined;
}

export interface Stage {
  readonly closed: boolean;
  /** False while nothing can be sent; commands are not kept for later. */
  readonly connected: boolean;
}

export type Power = "submit" | "discard" | "withdraw" | "support" | "leave" | "decide" | "call" | "endCall" | "reopen";

/** The code of the chair's own side, which compromise texts bear. */
const CHAIR_CODE = "CHR";

export const isExpert = ({ role }: Who): boolean => role === "expert" || role === "focal_point";
export const isChair = ({ role }: Who): boolean => role === "chair" || role === "acting_chair";
export const isSecretariat = ({ role }: Who): boolean => role === "secretariat";
/** Records outcomes: the chair, or the secretariat on the chair's instruction. */
export const records = (who: Who): boolean => isChair(who) || isSecretariat(who);

/** What this person may do with this amendment. Drafts that reword a submitted one are its next revision. */
export function powersOver(amendment: Amendment, who: Who, stage: Stage): Power[] {
  if (stage.closed) return [];
  const powers: Power[] = [];
  const own = who.delegation !== "" && amendment.delegation === who.delegation;
  if (amendment.status === "draft" && who.group) {
    if (amendment.delegation !== who.group.party || amendment.createdAt === "") return [];
    return who.group.submits ? ["submit", "discard"] : ["discard"];
  }
  if (amendment.status === "draft") return own && isExpert(who) && amendment.createdAt !== "" ? ["submit", "discard"] : [];
  if (isOpen(amendment)) {
    if (isExpert(who) && !own) powers.push(amendment.sponsors.includes(who.delegation) ? "leave" : "support");
    if (records(who)) powers.push("decide", amendment.pinned ? "endCall" : "call");
    const chairs = isChair(who) && amendment.delegation === CHAIR_CODE;
    if ((own && isExpert(who)) || isSecretariat(who) || chairs) powers.push("withdraw");
  } else if (records(who) && amendment.status !== "superseded") {
    powers.push("reopen");
  }
  return powers;
}

/** Whether the person may record a paragraph as considered. */
export const mayConsider = (who: Who, stage: Stage): boolean => records(who) && !stage.closed;
