/** What the page tells in passing, at its foot: done, refused and why, frozen. Refusals stay until they are closed. */

import { useEffect } from "preact/hooks";
import { ACTS } from "../terms";
import { withItalics } from "./italics";
import type { PageState, Told } from "./state";
import { useChanges } from "./watch";

const STAYS_MS = 9000;

export function ToldList({ page }: { page: PageState }) {
  useChanges(page);
  return (
    <>
      <p class="visually-hidden" role="status">
        {page.choices.said}
      </p>
      <div class="told-list" role="status" aria-live="polite">
        {page.choices.told.map((told) => (
          <Line key={told.id} page={page} told={told} />
        ))}
      </div>
    </>
  );
}

function Line({ page, told }: { page: PageState; told: Told }) {
  useEffect(() => {
    if (told.tone !== "plain") return;
    const timer = setTimeout(() => page.forget(told.id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [page, told]);
  return (
    <div class={`told ${told.tone}`}>
      <div class="told-words">
        <p {...(told.tone === "plain" && { title: told.text })}>
          {withItalics(told.text)}
          {told.detail !== undefined && <span class="small"> {withItalics(told.detail)}</span>}
        </p>
        {told.more && (
          <details class="small">
            <summary>{told.more.summary}</summary>
            <code>{told.more.text}</code>
          </details>
        )}
      </div>
      {told.action && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            told.action?.run();
            page.forget(told.id);
          }}
        >
          {told.action.label}
        </button>
      )}
      <button type="button" class="plain" aria-label={`${ACTS.close}: ${told.text}`} onClick={() => page.forget(told.id)}>
        {ACTS.close}
      </button>
    </div>
  );
}
