/** The secretariat's forms: insert a paragraph, change what one is, put an editorial slip right, retitle. */

import { useState } from "preact/hooks";
import { mintParagraphId } from "../model/ids";
import type { Command } from "../model/commands";
import type { Kind } from "../model/record";
import { ACTS, PARAGRAPH_KIND_WORDS } from "../terms";
import { Dialog } from "./dialog";
import { spoken } from "./places";
import type { DialogName, PageState } from "./state";
import { codePoints, wordsOf } from "./text";

type StructureDialog = Extract<DialogName, { readonly name: "insert" | "retype" | "correct" }>;
const KINDS = Object.keys(PARAGRAPH_KIND_WORDS) as Kind[];

export function StructureForm({ page, asked }: { page: PageState; asked: StructureDialog }) {
  const paragraph = page.facts.paragraphs[page.facts.order.get(asked.paragraph) ?? -1];
  const place = page.facts.places.get(asked.paragraph);
  const all = paragraph ? wordsOf(paragraph) : "";
  const whole = asked.from === asked.to;
  const start = whole ? 0 : asked.from;
  const end = whole ? all.length : asked.to;
  const was = all.slice(start, end);
  const [kind, setKind] = useState<Kind>(paragraph?.kind ?? "paragraph");
  const [level, setLevel] = useState(paragraph?.level ?? 0);
  const [text, setText] = useState(asked.name === "correct" ? was : "");
  const [note, setNote] = useState("");
  if (!paragraph || !place) return null;
  const close = (): void => page.choose({ dialog: null });

  const command = (): Command => {
    const { id } = paragraph;
    switch (asked.name) {
      case "insert":
        return { act: "insert_paragraph", paragraph: mintParagraphId(), after: id, kind, level, text: text.trim() };
      case "retype":
        return { act: "retype_paragraph", paragraph: id, kind, level };
      case "correct":
        return { act: "correct_text", paragraph: id, start: codePoints(all, start), end: codePoints(all, end), was, text, note };
    }
  };
  const title = asked.name === "correct" && paragraph.kind === "title" ? ACTS.retitle : ACTS[asked.name];
  return (
    <Dialog title={title} close={close}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void page.run(command()).then((done) => {
            if (done) close();
          });
        }}
      >
        <p class="quiet">{asked.name === "insert" ? `Stands after ${spoken(place)}, as base text.` : spoken(place)}</p>
        {asked.name !== "correct" && <KindFields kind={kind} level={level} setKind={setKind} setLevel={setLevel} />}
        {asked.name === "correct" && !whole && (
          <p class="small">
            <span class="quiet">Reads now:</span> <bdi>{was}</bdi>
          </p>
        )}
        {asked.name !== "retype" && (
          <label class="small-field">
            {asked.name === "insert" ? "Text" : "Shall read"}
            <textarea
              rows={5}
              dir="auto"
              maxLength={20000}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              required
            />
          </label>
        )}
        {asked.name === "correct" && (
          <>
            <label class="small-field">
              Note for the record (may stay empty)
              <input type="text" maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
            </label>
            <p class="small quiet">
              An editorial correction changes no meaning. It goes on record under the secretariat, with the old words.
            </p>
          </>
        )}
        <div class="actions">
          <button type="submit" class="primary" disabled={!page.stage.connected || (asked.name === "correct" && text === was)}>
            {title}
          </button>
          <button type="button" onClick={close}>
            {ACTS.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface KindProps {
  readonly kind: Kind;
  readonly level: number;
  readonly setKind: (kind: Kind) => void;
  readonly setLevel: (level: number) => void;
}

function KindFields({ kind, level, setKind, setLevel }: KindProps) {
  return (
    <div class="field-row">
      <label class="small-field">
        Kind
        <select
          value={kind}
          onChange={(event) => {
            const chosen = event.currentTarget.value as Kind;
            setKind(chosen);
            setLevel(chosen === "sub_item" ? Math.max(1, level) : 0);
          }}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {PARAGRAPH_KIND_WORDS[one]}
            </option>
          ))}
        </select>
      </label>
      {kind === "sub_item" && (
        <label class="small-field">
          Level
          <select value={String(level)} onChange={(event) => setLevel(Number(event.currentTarget.value))}>
            <option value="1">a)</option>
            <option value="2">i)</option>
            <option value="3">third</option>
          </select>
        </label>
      )}
    </div>
  );
}
