/** Whose proposals are shown. What is hidden is always said: "4 of 46 shown". */

import { PANELS, REGION_WORDS, shownOf } from "../terms";
import { EVERYTHING, ticked } from "./filter";
import { Code } from "./party";
import type { PageState } from "./state";
import { usePage } from "./watch";

export function DelegationFilter({ page }: { page: PageState }) {
  usePage(page);
  const { filter } = page.choices;
  const counts = new Map<string, number>();
  for (const { delegation } of page.pending) counts.set(delegation, (counts.get(delegation) ?? 0) + 1);
  const codes = [...counts.keys()].sort();
  if (codes.length === 0) return null;
  const own = page.who.delegation;
  const everything = filter.delegations === null && !filter.mine;
  return (
    <section class="delegations" aria-labelledby="delegations-head">
      <h2 id="delegations-head">{PANELS.delegations}</h2>
      <p class="small quiet" role="status" aria-live="off">
        <span>{shownOf(page.shown.length, page.pending.length)}</span>
        {!everything && (
          <button type="button" class="plain small" onClick={() => page.setFilter(EVERYTHING)}>
            Show all
          </button>
        )}
      </p>
      {own !== "" && (
        <label class="tick mine">
          <input
            type="checkbox"
            checked={filter.mine}
            onChange={(event) => page.setFilter({ ...filter, mine: event.currentTarget.checked })}
          />
          <span class="words">Only mine ({own})</span>
        </label>
      )}
      <ul>
        {codes.map((code) => {
          const party = page.party(code);
          return (
            <li key={code}>
              <label class="tick" title={`${party.name}, ${REGION_WORDS[party.region] ?? ""}`}>
                <input
                  type="checkbox"
                  checked={filter.delegations === null || filter.delegations.has(code)}
                  onChange={(event) => page.setFilter(ticked(filter, code, event.currentTarget.checked, codes))}
                />
                <Code page={page} code={code} />
                <span class="words">{party.name}</span>
                <span class="number">{counts.get(code)}</span>
              </label>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
