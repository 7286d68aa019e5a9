/** The list of square brackets: everything that is not agreed, with whose it is. The same list stands before a freeze. */

import { openBrackets } from "../terms";
import type { OpenBracket } from "./brackets";
import { Code } from "./party";
import { shortened, spoken } from "./places";
import type { PageState } from "./state";
import { usePage } from "./watch";

const KIND: Readonly<Record<OpenBracket["kind"], string>> = {
  bracket: "bracketed",
  insertion: "to add",
  deletion: "to delete",
  paragraph: "whole paragraph",
  placeholder: "placeholder",
};

export function BracketList({ page }: { page: PageState }) {
  usePage(page);
  const { brackets } = page.facts;
  if (brackets.length === 0)
    return <p class="side-empty quiet">No open brackets. Every word before the meeting is agreed or base text.</p>;
  return (
    <>
      <p class="small quiet side-count">{openBrackets(brackets.length)}</p>
      <BracketRows page={page} />
    </>
  );
}

export function BracketRows({ page }: { page: PageState }) {
  const { brackets, record, places } = page.facts;
  return (
    <ol class="bracket-rows">
      {brackets.map((bracket, number) => {
        const amendment = record.amendments.get(bracket.amendment);
        const place = places.get(bracket.paragraph);
        if (!amendment) return null;
        return (
          <li key={`${bracket.amendment} ${bracket.kind} ${number}`}>
            <button
              type="button"
              class="row"
              aria-current={page.choices.selected === amendment.id}
              onClick={() => page.select(amendment.id, { scroll: true })}
            >
              <span class="row-head">
                <Code page={page} code={amendment.delegation} />
                <span class="number">#{amendment.number}</span>
                <span class="where">{place ? spoken(place) : ""}</span>
              </span>
              <span class="row-words">
                <b class="glyph">[</b>
                {shortened(bracket.words.trim(), 90)}
                <b class="glyph">]</b> <span class="quiet">{KIND[bracket.kind]}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
