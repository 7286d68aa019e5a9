/** The one place that says whether words are safe: in the header, and as a bar while there is no connection. */

import { useEffect, useState } from "preact/hooks";
import { changesNotSaved, changesNotSent, CONNECTION } from "../terms";
import type { RoomSession } from "./ports";
import type { PageState } from "./state";
import { clock, type MeetingZone } from "./times";
import { useChanges } from "./watch";

export interface Indication {
  readonly tone: "saved" | "sending" | "waiting" | "offline" | "quiet" | "frozen";
  readonly words: string;
  /** A time that stands behind the words; not announced. */
  readonly time: string;
  /** Told once to those who listen, when it differs from the last one told; empty for "nothing to tell". */
  readonly announced: string;
}

/** What the indicator says. "Saved" stands there only when the server has acknowledged everything (design I5). */
export function indicationOf(session: RoomSession, closed: boolean, zone: MeetingZone): Indication {
  const { status, sending, savedAt, readOnly, identity } = session;
  const plain = (tone: Indication["tone"], words: string, announced = "", time = ""): Indication => ({
    tone,
    words,
    announced,
    time,
  });
  switch (status.kind) {
    case "closed":
      return plain("offline", CONNECTION.closed, status.reason || CONNECTION.closed);
    case "offline": {
      const words = sending > 0 ? CONNECTION.offlineUnsent(sending) : CONNECTION.offline;
      return plain("offline", words, CONNECTION.lost);
    }
    case "connecting":
      return plain("waiting", CONNECTION.connecting);
    case "reconnecting":
      return plain("waiting", CONNECTION.reconnecting, CONNECTION.reconnecting);
    case "open":
      break;
  }
  if (closed) return plain("frozen", CONNECTION.frozen, CONNECTION.frozen);
  if (!session.saves) {
    const words = sending > 0 ? CONNECTION.notSavingCount(sending) : CONNECTION.notSaving;
    return plain("offline", words, CONNECTION.cannotSave);
  }
  if (sending > 0) return plain("sending", CONNECTION.sending(sending));
  const steers = identity?.role === "chair" || identity?.role === "acting_chair" || identity?.role === "secretariat";
  if (readOnly && !steers) return plain("quiet", CONNECTION.readOnly, CONNECTION.readOnly);
  if (savedAt === null) return plain("saved", CONNECTION.connected);
  return plain("saved", CONNECTION.saved, "", clock(savedAt, zone));
}

export function Connection({ page }: { page: PageState }) {
  useChanges(page);
  const { session } = page;
  const { tone, words, time } = indicationOf(session, page.facts.record.opinion.closed, page.zone);
  return (
    <div class={`connection ${tone}`}>
      <p role="status" aria-live="off" id="connection-state" {...(session.overHttp && { title: CONNECTION.overHttp })}>
        <span class="dot" aria-hidden="true" />
        {words}
        {time !== "" && <time> {time}</time>}
      </p>
      {tone === "offline" && session.sending > 0 && (
        <button type="button" class="plain" onClick={() => page.choose({ dialog: { name: "unsent" } })}>
          {CONNECTION.show}
        </button>
      )}
      {tone === "offline" && session.status.kind === "offline" && (
        <button type="button" class="plain" onClick={() => session.retryNow()}>
          {CONNECTION.now}
        </button>
      )}
      <Announcer page={page} />
    </div>
  );
}

/** Says a change of state once; "sending" and "saved" come and go with every key and are not said. */
function Announcer({ page }: { page: PageState }) {
  const { announced } = indicationOf(page.session, page.facts.record.opinion.closed, page.zone);
  const [said, setSaid] = useState({ text: "", troubled: false });
  useEffect(() => {
    const troubled = announced === CONNECTION.lost || announced === CONNECTION.cannotSave;
    if (announced !== "" && announced !== said.text) setSaid({ text: announced, troubled });
    else if (announced === "" && said.troubled && page.session.status.kind === "open" && page.session.sending === 0) {
      const over = said.text === CONNECTION.cannotSave ? CONNECTION.savesAgain : CONNECTION.back;
      setSaid({ text: `${over} ${CONNECTION.allSent}`, troubled: false });
    }
  }, [announced, said, page.session.status.kind, page.session.sending]);
  return (
    <span class="visually-hidden" role="status">
      {said.text}
    </span>
  );
}

/** The bar across the page while there is no connection, or nothing can be saved: what happens to one's words, how many wait, when it is tried again. */
export function OfflineBar({ page }: { page: PageState }) {
  useChanges(page);
  const { status, sending } = page.session;
  const offline = status.kind === "offline";
  const seconds = useSecondsUntil(offline ? status.retryAt : null);
  if (status.kind === "closed") {
    return (
      <div class="offline-bar">
        <p>{status.reason || CONNECTION.closed}</p>
        <a class="button" href={location.href}>
          Load the page again
        </a>
      </div>
    );
  }
  if (status.kind === "open" && !page.session.saves) {
    return (
      <div class="offline-bar">
        <p>
          {CONNECTION.cannotSave} {sending > 0 && <b>{changesNotSaved(sending)}.</b>}
        </p>
      </div>
    );
  }
  if (!offline) return null;
  return (
    <div class="offline-bar">
      <p>
        {CONNECTION.lost} {sending > 0 && <b>{changesNotSent(sending)}.</b>}
      </p>
      <span class="retry">{seconds !== null && CONNECTION.retryIn(seconds)}</span>
    </div>
  );
}

function useSecondsUntil(at: number | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === null) return;
    setNow(Date.now());
    const ticking = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticking);
  }, [at]);
  return at === null ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
