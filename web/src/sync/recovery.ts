/**
 * What becomes of words that wait under a lease that is no more: after a refusal, a new generation, a reload into another lease.
 *
 * V1 What the server has logged already is not done twice.
 * V2 What can be placed for certain is done again; a refused edit once more and then no more.
 * V3 The rest goes to the tray, with the reason. Commands are sent again under their key.
 */

import * as Y from "yjs";
import { doAgain, type Owner } from "./again";
import { clockAfter } from "./fusion";
import type { OutboxEntry } from "./store";
import { gathered, type Words } from "./words";

export interface Refusal {
  /** Entries up to this number were refused with the one message. */
  readonly n: number;
  readonly code: string;
  readonly message: string;
}

/** Refusals that trying again cannot mend: the words themselves do not fit, or nobody may write here any more. */
const FINAL = new Set(["closed", "not-allowed", "too-long", "unicode"]);

const GONE = "The place of these words is gone or has changed.";

export interface Desk {
  readonly doc: Y.Doc;
  readonly owner: (party: string) => Owner;
  readonly parties: readonly string[];
  /** Does one edit as a local change of its own. */
  change(party: string, tries: number, act: () => boolean): boolean;
  tray(words: Words, party: string, code: string, message: string): void;
  command(entry: Extract<OutboxEntry, { kind: "command" }>): void;
}

export interface Recovered {
  readonly again: number;
  readonly unsent: number;
}

interface Edit extends Words {
  readonly party: string;
  readonly tries: number;
}

/** How far clocks tell what is logged (V1): not at all in another generation, up to a bound when a lease was used twice. */
export interface Comparable {
  readonly generation: boolean;
  readonly upTo: number;
}

/** Deals with the entries in their order. */
export function recover(entries: readonly OutboxEntry[], desk: Desk, comparable: Comparable, refusal: Refusal | null): Recovered {
  let [again, unsent] = [0, 0];
  let edits: Edit[] = [];
  const settle = () => {
    for (const edit of gathered(edits)) {
      const outcome = place(edit, desk, refusal);
      if (outcome === "again") again += 1;
      if (outcome === "unsent") unsent += 1;
    }
    edits = [];
  };
  for (const entry of entries) {
    if (entry.kind === "command") {
      settle();
      desk.command(entry);
    } else if (!isLogged(entry.update, desk.doc, comparable)) {
      const tries = entry.tries + (refusal && entry.n <= refusal.n ? 1 : 0);
      edits.push(...entry.words.map((words) => ({ ...words, party: entry.party, tries })));
    }
  }
  settle();
  return { again, unsent };
}

function place(edit: Edit, desk: Desk, refusal: Refusal | null): "again" | "unsent" | "nothing" {
  const { party, tries, ...words } = edit;
  const refused = refusal !== null && tries > 0;
  const hopeless = refusal !== null && FINAL.has(refusal.code) && (refused || refusal.code === "closed" || refusal.code === "not-allowed");
  const worthIt = !hopeless && tries < 2 && desk.parties.includes(party);
  if (worthIt && desk.change(party, tries, () => doAgain(desk.doc, words, desk.owner(party)))) return "again";
  // Taking back what was one's own, or a mark of one's own, loses no words; the text shows that it still stands.
  if (words.text === "" || words.kind === "remove" || words.kind === "lift") return "nothing";
  desk.tray(words, party, refused ? refusal.code : "place-gone", refused ? refusal.message : GONE);
  return "unsent";
}

function isLogged(update: Uint8Array, doc: Y.Doc, { generation, upTo }: Comparable): boolean {
  const end = generation ? clockAfter(update) : null;
  return end !== null && end.clock <= Math.min(Y.getState(doc.store, end.client), upTo);
}
