/** The session of `sync/` as the panels see it. */

import type { ConnectionStatus } from "../sync/connection";
import type { OpinionSession } from "../sync/session";
import { CLOSED_WORDS } from "../terms";
import type { Link, RoomSession, Unsent } from "./ports";

export function portOf(session: OpinionSession): RoomSession {
  let welcomed = false;
  return {
    get doc() {
      return session.doc;
    },
    get record() {
      return session.record;
    },
    get status() {
      welcomed ||= session.welcome !== null;
      return linkOf(session.status, welcomed, navigator.onLine);
    },
    get overHttp() {
      return session.overHttp;
    },
    get ready() {
      return session.ready;
    },
    get scope() {
      return session.scope;
    },
    get sending() {
      return session.pieces;
    },
    get savedAt() {
      return session.savedAt;
    },
    get readOnly() {
      return session.readOnly;
    },
    get saves() {
      return session.saves;
    },
    get identity() {
      return session.identity;
    },
    get party() {
      return session.party;
    },
    get parties() {
      return session.parties;
    },
    get present() {
      return session.present;
    },
    get unsent() {
      return session.unsent.map(pieceOf);
    },
    get seq() {
      return session.seq;
    },
    subscribe: (listener) => {
      const stop = session.subscribe(listener);
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        stop();
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    command: (command) => session.command(command),
    actFor: (party) => session.actFor(party),
    switchScope: (scope) => session.switchScope(scope),
    retryNow: () => session.retryNow(),
    proposeAgain: (id) => session.proposeAgain(id),
    discardUnsent: (id) => session.discardUnsent(id),
  };
}

/**
 * A first attempt is "connecting", every later one "reconnecting"; after a refusal the text is being fetched anew. A browser that
 * knows it has no network says so at once, long before a silent socket is given up.
 */
export function linkOf(status: ConnectionStatus, welcomed: boolean, network: boolean): Link {
  if (!network && status.state !== "closed")
    return { kind: "offline", retryAt: status.state === "offline" ? status.retryAt : null };
  switch (status.state) {
    case "connecting":
      return welcomed ? { kind: "reconnecting", retryAt: null } : { kind: "connecting" };
    case "live":
    case "read-only":
      return { kind: "open" };
    case "refused":
      return { kind: "reconnecting", retryAt: null };
    case "offline":
      return { kind: "offline", retryAt: status.retryAt };
    case "closed":
      return { kind: "closed", reason: CLOSED_WORDS[status.reason] };
  }
}

function pieceOf({ id, words, code, message, at }: OpinionSession["unsent"][number]): Unsent {
  return { id, words: words.text, kind: words.kind, paragraph: words.paragraph, code, message, at: new Date(at).toISOString() };
}
