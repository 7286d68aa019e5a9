/** The head of the page: which text, which draft, what is open, how it is shown, and whether words are safe. */

import { draftName, LIVE, openBrackets, PANELS, VIEW_WORDS, type ViewName } from "../terms";
import { Connection } from "./connection";
import { Presence } from "./presence";
import type { PageState } from "./state";
import { usePage } from "./watch";

export function Header({ page }: { page: PageState }) {
  usePage(page);
  const { opinion } = page.bootstrap;
  const { record, brackets } = page.facts;
  const { liveDrafting, closed, draft } = record.opinion;
  return (
    <>
      <div class="head-title">
        <h1>
          {opinion.name}
          <span>{opinion.theme || opinion.title}</span>
        </h1>
        <p class="head-facts">
          <span>{draftName(draft)}</span>
          <button type="button" class={brackets.length > 0 ? "open-count" : "open-count none"} onClick={() => showBrackets(page)}>
            {openBrackets(brackets.length)}
          </button>
          {liveDrafting && <span class="tag warn">{LIVE.badge}</span>}
          {closed && <span class="tag frozen">Closed</span>}
          {!record.opinion.observersAdmitted && <span class="tag">Closed to observers</span>}
        </p>
      </div>
      <ViewSwitch page={page} />
      <div class="head-state">
        <Connection page={page} />
        <Presence page={page} />
      </div>
      <div class="head-acts">
        <button type="button" onClick={() => page.choose({ dialog: { name: "export" } })}>
          {PANELS.exporting}
        </button>
        <button type="button" aria-keyshortcuts="F1" onClick={() => page.choose({ dialog: { name: "help" } })}>
          Help
        </button>
      </div>
    </>
  );
}

function showBrackets(page: PageState): void {
  page.choose({ side: "brackets", drawer: true });
}

const VIEWS: readonly ViewName[] = ["clean", "rolling", "marked"];

/** F4 goes through the three views; the buttons say which one is shown. */
export const nextView = (view: ViewName): ViewName => VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length] ?? "marked";

function ViewSwitch({ page }: { page: PageState }) {
  return (
    <div class="view-switch" role="group" aria-label="How the text is shown">
      {VIEWS.map((view) => (
        <button
          key={view}
          type="button"
          aria-pressed={page.choices.view === view}
          aria-keyshortcuts="F4"
          onClick={() => page.choose({ view })}
        >
          {VIEW_WORDS[view]}
        </button>
      ))}
    </div>
  );
}
