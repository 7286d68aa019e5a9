/** What an amendment does, in the text's own face: struck words struck, written words underlined, bracketed words in brackets. */

import type { Edit } from "./changes";
import { shortened } from "./places";

export function EditWords({ edits, most = 400 }: { edits: readonly Edit[]; most?: number }) {
  const each = Math.max(40, Math.floor(most / Math.max(1, edits.length)));
  return (
    <span class="edit-words">
      {edits.slice(0, MOST_EDITS).map((edit, place) => (
        <span key={place} class="edit">
          <OneEdit edit={edit} most={each} />
        </span>
      ))}
      {edits.length > MOST_EDITS && <span class="quiet"> and {edits.length - MOST_EDITS} more</span>}
    </span>
  );
}

const MOST_EDITS = 4;

function OneEdit({ edit, most }: { edit: Edit; most: number }) {
  const { struck, written, bracketed, after } = edit;
  if (bracketed !== "") {
    return (
      <>
        <b class="glyph">[</b>
        {shortened(bracketed.trim(), most)}
        <b class="glyph">]</b>
      </>
    );
  }
  return (
    <>
      {struck === "" && after !== "" && (
        <span class="quiet">
          {lastWords(after)}
          {JOINS.test(written) ? "" : " "}
        </span>
      )}
      {struck !== "" && <del>{shortened(struck.trim(), most)}</del>}
      {struck !== "" && written !== "" && " "}
      {written !== "" && <ins>{shortened(written.trim(), most)}</ins>}
    </>
  );
}

/** The last words of a context, whole ones. */
function lastWords(text: string): string {
  if (text.length <= CONTEXT) return text;
  const tail = text.slice(-CONTEXT);
  const blank = tail.indexOf(" ");
  return `…${blank >= 0 && blank < CONTEXT - 4 ? tail.slice(blank) : tail}`;
}

const CONTEXT = 18;
/** Words that begin with these follow without a blank. */
const JOINS = /^[,;:.)\]]/;
