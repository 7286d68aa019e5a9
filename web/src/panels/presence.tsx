/** Who is in the room. It is no attendance: a list of open pages says nothing of who takes part in a decision (design I9). */

import { useRef } from "preact/hooks";
import { delegationsCount, ROLE_WORDS } from "../terms";
import { spoken } from "./places";
import { Code } from "./party";
import type { Present } from "./ports";
import type { PageState } from "./state";
import { useChanges } from "./watch";

/** One person with several pages open is one person. */
export function people(present: readonly Present[]): Present[] {
  const found = new Map<string, Present>();
  for (const one of present) {
    const key = `${one.name}/${one.delegation}/${one.role}`;
    const known = found.get(key);
    if (!known || (known.paragraph === "" && one.paragraph !== ""))
      found.set(key, { ...one, self: one.self || (known?.self ?? false) });
    else if (one.self) found.set(key, { ...known, self: true });
  }
  return [...found.values()].sort(
    (a, b) => Number(b.self) - Number(a.self) || a.delegation.localeCompare(b.delegation) || a.name.localeCompare(b.name),
  );
}

export function Presence({ page }: { page: PageState }) {
  useChanges(page);
  const list = useRef<HTMLDivElement>(null);
  const here = people(page.session.present);
  // Its room is kept: what stands beside it must not move under a hand when the connection goes.
  if (here.length === 0) return <div class="presence" />;
  const delegations = new Set(here.map(({ delegation }) => delegation).filter((code) => code !== "")).size;
  const words = `${here.length} here${delegations > 0 ? `: ${delegationsCount(delegations)}` : ""}`;
  return (
    <div class="presence">
      <button
        type="button"
        class="quiet-button"
        popovertarget="presence-list"
        onClick={(event) => below(event.currentTarget, list.current)}
      >
        {words}
      </button>
      <div ref={list} id="presence-list" class="panel-popover" popover="auto" role="group" aria-label="Who is here">
        <ul>
          {here.map((one) => (
            <PersonHere key={one.peer} page={page} person={one} />
          ))}
        </ul>
        <p class="small quiet">Open pages, not attendance.</p>
      </div>
    </div>
  );
}

/** Puts the list under its button, inside the window. */
function below(button: HTMLElement, list: HTMLElement | null): void {
  const { bottom, right } = button.getBoundingClientRect();
  if (!list) return;
  list.style.top = `${Math.round(bottom + 4)}px`;
  list.style.right = `${Math.round(Math.max(8, Math.min(innerWidth - right, innerWidth - 336)))}px`;
}

function PersonHere({ page, person }: { page: PageState; person: Present }) {
  const place = page.facts.places.get(person.paragraph);
  return (
    <li>
      {person.delegation === "" ? (
        <Code page={page} code={partyOfRole(person.role)} />
      ) : (
        <Code page={page} code={person.delegation} />
      )}
      <span>
        <bdi>{person.name}</bdi>
        {person.self && " (you)"}
        <span class="small quiet">{person.delegation === "" ? ROLE_WORDS[person.role] : page.party(person.delegation).name}</span>
      </span>
      {place && person.paragraph !== "" && !person.self && (
        <button type="button" class="plain small" onClick={() => page.goTo(person.paragraph)}>
          {spoken(place)}
        </button>
      )}
    </li>
  );
}

const partyOfRole = (role: string): string =>
  role === "secretariat" ? "SEC" : role === "chair" || role === "acting_chair" ? "CHR" : "";
