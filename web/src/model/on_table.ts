/** What lies on the chair's table, read from the record's entries: calls for objections. Twin of `opinions/on_table.py`. */

import type { AmendmentId } from "./marks";
import type { Answer, RecordView, Ruling } from "./record";

export interface CallAnswer {
  readonly delegation: string;
  readonly answer: Answer;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly note: string;
}

export interface Call {
  readonly id: string;
  readonly items: readonly { readonly amendment: AmendmentId; readonly revision: number }[];
  readonly openedAt: string;
  readonly openedBy: string;
  readonly note: string;
  /** What the timer shows from `openedAt` on, as guidance; 0: none. */
  readonly seconds: number;
  readonly state: "open" | "decided" | "withdrawn" | "void";
  readonly answers: readonly CallAnswer[];
  readonly closedNote: string;
  readonly closedAt: string;
  readonly ruling: Ruling | null;
}

/** All calls on record, the newest first. An entry that cannot be read is passed over. */
export function callsOf({ table }: RecordView): Call[] {
  const found: Call[] = [];
  for (const [key, text] of table) {
    if (!key.startsWith("call:")) continue;
    const call = readCall(text);
    if (call) found.push(call);
  }
  return found.sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1));
}

interface Written {
  readonly id: string;
  readonly items: Call["items"];
  readonly opened_at: string;
  readonly opened_by: string;
  readonly note?: string;
  readonly seconds?: number;
  readonly state?: Call["state"];
  readonly answers?: readonly { delegation: string; answer: Answer; at: string; note?: string }[];
  readonly closed_at?: string;
  readonly closed_note?: string;
  readonly decision?: { readonly ruling: Ruling };
}

function readCall(text: string): Call | null {
  try {
    const call = JSON.parse(text) as Written;
    return {
      id: call.id,
      items: call.items,
      openedAt: call.opened_at,
      openedBy: call.opened_by,
      note: call.note ?? "",
      seconds: call.seconds ?? 0,
      state: call.state ?? "open",
      answers: (call.answers ?? []).map((one) => ({ ...one, note: one.note ?? "" })),
      closedNote: call.closed_note ?? "",
      closedAt: call.closed_at ?? "",
      ruling: call.decision?.ruling ?? null,
    };
  } catch (error) {
    console.error("A call for objections cannot be read; it is not shown.", error);
    return null;
  }
}
