/** The verbs and headings of the text with what is open under each, to see the whole and to go there. */

import type { ParagraphId } from "../model/marks";
import type { ParagraphState } from "../model/record";
import { proposals, STATE_WORDS } from "../terms";
import { pendingByParagraph, type Facts } from "./facts";
import { settled, shortened } from "./places";
import type { PageState } from "./state";
import { usePage } from "./watch";

export interface Section {
  readonly paragraph: ParagraphId;
  readonly words: string;
  readonly kind: "title" | "verb" | "heading";
  /** The paragraphs under it, itself included. */
  readonly members: readonly ParagraphId[];
  readonly pending: number;
  /** The least settled state of what stands under it. */
  readonly state: ParagraphState;
}

const RANK: readonly ParagraphState[] = [
  "base",
  "open",
  "reopened",
  "set_aside",
  "wording_agreed",
  "pending_package",
  "pending_delegation",
  "agreed_in_informals",
  "agreed_ad_referendum",
  "agreed",
];

export function sectionsOf(facts: Facts): Section[] {
  const pending = pendingByParagraph(facts);
  const sections: { paragraph: ParagraphId; words: string; kind: Section["kind"]; members: ParagraphId[] }[] = [];
  for (const paragraph of facts.paragraphs) {
    const kind = sectionKind(paragraph.kind);
    if (kind !== null || sections.length === 0) {
      const words = shortened(settled(paragraph), 48) || "Text";
      sections.push({ paragraph: paragraph.id, words, kind: kind ?? "heading", members: [paragraph.id] });
    } else {
      sections.at(-1)?.members.push(paragraph.id);
    }
  }
  return sections.map((section) => {
    const found = new Set(section.members.flatMap((id) => (pending.get(id) ?? []).map((amendment) => amendment.id)));
    // A verb by itself says nothing; what stands under it does.
    const under = section.members.slice(1);
    const ranks = (under.length > 0 ? under : section.members).map((id) =>
      RANK.indexOf(facts.record.paragraphs.get(id)?.state ?? "base"),
    );
    return { ...section, pending: found.size, state: RANK[Math.min(...ranks)] ?? "base" };
  });
}

function sectionKind(kind: string): Section["kind"] | null {
  if (kind === "preambular_verb" || kind === "operative_verb") return "verb";
  return kind === "title" || kind === "heading" ? kind : null;
}

export function Outline({ page }: { page: PageState }) {
  usePage(page);
  const sections = sectionsOf(page.facts);
  const here = page.choices.paragraph;
  if (sections.length === 0) return <p class="quiet side-empty">The text is still empty. The secretariat brings it in.</p>;
  return (
    <nav aria-label="Outline">
      <ol class="outline">
        {sections.map(({ paragraph, words, kind, members, pending, state }) => (
          <li key={paragraph} class={kind}>
            <a
              href={`#${paragraph}`}
              {...(here !== null && members.includes(here) && { "aria-current": "location" as const })}
              onClick={(event) => {
                event.preventDefault();
                page.goTo(paragraph);
              }}
            >
              <span class={`state-mark ${state}`} title={STATE_WORDS[state]} />
              <span class="words">{words}</span>
              <span class="visually-hidden">{STATE_WORDS[state]}</span>
              {pending > 0 && (
                <span class="number" title={proposals(pending)}>
                  {pending}
                  <span class="visually-hidden"> {pending === 1 ? "proposal" : "proposals"}</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
