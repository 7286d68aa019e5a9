/** Which pending amendments of different delegations touch the same words. It tells people to look; it decides nothing. */

import type { AmendmentId, ParagraphId } from "../model/marks";
import { isOpen, type RecordView } from "../model/record";
import type { Change } from "./changes";

interface Stretch {
  readonly id: AmendmentId;
  readonly delegation: string;
  readonly start: number;
  readonly end: number;
}

/** For each pending amendment, the pending ones of others whose words overlap or adjoin its own. */
export function conflictsIn(
  record: RecordView,
  changes: ReadonlyMap<AmendmentId, Change>,
): ReadonlyMap<AmendmentId, readonly AmendmentId[]> {
  const rows = new Map<ParagraphId, Stretch[]>();
  const put = (paragraph: ParagraphId, stretch: Stretch): void => {
    const row = rows.get(paragraph);
    if (row) row.push(stretch);
    else rows.set(paragraph, [stretch]);
  };
  for (const amendment of record.amendments.values()) {
    if (!isOpen(amendment)) continue;
    const { id, delegation } = amendment;
    if (amendment.kind === "SUP") put(amendment.paragraph, { id, delegation, start: 0, end: Number.MAX_SAFE_INTEGER });
    for (const piece of changes.get(id)?.pieces ?? []) {
      put(piece.paragraph, { id, delegation, start: piece.start, end: piece.end });
    }
  }
  const found = new Map<AmendmentId, Set<AmendmentId>>();
  for (const row of rows.values()) compare(row, found);
  return new Map([...found].map(([id, others]) => [id, [...others]]));
}

function compare(row: Stretch[], found: Map<AmendmentId, Set<AmendmentId>>): void {
  row.sort((a, b) => a.start - b.start || a.end - b.end);
  for (let place = 0; place < row.length; place++) {
    const one = row[place]!;
    for (let after = place + 1; after < row.length; after++) {
      const other = row[after]!;
      if (other.start > one.end) break;
      if (other.id === one.id || other.delegation === one.delegation) continue;
      note(found, one.id, other.id);
      note(found, other.id, one.id);
    }
  }
}

function note(found: Map<AmendmentId, Set<AmendmentId>>, id: AmendmentId, other: AmendmentId): void {
  const others = found.get(id);
  if (others) others.add(other);
  else found.set(id, new Set([other]));
}
