/** The words of an amendment as this screen shows them, in 16 hexadecimal digits. Twin of `words_digest` in `opinions/decisions.py`. */

import type { AmendmentId } from "../model/marks";
import type { Amendment, RecordView } from "../model/record";
import type { TextParagraph } from "./text";

/** What is hashed: a line per paragraph that bears the amendment, then the words inserted, struck and bracketed there. */
export function digestLines(paragraphs: readonly TextParagraph[], amendment: Amendment): string[] {
  const lines: string[] = [];
  for (const paragraph of paragraphs) {
    const under = (kind: string): string =>
      paragraph.runs
        .filter((run) => run.marks.includes(`${kind}:${amendment.id}`))
        .map((run) => run.text)
        .join("");
    if (amendment.kind === "SUP" && paragraph.id === amendment.paragraph) {
      lines.push(`# ${paragraph.id}`, `-${paragraph.runs.map((run) => run.text).join("")}`);
      continue;
    }
    const [inserted, struck, bracketed] = [under("insertion"), under("deletion"), under("bracket")];
    if (inserted === "" && struck === "" && bracketed === "" && paragraph.added !== amendment.id) continue;
    lines.push(`# ${paragraph.id}`);
    if (inserted !== "") lines.push(`+${inserted}`);
    if (struck !== "") lines.push(`-${struck}`);
    if (bracketed !== "") lines.push(`[${bracketed}`);
  }
  return lines;
}

/** Empty where the page has no cryptography (plain http to another machine): nothing but the revision is compared then. */
export async function wordsDigest(paragraphs: readonly TextParagraph[], amendment: Amendment): Promise<string> {
  return digest(digestLines(paragraphs, amendment));
}

/** The words that a draft strikes, likewise: what Submit may take out. Twin of `struck_digest` in `opinions/amendments.py`. */
export async function struckDigest(paragraphs: readonly TextParagraph[], record: RecordView, draft: AmendmentId): Promise<string> {
  return digest(struckLines(paragraphs, record, draft));
}

/** What is hashed: per paragraph the words struck by the draft; in a paragraph that it adds, those that any draft strikes. */
function struckLines(paragraphs: readonly TextParagraph[], { amendments }: RecordView, draft: AmendmentId): string[] {
  const isDraft = (id: string): boolean => amendments.get(id)?.status === "draft";
  return paragraphs.flatMap((paragraph) => {
    const strikes = (mark: string): boolean => {
      const [kind, id = ""] = mark.split(":");
      return kind === "deletion" && (id === draft || (paragraph.added === draft && isDraft(id)));
    };
    const struck = paragraph.runs.filter((run) => run.marks.some(strikes)).map((run) => run.text);
    return struck.length > 0 ? [`# ${paragraph.id}`, `-${struck.join("")}`] : [];
  });
}

async function digest(lines: readonly string[]): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined;
  if (!subtle) return "";
  const bytes = new TextEncoder().encode(lines.join("\n"));
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
