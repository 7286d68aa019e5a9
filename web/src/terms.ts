/**
 * Every word of the domain that a person reads in the editor, in one place. One thing has one name here and nowhere else.
 *
 * Numbers are worded through `Intl.PluralRules`, never by an "s" in brackets.
 */

import type { Hint } from "./editor/typing";
import type { AmendmentKind, Attitude, Kind, ParagraphState, Ruling, Status } from "./model/record";

const plurals = new Intl.PluralRules("en");

/** `1 open bracket`, `7 open brackets`. */
export function counted(count: number, one: string, other: string): string {
  return `${count} ${plurals.select(count) === "one" ? one : other}`;
}

export const openBrackets = (count: number): string => counted(count, "open bracket", "open brackets");
export const proposals = (count: number): string => counted(count, "proposal", "proposals");
export const delegationsCount = (count: number): string => counted(count, "delegation", "delegations");
export const changesNotSaved = (count: number): string => counted(count, "change not saved yet", "changes not saved yet");
export const changesNotSent = (count: number): string => counted(count, "change not sent yet", "changes not sent yet");
export const shownOf = (shown: number, all: number): string => `${shown} of ${all} shown`;

const ORDINALS = (
  "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth Fifteenth " +
  "Sixteenth Seventeenth Eighteenth Nineteenth Twentieth"
).split(" ");

/** Drafts are called as the room calls them: "Fourth draft". */
export const draftName = (draft: number): string => {
  const ordinal = ORDINALS[draft - 1] ?? `${draft}${ENDINGS[ordinals.select(draft)] ?? "th"}`;
  return `${ordinal} draft`;
};
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const ENDINGS: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };

export const KIND_WORDS: Readonly<Record<AmendmentKind, string>> = {
  ADD: "Add paragraph",
  MOD: "Replace",
  SUP: "Delete paragraph",
  bracket: "Bracket",
};
/** What withdrawing does to the text, by what is withdrawn. */
export const WITHDRAWN_WORDS: Readonly<Record<AmendmentKind, string>> = {
  ADD: "Its paragraph leaves the text; the record keeps it.",
  MOD: "Its words leave the text, and those it would delete stay; the record keeps both.",
  SUP: "The paragraph stays as it is; the record keeps the proposal.",
  bracket: "The brackets are lifted and the words stay; the record keeps the bracket.",
};
export const INSERT = "Add words";
export const DELETE = "Delete";
export const EDITORIAL = "Editorial correction";
export const SECRETARIATS = "Secretariat's proposal";

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  draft: "Draft",
  submitted: "Submitted",
  agreed: "Agreed",
  agreed_ad_referendum: "Agreed ad referendum",
  set_aside: "Set aside",
  not_retained: "Not retained",
  withdrawn: "Withdrawn",
  superseded: "Superseded",
  reopened: "Reopened",
  agreed_in_informals: "Agreed in informals",
  pending_delegation: "Pending a delegation",
  pending_package: "Pending a package",
  wording_agreed: "Wording agreed, placement open",
  merged: "Merged into another",
};

export const STATE_WORDS: Readonly<Record<ParagraphState, string>> = {
  base: "Not yet considered",
  open: "Open",
  agreed_ad_referendum: "Agreed ad referendum",
  agreed: "Agreed",
  reopened: "Reopened",
  agreed_in_informals: "Agreed in informals",
  pending_delegation: "Pending a delegation",
  pending_package: "Pending a package",
  wording_agreed: "Wording agreed, placement open",
  set_aside: "Set aside",
};

export const RULING_WORDS: Readonly<Record<Ruling, string>> = {
  agreed: "Agreed",
  agreed_ad_referendum: "Agreed ad referendum",
  not_retained: "Not retained",
  set_aside: "Set aside",
  reopened: "Reopened",
  agreed_in_informals: "Agreed in informals",
  pending_delegation: "Pending a delegation",
  pending_package: "Pending a package",
  wording_agreed: "Wording agreed, placement open",
  merged: "Merged into another",
};

/** What the same outcomes are called on a bracket, where "agreed" could mean the words or the brackets. */
export const BRACKET_RULING_WORDS: Readonly<Record<Ruling, string>> = {
  ...RULING_WORDS,
  agreed: "Words agreed, brackets lifted",
  agreed_ad_referendum: "Words agreed ad referendum, brackets lifted",
  not_retained: "Words not retained",
  set_aside: "Set aside, the brackets stay",
};

export const ATTITUDE_WORDS: Readonly<Record<Attitude, string>> = {
  propose: "proposes",
  support: "supports",
  retain: "retains",
  delete: "would delete",
  oppose: "opposes",
  reserve: "reserves its position",
  flexible: "is flexible",
  awaiting_instructions: "needs instructions",
  can_accept: "can accept",
  formal_objection: "objects formally",
  awaiting_package: "awaits the package",
};

export const PARAGRAPH_KIND_WORDS: Readonly<Record<Kind, string>> = {
  title: "Title",
  chapeau: "Opening line",
  preambular_verb: "Preambular verb",
  preambular_item: "Preambular item",
  operative_verb: "Operative verb",
  operative_item: "Operative item",
  sub_item: "Sub-item",
  heading: "Heading",
  paragraph: "Paragraph",
  footnote: "Footnote",
};

export const ROLE_WORDS: Readonly<Record<string, string>> = {
  expert: "Expert",
  focal_point: "Focal point",
  chair: "Chair",
  acting_chair: "Acting chair",
  secretariat: "Secretariat",
  observer: "Observer",
  administrator: "Administrator",
};

export const REGION_WORDS: Readonly<Record<string, string>> = {
  afr: "Africa",
  ams: "Americas",
  arb: "Arab States",
  asp: "Asia and the Pacific",
  cis: "CIS",
  eur: "Europe",
  sec: "Other entities",
  chr: "Chair and secretariat",
};

export const VIEW_WORDS = {
  clean: "Agreed text only",
  rolling: "Text with square brackets",
  marked: "Revision marks",
} as const;
export type ViewName = keyof typeof VIEW_WORDS;

export const ACTS = {
  submit: "Submit",
  submitAgain: "Submit the new wording",
  discard: "Discard draft",
  withdraw: "Withdraw",
  support: "Co-sponsor",
  leave: "No longer co-sponsor",
  recordOutcome: "Record outcome",
  callForObjections: "Call for objections",
  endCall: "End the call for objections",
  reopen: "Reopen",
  wordsAgreed: "Words agreed (lift brackets)",
  wordsNotRetained: "Words not retained",
  keepBrackets: "Set aside (the brackets stay)",
  consideredAgreed: "Agreed as it stands",
  consideredAdReferendum: "Agreed ad referendum as it stands",
  consideredOpen: "Considered, still open",
  freeze: "Freeze",
  bracket: "Bracket the selection",
  addParagraph: "Add paragraph",
  deleteParagraph: "Propose to delete the paragraph",
  correct: "Editorial correction",
  retitle: "Change the title",
  split: "Split here",
  join: "Join with the next",
  moveUp: "Move up",
  moveDown: "Move down",
  insert: "Insert a paragraph after",
  retype: "Change kind",
  proposeAgain: "Propose again",
  copy: "Copy",
  discardWords: "Discard",
  close: "Close",
  cancel: "Cancel",
} as const;

export const CONNECTION = {
  saved: "Saved",
  connected: "Connected",
  sending: (count: number): string => `Sending ${count}`,
  offline: "Offline",
  offlineUnsent: (count: number): string => `Offline, ${count} not sent`,
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  readOnly: "Read-only",
  frozen: "Frozen",
  closed: "Closed",
  allSent: "All changes sent.",
  notSaving: "Not saved",
  notSavingCount: (count: number): string => `Not saved: ${count}`,
  cannotSave: "The server can save nothing at the moment. The text is read-only; what you typed is kept here and saved as soon as that works again.",
  savesAgain: "Saving works again.",
  lost: "Connection lost. Keep writing: what you type is kept here and sent when the connection is back.",
  back: "Connected again.",
  show: "Show",
  now: "Try now",
  overHttp: "Over plain HTTP, for this network blocks WebSockets. Everything else is the same.",
  retryIn: (seconds: number): string => `Trying again in ${seconds} s`,
} as const;

/** Why nothing more comes by itself, by the reason of the close. */
export const CLOSED_WORDS = {
  "signed-out": "You are signed out. Sign in again: what is not sent yet is kept on this computer.",
  "not-allowed": "What you may do here has changed. Load the page again.",
  reload: "There is a newer release of this page. Load it again: what is not sent yet is kept.",
  protocol:
    "The page and the server do not understand each other. Load the page again; if that does not help, tell the secretariat.",
  ended: "The connection has ended. Load the page again.",
} as const;

/** What a piece in the tray was meant to do. */
export const UNSENT_KINDS = {
  insert: "to add",
  strike: "to delete",
  bracket: "to bracket",
  remove: "to take back",
  lift: "to leave as it is",
  paragraph: "a new paragraph",
} as const;

export const LIVE = {
  badge: "Live drafting",
  join: "Write live",
  joined: "What you type is seen by everybody as you type it.",
  left: "What you type is your delegation's draft until you submit it.",
  opened:
    "Live drafting is open. Switch on “Write live” to write before everybody's eyes; otherwise what you type stays your draft.",
  ended: "Live drafting has ended. What you type is your delegation's draft again.",
} as const;

/** Hints of the editor: what a key did instead, or why nothing happened. */
export const HINTS = {
  "read-only": "The text cannot be changed here, now.",
  "select-to-bracket": "Select the words to bracket first.",
  "paragraph-not-split": "A new paragraph was added after this one. Splitting a paragraph is the secretariat's to do.",
  "paragraphs-not-joined": "Paragraphs are joined by the secretariat alone. Propose to delete this one, or its words.",
  "no-line-break": "A paragraph has no line breaks. Enter adds a paragraph.",
  "submitted-bracket": "This bracket is submitted. Withdraw it on its card.",
  "too-long": "A paragraph holds 20,000 characters. Add another one.",
} as const;
export const FOR_NOBODY = "Choose under “Typing for” whose words you type.";
export function hintWords(hint: Hint): string {
  switch (hint.kind) {
    case "characters-dropped":
      return `${counted(hint.count, "character was", "characters were")} left out: the text holds no line breaks and no invisible controls.`;
    case "unwritable":
      return hint.message;
    default:
      return HINTS[hint.kind];
  }
}

export const FROZEN = {
  told: (label: string): string => `Frozen: “${label}”. What was still pending stands in the next draft.`,
  open: "Open the version",
  /** The beginning, as it is read out; the version's page has the whole. */
  fingerprint: (hash: string): string => `Fingerprint ${[0, 4, 8, 12].map((start) => hash.slice(start, start + 4)).join(" ")}`,
} as const;

export function recoveredWords(again: number, unsent: number): string {
  const back = again > 0 ? `${counted(again, "change was", "changes were")} put back into the text. ` : "";
  const kept = unsent > 0 ? `${counted(unsent, "piece", "pieces")} of your text could not be placed. What you typed is under “Unsent text”.` : "";
  return (back + kept).trim();
}

export const UNKEPT =
  "This browser keeps nothing on this computer. Words that are not saved yet are lost when the page is closed: wait for “Saved”.";

export const PANELS = {
  outline: "Outline",
  proposals: "Proposals",
  queue: "Queue",
  delegations: "Delegations",
  unsent: "Unsent text",
  help: "Help and keys",
  exporting: "Export",
  versions: "Versions",
  brackets: "List of square brackets",
  fingerprint: "Fingerprint",
  missing: "This part of the page has not come through. Try again when there is a connection.",
} as const;

/** Before what cannot be undone, by somebody who has a passkey. */
export const PROOF = {
  needed: "Nothing is frozen yet. Confirm with your passkey that it is you.",
  confirm: "Confirm and freeze",
} as const;

/** What the refusal codes of the server mean to the person who asked (opinions/errors.py, crdt/SPEC.md G). */
export const REFUSALS: Readonly<Record<string, string>> = {
  "revision-changed": "The words changed since you looked. Read them again first.",
  "wrong-status": "Somebody else was faster: this proposal already stands otherwise. Look again.",
  "not-allowed": "Your role does not allow this here, now.",
  "unknown-amendment": "This proposal is no longer there. It may have been withdrawn.",
  "unknown-paragraph": "This paragraph is no longer in the text.",
  "proof-needed": "Confirm with your passkey first that it is you.",
  "not-clean": "Some of the text is not agreed yet.",
  closed: "This draft Opinion is closed.",
  offline: "There is no connection just now, so nothing was recorded. Try again once you are connected.",
};

/** Why words came back, by the code of the refusal. */
export const UNSENT_REASONS: Readonly<Record<string, string>> = {
  orphaned: "The place where you wrote is no longer in the text.",
  closed: "The draft Opinion was closed before your words arrived.",
  "not-allowed": "Writing was not open to you when your words arrived.",
  interference: "The words would have changed another delegation's.",
  destroyed: "The words would have removed another delegation's.",
  structure: "The paragraph was changed by the secretariat meanwhile.",
  unicode: "The words hold a character that the text cannot keep.",
  "too-long": "The paragraph would have become too long.",
  "too-large": "The change was too large to send at once.",
};
export const UNSENT_OTHERWISE = "The text changed meanwhile, so the words could not be placed.";
