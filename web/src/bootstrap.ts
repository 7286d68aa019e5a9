/**
 * What the server tells the page before the socket is open: whose page it is, which Opinion, who the parties are.
 *
 * It stands in the page as JSON (`<script type="application/json" id="bootstrap">`), written by `server/pages/opinion.py`.
 * Everything that changes while the page is open comes over the socket instead.
 */

import type { VersionKind } from "./model/commands";

export interface Party {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  /** The colour group: a region of ITU, `sec` for entities that are no Member States, `chr` for chair and secretariat. */
  readonly region: string;
}

export interface FrozenVersion {
  readonly number: number;
  readonly label: string;
  readonly at: string;
  readonly fingerprint: string;
  /** Whether files of it that the person is given name delegations; as the process has it where it says nothing. */
  readonly namedFiles?: boolean;
}

export interface DraftingGroup {
  readonly code: string;
  readonly name: string;
  /** For whom it drafts: the delegation that leads it, or CHR. */
  readonly party: string;
  /** Whether the person submits its drafts one by one: the people of the lead. */
  readonly submits: boolean;
}

export interface Bootstrap {
  readonly opinion: {
    readonly id: string;
    /** "Draft Opinion 1". */
    readonly name: string;
    readonly theme: string;
    readonly title: string;
  };
  readonly process: {
    readonly name: string;
    readonly zone: string;
    readonly zoneName: string;
    readonly demo: boolean;
    /** Whether files that the person is given name delegations beside what they hold. */
    readonly namedFiles?: boolean;
  };
  /** Whether the person signed in at a computer that others use: nothing is kept in the browser. */
  readonly shared?: boolean;
  readonly member: {
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly delegation: string;
    /** Whether the person speaks for the delegation: takes positions, answers calls. */
    readonly voice: boolean;
  };
  /** Codes of the groups for which the person's delegation may speak. */
  readonly speaksFor?: readonly string[];
  /** Whether the person's delegation may object formally. */
  readonly objects?: boolean;
  /** The drafting groups that the person is in here. */
  readonly groups?: readonly { readonly code: string; readonly name: string }[];
  /** The one in whose workspace this page drafts, instead of the delegation's own; null for none. */
  readonly group?: DraftingGroup | null;
  readonly delegations: readonly Party[];
  /** Names of the chair and acting chair of this Opinion, who may have ruled what the secretariat records. */
  readonly chairs: readonly string[];
  readonly versions: readonly FrozenVersion[];
  /** What the next freeze is at, "IEG-3"; empty where nothing is planned. */
  readonly milestone: string;
  /** What a version at that milestone is: the text at the close of a meeting, or a draft given out. */
  readonly milestoneKind: VersionKind;
}

export const BOOTSTRAP_ID = "bootstrap";

/** The page's bootstrap. Throws `Error` when the page does not hold one. */
export function readBootstrap(page: Document): Bootstrap {
  const text = page.getElementById(BOOTSTRAP_ID)?.textContent;
  if (!text) throw new Error("This page lacks its bootstrap data. Load it again.");
  return JSON.parse(text) as Bootstrap;
}

/** Where things of an Opinion are; the routes of `server/`. */
export const addresses = (opinion: string) => {
  const base = `/opinions/${encodeURIComponent(opinion)}`;
  return {
    socket: `/ws/opinions/${encodeURIComponent(opinion)}`,
    view: (name: "clean" | "rolling"): string => `${base}/views/${name}`,
    version: (number: number): string => `${base}/versions/${number}`,
    check: (number: number): string => `${base}/versions/${number}/checks`,
    exported: (fields: Readonly<Record<string, string>>): string => `${base}/export?${new URLSearchParams(fields).toString()}`,
    history: (paragraph: string): string => `${base}/paragraphs/${encodeURIComponent(paragraph)}/provenance`,
    list: "/",
  };
};
