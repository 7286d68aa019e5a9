/** The export dialog. What is exported is what the screen shows: the server renders both with the same functions. */

import { useState } from "preact/hooks";
import { draftName, PANELS, VIEW_WORDS, type ViewName } from "../terms";
import { Dialog } from "./dialog";
import { withItalics } from "./italics";
import type { PageState } from "./state";

const FORMATS = {
  pdf: "PDF",
  docx: "Word (DOCX)",
  html: "Web page (HTML)",
  txt: "Plain text (TXT)",
  json: "Data (JSON)",
  akn: "Akoma Ntoso (XML)",
} as const;
type Format = keyof typeof FORMATS;
/** Settings of the switch of names (server/SPEC.md, AV1) that make a difference in such a file. */
const NAMES = { all: "Delegations are named", none: "No names" } as const;
type Names = keyof typeof NAMES;
const NO_NAMES = "Files of this text hold no names of delegations: so it is set.";

/** Why clean text cannot be exported as it is, as the server lists it (409). */
export interface Obstacle {
  /** Where and what, in a line. */
  readonly message: string;
}

export function ExportDialog({ page }: { page: PageState }) {
  const { versions } = page;
  const [version, setVersion] = useState("");
  const [view, setView] = useState<ViewName>("rolling");
  const [format, setFormat] = useState<Format>("docx");
  const [names, setNames] = useState<Names>("all");
  const [obstacles, setObstacles] = useState<readonly Obstacle[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  const chosen = versions.find(({ number }) => String(number) === version);
  const named = chosen?.namedFiles ?? page.bootstrap.process.namedFiles ?? true;

  const download = async (marked: boolean): Promise<void> => {
    setBusy(true);
    setProblem("");
    const fields = {
      ...(version !== "" && { version }),
      view,
      format,
      ...(named && names === "none" && { names }),
      ...(marked && { mark_not_agreed: "1" }),
    };
    try {
      const answer = await fetch(page.addresses.exported(fields), { headers: { accept: "*/*" } });
      if (answer.status === 409) setObstacles(obstaclesOf(await answer.json()));
      else if (!answer.ok) setProblem((await answer.text()).slice(0, 300) || `The server answered ${answer.status}.`);
      else {
        await save(answer);
        page.choose({ dialog: null });
      }
    } catch {
      setProblem("There is no connection to the server just now. Try again.");
    } finally {
      setBusy(false);
    }
  };
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      setObstacles(null);
    };

  return (
    <Dialog title={PANELS.exporting} close={() => page.choose({ dialog: null })}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void download(false);
        }}
      >
        <label class="small-field">
          Text
          <select value={version} onChange={(event) => changed(setVersion)(event.currentTarget.value)}>
            <option value="">{draftName(page.facts.record.opinion.draft)} as it stands now</option>
            {[...versions].reverse().map(({ number, label }) => (
              <option key={number} value={String(number)}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <Choice legend="View" name="view" words={VIEW_WORDS} value={view} choose={changed(setView)} />
        <Choice legend="Format" name="format" words={FORMATS} value={format} choose={setFormat} />
        {named ? (
          <Choice legend="Names" name="names" words={NAMES} value={names} choose={setNames} />
        ) : (
          <p class="hint">{NO_NAMES}</p>
        )}
        {obstacles && <Obstacles obstacles={obstacles} />}
        {problem !== "" && (
          <p class="note danger" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          {obstacles ? (
            <button type="button" class="primary" disabled={busy} onClick={() => void download(true)}>
              Export, marked on every page
            </button>
          ) : (
            <button type="submit" class="primary" disabled={busy}>
              {busy ? "Preparing" : "Download"}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly name: string;
  readonly words: Readonly<Record<T, string>>;
  readonly value: T;
  readonly choose: (value: T) => void;
}

function Choice<T extends string>({ legend, name, words, value, choose }: ChoiceProps<T>) {
  return (
    <fieldset class="radio-row">
      <legend>{legend}</legend>
      {(Object.keys(words) as T[]).map((key) => (
        <label key={key}>
          <input type="radio" name={name} value={key} checked={value === key} onChange={() => choose(key)} />
          {words[key]}
        </label>
      ))}
    </fieldset>
  );
}

function Obstacles({ obstacles }: { obstacles: readonly Obstacle[] }) {
  return (
    <div class="note warn" role="alert">
      <p>
        <b>This text is not clean.</b> It holds words nobody agreed to yet. It can be exported if every page says so.
      </p>
      <ul class="obstacles">
        {obstacles.map(({ message }, number) => (
          <li key={number}>{withItalics(message)}</li>
        ))}
      </ul>
    </div>
  );
}

/** The server's list, whatever the envelope. */
function obstaclesOf(answer: unknown): Obstacle[] {
  const rows = Array.isArray(answer) ? answer : ((answer as { obstacles?: unknown }).obstacles ?? []);
  if (!Array.isArray(rows)) return [];
  return rows.map(({ message }: Partial<Obstacle>) => ({ message: message ?? "" }));
}

async function save(answer: Response): Promise<void> {
  const named = /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(answer.headers.get("content-disposition") ?? "");
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = decodeURIComponent(named?.[1] ?? "draft-opinion");
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
