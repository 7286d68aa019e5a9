/** Whose words marks are, for the eye: the codes printed beside them and the colour group of the first. */

import { isOpen, type Amendment, type RecordView } from "../model/record";

export interface Naming {
  /** The colour group of a party: a region of ITU, `sec`, `chr`. */
  regionOf(code: string): string;
}

/** What the signs of one amendment look like at this moment. */
export interface Looks {
  /** Proposer first, then co-sponsors; empty when it cannot be told. */
  readonly codes: readonly string[];
  /** Class names of its words. */
  readonly classes: readonly string[];
}

export interface Bearings {
  readonly record: RecordView;
  readonly party: string;
  standing(id: string): "editable" | "fixed" | "foreign";
}

/** An amendment without a record yet is what one has just begun to type. */
export function looksOf(id: string, bearings: Bearings, naming: Naming): Looks {
  const { record, party } = bearings;
  const amendment = record.amendments.get(id);
  const codes = amendment ? codesOf(amendment) : bearings.standing(id) === "editable" ? [party] : [];
  const [first] = codes;
  const classes = first === undefined ? [] : [`region-${naming.regionOf(first)}`];
  if (!amendment || amendment.status === "draft") classes.push("draft");
  if (amendment && !isOpen(amendment)) classes.push("settled");
  if (amendment?.pinned) classes.push("pinned");
  if (first !== undefined && first === party) classes.push("own");
  return { codes, classes };
}

export const codesOf = ({ delegation, sponsors }: Amendment): readonly string[] => [delegation, ...sponsors];
