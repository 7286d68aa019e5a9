/** Which proposals the reader wants to see. The page's address keeps it, so that a link shows the same. */

import { isOpen, type Amendment } from "../model/record";

export interface Filter {
  /** The codes ticked; null: all of them. */
  readonly delegations: ReadonlySet<string> | null;
  /** Only those of the reader's own delegation, co-sponsored ones included. */
  readonly mine: boolean;
}

export const EVERYTHING: Filter = { delegations: null, mine: false };

export function readFilter(address: string): Filter {
  const fields = new URL(address, "http://page.invalid").searchParams;
  const codes = fields.get("delegations");
  return {
    delegations: codes === null ? null : new Set(codes.split(",").filter((code) => code !== "")),
    mine: fields.get("mine") === "1",
  };
}

/** The address with this filter in it and everything else as it was. */
export function withFilter(address: string, filter: Filter): string {
  const url = new URL(address);
  if (filter.delegations === null) url.searchParams.delete("delegations");
  else url.searchParams.set("delegations", [...filter.delegations].sort().join(","));
  if (filter.mine) url.searchParams.set("mine", "1");
  else url.searchParams.delete("mine");
  return url.href.replace(/%2C/g, ",");
}

export function admits(filter: Filter, amendment: Amendment, own: string): boolean {
  if (filter.mine && amendment.delegation !== own && !amendment.sponsors.includes(own)) return false;
  return filter.delegations === null || filter.delegations.has(amendment.delegation);
}

/** One tick more or less. Ticking the last missing one is "all" again, also for delegations that come later. */
export function ticked(filter: Filter, code: string, on: boolean, all: readonly string[]): Filter {
  const codes = new Set(filter.delegations ?? all);
  if (on) codes.add(code);
  else codes.delete(code);
  return { ...filter, delegations: all.every((one) => codes.has(one)) ? null : codes };
}

/** Pending amendments that somebody sees beside the text; decided ones are in the list alone. */
export const hasCard = (amendment: Amendment): boolean => isOpen(amendment);
