/** How a paragraph is cited in the room: "*recognizing* b)", "*invites* 1 a)", "Title". Never by its id. */

import type { ParagraphId } from "../model/marks";
import type { ParagraphRecord } from "../model/record";
import { PARAGRAPH_KIND_WORDS } from "../terms";
import type { TextParagraph } from "./text";

export interface Place {
  /** The verb it stands under, as it reads (without comma); empty for title, headings and the like. */
  readonly verb: string;
  /** Its labels from the outside in: "1 a)"; or what it is where it has none. */
  readonly label: string;
}

/** The places of all paragraphs by id. */
export function placesOf(
  paragraphs: readonly TextParagraph[],
  records: ReadonlyMap<ParagraphId, ParagraphRecord>,
): ReadonlyMap<ParagraphId, Place> {
  const places = new Map<ParagraphId, Place>();
  let verb = "";
  let above: string[] = [];
  for (const paragraph of paragraphs) {
    const label = records.get(paragraph.id)?.label ?? "";
    switch (paragraph.kind) {
      case "preambular_verb":
      case "operative_verb":
        verb = settled(paragraph);
        above = [];
        places.set(paragraph.id, { verb, label: "" });
        break;
      case "preambular_item":
      case "operative_item":
        above = label === "" ? [] : [label];
        places.set(paragraph.id, { verb, label });
        break;
      case "sub_item": {
        const depth = Math.max(1, paragraph.level);
        above = [...above.slice(0, depth), label].filter((part) => part !== "");
        places.set(paragraph.id, { verb, label: above.join(" ") });
        break;
      }
      case "heading":
        verb = "";
        above = [];
        places.set(paragraph.id, { verb: "", label: shortened(settled(paragraph), 40) });
        break;
      default:
        places.set(paragraph.id, { verb: "", label: named(paragraph, label) });
    }
  }
  return places;
}

function named(paragraph: TextParagraph, label: string): string {
  const word = PARAGRAPH_KIND_WORDS[paragraph.kind] ?? PARAGRAPH_KIND_WORDS.paragraph;
  return label === "" ? word : `${word} ${label}`;
}

/** In plain letters, for names that a screen reader says and for what is copied. */
export const spoken = ({ verb, label }: Place): string => [verb, label].filter((part) => part !== "").join(" ");

/** A paragraph's words without what is still proposed, and without closing punctuation. */
export function settled(paragraph: TextParagraph): string {
  const all = paragraph.runs.map((run) => run.text).join("");
  const own = paragraph.runs
    .filter((run) => !run.marks.some((key) => key.startsWith("insertion:")))
    .map((run) => run.text)
    .join("");
  return (own || all).replace(/[\s,:;.]+$/u, "").trim();
}

/** At most `most` characters, cut at a word. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most - 1);
  const blank = head.lastIndexOf(" ");
  return `${(blank > most / 2 ? head.slice(0, blank) : head).trimEnd()}…`;
}
