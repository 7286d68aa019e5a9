/**
 * Agreed text only, and text with square brackets: the server's own rendering, so that screen and export are one function (design I8).
 *
 * The fragment is the server's, from our own origin, with every typed character escaped by `server/html_view.py`; nothing else on this
 * page is put in as HTML.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { VIEW_WORDS } from "../terms";
import type { PageState } from "./state";
import { usePage } from "./watch";

const REFRESH_MS = 300;

export function Shown({ page, view }: { page: PageState; view: "clean" | "rolling" }) {
  usePage(page);
  const text = useRef<HTMLDivElement>(null);
  const shown = useRef("");
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const { facts } = page;
  const { kind } = page.session.status;
  useEffect(() => {
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const answer = await fetch(page.addresses.view(view), { signal: abort.signal, headers: { accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const html = await answer.text();
        if (text.current && shown.current !== html) {
          text.current.innerHTML = shown.current = html;
        }
        setState("shown");
      } catch {
        if (!abort.signal.aborted) setState("failed");
      }
    };
    const timer = setTimeout(() => void load(), state === "loading" ? 0 : REFRESH_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [facts, view, kind]);
  return (
    <section aria-label={VIEW_WORDS[view]} aria-busy={state === "loading"}>
      {state === "failed" && (
        <p class="note warn" role="status">
          This view comes from the server, which cannot be reached just now. It will be brought up to date by itself.
        </p>
      )}
      {state === "loading" && <p class="quiet loading">Bringing the text</p>}
      <div ref={text} class="opinion-text" lang="en" />
    </section>
  );
}
