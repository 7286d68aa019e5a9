/**
 * The service worker: the editor's page opens again without a network, so that unsent words are never out of reach.
 *
 * Kept are the files of the bundle (their names carry a hash: they never change) and the last page of each draft Opinion, which the
 * network replaces whenever it can. Signing in or out forgets the pages; words are not kept here but in the outbox.
 */

/** What the page asks of the worker once it is open: to keep it, with the files it was made of. */
export interface KeepPage {
  readonly kind: "keep";
  readonly page: string;
  readonly files: readonly string[];
}

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface WorkerScope extends EventTarget {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

const PAGES = "pages";
const FILES = "files";
/** Files kept at most: a build has some twenty, so this holds several builds, and old ones go. */
const MOST_FILES = 120;
/** How long a slow network is waited for before the kept page is shown. */
const PATIENCE_MS = 4_000;

const OPINION = /^\/opinions\/[^/]+$/;
const worker = self as unknown as WorkerScope;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => (event as WorkerEvent).waitUntil(worker.clients.claim()));

worker.addEventListener("message", (event) => {
  const asked: unknown = (event as MessageEvent).data;
  if (isKeep(asked)) (event as unknown as WorkerEvent).waitUntil(keep(asked));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event as FetchEvent;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && /^\/(sign-|demo)/.test(pathname)) {
    (event as FetchEvent).waitUntil(caches.delete(PAGES));
  } else if (request.method === "GET" && pathname.startsWith("/static/build/")) {
    (event as FetchEvent).respondWith(file(request));
  } else if (request.mode === "navigate" && OPINION.test(pathname)) {
    (event as FetchEvent).respondWith(page(request, pathname));
  }
});

async function keep({ page: path, files }: KeepPage): Promise<void> {
  const store = await caches.open(FILES);
  for (const name of files) if (!(await store.match(name))) await store.add(name);
  const names = await store.keys();
  for (const old of names.slice(0, Math.max(0, names.length - MOST_FILES))) await store.delete(old);
  if (OPINION.test(path)) await remember(path, await fetch(path, { credentials: "same-origin" }));
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request: Request, path: string): Promise<Response> {
  const kept = await (await caches.open(PAGES)).match(path);
  const fresh = fetch(request).then(async (answer) => {
    await remember(path, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([fresh.catch(() => kept), late]);
}

/** Only the page itself is kept: a redirect to the sign-in, or a refusal, is not what one wants to come back to. */
async function remember(path: string, answer: Response): Promise<void> {
  if (answer.ok && !answer.redirected) await (await caches.open(PAGES)).put(path, answer);
}

function isKeep(value: unknown): value is KeepPage {
  if (typeof value !== "object" || value === null) return false;
  const { kind, page: path, files } = value as Record<string, unknown>;
  return kind === "keep" && typeof path === "string" && Array.isArray(files);
}
