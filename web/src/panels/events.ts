/** What the session tells in passing, put into words: frozen, live drafting, words offered again, nothing kept by this browser. */

import type { Notice } from "../sync/protocol";
import type { OpinionSession } from "../sync/session";
import { FROZEN, LIVE, recoveredWords, UNKEPT } from "../terms";
import type { PageState } from "./state";

export function follow(session: OpinionSession, page: PageState): void {
  session.on("notice", (notice) => told(notice, page));
  session.on("recovered", ({ again, unsent }) => {
    const show = { label: "Show", run: () => page.choose({ dialog: { name: "unsent" } }) };
    page.tell({
      tone: unsent > 0 ? "refused" : "plain",
      text: recoveredWords(again, unsent),
      ...(unsent > 0 && { action: show }),
    });
  });
  let troubled = false;
  session.on("trouble", () => {
    if (!troubled) page.tell({ tone: "refused", text: UNKEPT });
    troubled = true;
  });
  // Nobody is asked whether to leave unless something would be lost by it.
  addEventListener("beforeunload", (event) => {
    if (session.sending > 0) event.preventDefault();
  });
  forgetAtSignOut(session);
}

function told(notice: Notice, page: PageState): void {
  switch (notice.kind) {
    case "frozen": {
      page.frozen(notice);
      const open = { label: FROZEN.open, run: () => location.assign(page.addresses.version(notice.version)) };
      page.tell({
        tone: "frozen",
        text: FROZEN.told(notice.label),
        detail: FROZEN.fingerprint(notice.fingerprint),
        action: open,
      });
      break;
    }
    case "live_drafting":
      if (page.who.delegation !== "") page.tell({ tone: "plain", text: notice.on ? LIVE.opened : LIVE.ended });
      break;
    case "closed":
      page.tell({ tone: "frozen", text: notice.reason });
      break;
    default:
      break;
  }
}

/** Signing out takes what this browser kept of the person away; words not sent yet are asked about first. */
function forgetAtSignOut(session: OpinionSession): void {
  const form = document.querySelector<HTMLFormElement>('form[action="/sign-out"]');
  form?.addEventListener("submit", (event) => {
    if (session.unsent.length + session.sending > 0 && !confirm("Words of yours are not sent yet. Signing out discards them.")) {
      event.preventDefault();
      return;
    }
    event.preventDefault();
    void session.wipe().finally(() => form.submit());
  });
}
