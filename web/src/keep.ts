/** Asks the browser to keep this page for a day without a network (see `offline.ts`). */

import type { KeepPage } from "./offline";
import { bringPanels } from "./panels/later";

/** Registers the worker and hands it the page with the files it was made of. Where there are no workers, nothing happens. */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/offline.js");
    const { active } = await navigator.serviceWorker.ready;
    // What else the page may come to need, so that it is kept too: a network that blocks WebSockets may be the next one.
    await Promise.all([bringPanels(), import("./sync/http_socket")]);
    const files = performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name))
      .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/static/build/"))
      .map(({ pathname }) => pathname);
    const asked: KeepPage = { kind: "keep", page: location.pathname, files };
    active?.postMessage(asked);
  } catch {
    // A browser that forbids workers (a private window) still drafts; it only cannot open the page without a network.
  }
}
