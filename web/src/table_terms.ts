/** The words of the chair's table that panels need only when they open: beside `terms.ts`, which every page of the editor brings. */

import type { Answer, Attitude } from "./model/record";

/** What a delegation can say of another one's proposal, or of a paragraph, in the order of the list. */
export const POSITION_CHOICES: readonly (readonly [Attitude, string])[] = [
  ["support", "Support"],
  ["can_accept", "Can accept"],
  ["flexible", "Flexible"],
  ["retain", "Retain"],
  ["reserve", "Reserve our position"],
  ["oppose", "Oppose"],
  ["formal_objection", "Formal objection"],
  ["awaiting_instructions", "Need instructions"],
  ["awaiting_package", "Awaiting the package"],
];
export const POSITION = {
  take: "Your delegation's position",
  change: "Change your delegation's position",
  none: "None yet",
  note: "Remark (may stay empty)",
  why: "Statement or reason",
  record: "Put it on record",
  of: "Position of",
  ofGroup: "Position of your group",
  forGroup: "Said for",
  unconfirmed: "typed for it, not confirmed yet",
  compromise: "Compromise text for",
} as const;
export const ANSWER_WORDS: Readonly<Record<Answer, string>> = {
  object: "Object",
  need_time: "Need time",
  no_objection: "No objection",
};
export const SITTING = {
  underWay: "is under way. Your delegation is not marked as there.",
  mark: "We take part",
  later: "Not now",
} as const;
/** What leads from the editor to the chair's console. */
export const CONSOLE = {
  name: "Chair's console",
  more: "Set aside until a day, pending somebody, or put with others:",
  competing: "Others want these words too; what becomes of them is asked on the",
  whoAsked: "To say who asked for it:",
  rest: "The whole queue with its groups, calls of a set and the sitting:",
  outcomes: "For another outcome, or to say what becomes of others:",
  choose: "Choose who ruled",
} as const;

export const CALL = {
  question: "Is there any objection to",
  yourAnswer: "Your delegation's answer",
  notTheVoice: "Your focal point answers for your delegation.",
  guidanceOver: "Time shown is over; the chair decides",
  noAnswers: "Nobody has answered yet. Silence is no answer.",
  why: "What do you object to, and why?",
  note: "Note for the record (may stay empty)",
  noteNeeded: "Note for the record: how the objection was resolved",
  decide: "It is so decided",
  withdraw: "Withdraw the call",
  decided: "It is so decided:",
  withdrawn: "The call was withdrawn.",
  changed: "The call is void.",
} as const;
