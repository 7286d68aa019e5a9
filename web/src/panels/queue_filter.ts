/** The views of the list of proposals, and what belongs to each. */

import { isOpen, type Amendment } from "../model/record";
import type { Facts } from "./facts";

export type QueueFilter = "all" | "conflicting" | "new" | "set_aside" | "decided";
export const QUEUE_FILTERS: readonly QueueFilter[] = ["all", "conflicting", "new", "set_aside", "decided"];
export const QUEUE_WORDS: Readonly<Record<QueueFilter, string>> = {
  all: "All",
  conflicting: "Conflicting",
  new: "New",
  set_aside: "Set aside",
  decided: "Decided",
};

/** The amendments of one view in reading order. `since`: what changed after it is new (ISO time, UTC; empty for everything). */
export function queued(facts: Facts, amendments: readonly Amendment[], filter: QueueFilter, since: string): Amendment[] {
  switch (filter) {
    case "all":
      return amendments.filter(isOpen);
    case "conflicting":
      return amendments.filter((amendment) => isOpen(amendment) && facts.conflicts.has(amendment.id));
    case "new":
      return amendments.filter((amendment) => isOpen(amendment) && amendment.changedAt > since);
    case "set_aside":
      return amendments.filter(({ status }) => status === "set_aside");
    case "decided":
      return amendments
        .filter((amendment) => !isOpen(amendment))
        .sort((a, b) => (a.changedAt < b.changedAt ? 1 : a.changedAt > b.changedAt ? -1 : 0));
  }
}
