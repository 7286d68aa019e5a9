/** Delegations at one text without a server: each has a document and an editor; updates travel when a test says so. */

import { TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import type { Authority, Standing } from "../../src/editor/authority";
import { attrsOf, runsOfParagraph } from "../../src/editor/schema";
import { elementOf, paragraphsOf, runsOf, textRoot } from "../../src/model/shared_text";
import { TextEditor } from "../../src/editor/text_editor";
import type { Hint } from "../../src/editor/typing";
import type { Run } from "../../src/model/marks";

export interface SeedParagraph {
  readonly id: string;
  readonly kind?: string;
  readonly level?: number;
  readonly added?: string;
  readonly runs: readonly Run[];
}

export const run = (text: string, ...marks: string[]): Run => ({ text, marks: [...marks].sort() });
export const paragraph = (id: string, ...runs: (string | Run)[]): SeedParagraph => ({
  id,
  runs: runs.map((part) => (typeof part === "string" ? run(part) : part)),
});

/** The bytes of a document that the server wrote. */
export function seeded(paragraphs: readonly SeedParagraph[]): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 1;
  textRoot(doc).insert(
    0,
    paragraphs.map(({ id, kind = "paragraph", level = 0, added = null, runs }) => elementOf({ id, kind, level, added }, runs)),
  );
  return Y.encodeStateAsUpdate(doc);
}

/** Standings by the spelling of ids: `a-<party>-...` belongs to that party. */
export class Party implements Authority {
  readonly code: string;
  mayType = true;
  readonly fixed = new Set<string>();
  private minted = 0;

  constructor(code: string) {
    this.code = code;
  }

  standing(id: string): Standing {
    if (!id.startsWith(`a-${this.code}-`)) return "foreign";
    return this.fixed.has(id) ? "fixed" : "editable";
  }

  mint(): string {
    return `a-${this.code}-${++this.minted}`;
  }
}

export class Delegate {
  readonly doc = new Y.Doc();
  readonly party: Party;
  readonly editor: TextEditor;
  readonly hints: Hint[] = [];
  /** Own updates, in order, as the document gave them out. */
  readonly sent: Uint8Array[] = [];

  constructor(code: string, client: number, seed: Uint8Array) {
    this.party = new Party(code);
    this.doc.clientID = client;
    this.doc.on("afterTransaction", (transaction: Y.Transaction) => {
      transaction._needFormattingCleanup = false;
    });
    Y.applyUpdate(this.doc, seed, "remote");
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") this.sent.push(update);
    });
    this.editor = new TextEditor(this.doc, this.party, { tell: (hint) => this.hints.push(hint) });
  }

  /** Puts the selection between two offsets of a paragraph. */
  select(id: string, from: number, to = from): this {
    const start = this.startOf(id);
    return this.selectAt(start + from, start + to);
  }

  selectAt(from: number, to = from): this {
    const { tr, doc } = this.editor.state;
    this.editor.dispatch(tr.setSelection(TextSelection.create(doc, from, to)));
    return this;
  }

  type(text: string): this {
    for (const character of text) this.editor.run(this.editor.typing.text(character));
    return this;
  }

  backspace(times = 1): this {
    for (let left = times; left > 0; left--) this.editor.run(this.editor.typing.erase("backward"));
    return this;
  }

  delete(): this {
    this.editor.run(this.editor.typing.erase("forward"));
    return this;
  }

  receive(...updates: readonly Uint8Array[]): this {
    for (const update of updates) Y.applyUpdate(this.doc, update, "remote");
    return this;
  }

  startOf(id: string): number {
    let found = -1;
    this.editor.state.doc.forEach((node, offset) => {
      if (attrsOf(node).id === id) found = offset + 1;
    });
    if (found < 0) throw new Error(`there is no paragraph ${id}`);
    return found;
  }

  /** What the editor shows, one line per paragraph: `{a:words}` inserted, `~a:words~` struck, `<a:words>` bracketed. */
  get shown(): string[] {
    const lines: string[] = [];
    this.editor.state.doc.forEach((node) => lines.push(spelled(runsOfParagraph(node))));
    return lines;
  }

  /** What the shared text holds, spelt likewise. */
  get shared(): string[] {
    return paragraphsOf(textRoot(this.doc)).map((element) => spelled(runsOf(element)));
  }

  get caret(): number {
    const { $head } = this.editor.state.selection;
    return $head.parentOffset;
  }
}

export function spelled(runs: readonly Run[]): string {
  return runs
    .map(({ text, marks }) =>
      marks.reduce((words, key) => {
        const id = key.slice(key.indexOf(":") + 1).replace(/^a-/, "");
        if (key.startsWith("insertion")) return `{${id}:${words}}`;
        if (key.startsWith("deletion")) return `~${id}:${words}~`;
        if (key.startsWith("bracket")) return `<${id}:${words}>`;
        return `(${key}:${words})`;
      }, text),
    )
    .join("");
}

/** Everybody receives everybody's updates, in the order sent. */
export function exchange(...delegates: readonly Delegate[]): void {
  const all = delegates.map((delegate) => delegate.sent.splice(0));
  delegates.forEach((delegate, place) => {
    all.forEach((updates, from) => {
      if (from !== place) delegate.receive(...updates);
    });
  });
}
