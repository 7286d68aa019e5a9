/** The editor's page: reads what the server gave it, opens the session, puts text and panels into their places. */

import "./styles/editor.css";
import { addresses, readBootstrap, type Bootstrap } from "./bootstrap";
import { mountEditor, type EditorHandle } from "./editor/view";
import { follow } from "./panels/events";
import { keepPage } from "./keep";
import { bringPanels } from "./panels/later";
import { layOut, mountPanels, showTrouble } from "./panels/mount";
import { portOf } from "./panels/session_port";
import { isSecretariat } from "./panels/powers";
import { PageState } from "./panels/state";
import { askedWhose } from "./panels/whose";
import { browserSurroundings } from "./sync/connection";
import { browserLocks, processLocks } from "./sync/lease";
import { OpinionSession } from "./sync/session";
import { browserStore, memoryStore, type Store } from "./sync/store";
import { hintWords, VIEW_WORDS } from "./terms";

async function open(): Promise<void> {
  const bootstrap = readBootstrap(document);
  const places = layOut(document);
  const session = await sessionOf(bootstrap);
  // The secretariat first says for whom it types; until then its keys change nothing.
  if (isSecretariat(bootstrap.member)) session.actFor("");
  const page = new PageState(bootstrap, portOf(session), location.href);
  // Whose page opens with one of the panels that come later sees it together with the text.
  const panels = page.choices.side === "outline" ? null : bringPanels().catch(() => {});
  await session.start();
  await readyToShow(session);
  await panels;
  page.editor = edit(places.editor, session, page);
  follow(session, page);
  mountPanels(page, document);
  if (!bootstrap.shared && !bootstrap.group) void keepPage();
  // A paragraph's place, or an amendment's, as the list of square brackets links to it.
  const meant = decodeURIComponent(location.hash.slice(1));
  if (meant && !page.editor.revealParagraph(meant) && page.facts.record.amendments.has(meant)) page.select(meant, { scroll: true });
}

async function sessionOf({ opinion, member, shared, group }: Bootstrap): Promise<OpinionSession> {
  const { socket, check } = addresses(opinion.id);
  const url = new URL(socket, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new OpinionSession({
    // Each group's unsent words are kept apart.
    opinion: group ? `${opinion.id}/${group.code}` : opinion.id,
    group: group?.code,
    member: member.id,
    url: url.href,
    scope: member.delegation === "" && !group ? "opinion" : "workspace",
    party: group?.party ?? member.delegation,
    store: shared ? memoryStore() : await keptStore(),
    locks: "locks" in navigator ? browserLocks() : processLocks(),
    surroundings: browserSurroundings(),
    freezeChecked: ({ version, fingerprint }) => {
      const body = JSON.stringify({ fingerprint });
      // A check that does not arrive is missing from the version's page, which says how many there were.
      void fetch(check(version), { method: "POST", body, headers: { "content-type": "application/json" } }).catch(() => {});
    },
  });
}

/** What is not sent yet outlives the page where the browser keeps anything at all. */
async function keptStore(): Promise<Store> {
  try {
    return await browserStore();
  } catch {
    return memoryStore();
  }
}

/** Resolves once there is a text: kept from the last visit, or come over the socket. */
function readyToShow(session: OpinionSession): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { status } = session;
      if (!session.ready && status.state !== "closed") return;
      stop();
      if (session.ready) resolve();
      else reject(new Error(status.state === "closed" ? status.reason : ""));
    };
    const stop = session.subscribe(look);
    look();
  });
}

function edit(element: HTMLElement, session: OpinionSession, page: PageState): EditorHandle {
  return mountEditor(element, session, {
    label: `${page.bootstrap.opinion.name}, ${VIEW_WORDS.marked.toLowerCase()}`,
    regionOf: (code) => page.party(code).region,
    tell: (hint) => page.tell({ tone: "plain", text: hintWords(hint) }),
    moved: (caret) => page.caretMoved(caret),
    visited: (visit) => page.visited(visit),
    asked: () => void askedWhose(page),
  });
}

open().catch((error: unknown) => showTrouble(document, error));
