/**
 * y-prosemirror as its authors ship it, at our documents.
 *
 * Its own spelling of a mark that may overlap is `insertion--<hash>` with the attributes as the value; ours is `insertion:<id>` with
 * `true` (crdt/SPEC.md D4). With a schema of ours it knows none of our keys and deletes every paragraph that has one. So the schema
 * here has a mark type for every key by its full name, which it then reads as a mark that does not overlap with itself; a key that
 * was not there before makes a new schema and a new view at the same document.
 */

import { Schema } from "prosemirror-model";
import { EditorState } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { ySyncPlugin } from "y-prosemirror";
import * as Y from "yjs";
import { ofPlainBinding, type Spelled } from "./texts";

const attribute = { default: null };

function schemaOf(keys: Iterable<string>): Schema {
  return new Schema({
    nodes: {
      doc: { content: "paragraph*" },
      paragraph: { content: "text*", attrs: { id: attribute, kind: attribute, level: attribute, added: attribute }, toDOM: () => ["p", 0] },
      text: {},
    },
    marks: Object.fromEntries(Array.from(keys, (key) => [key, { toDOM: () => ["span", 0] as const }])),
  });
}

export class PlainBinding {
  /** How many updates it made by itself. */
  wrote = 0;
  private readonly doc = new Y.Doc();
  private readonly element = document.body.appendChild(document.createElement("div"));
  private readonly keys = new Set<string>();
  private view: EditorView;

  constructor(state: Uint8Array, keys: Iterable<string>) {
    // Every client must: crdt/SPEC.md D8.
    this.doc.on("afterTransaction", (transaction: Y.Transaction) => {
      transaction._needFormattingCleanup = false;
    });
    Y.applyUpdate(this.doc, state);
    this.doc.on("update", (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (transaction.local) this.wrote += 1;
    });
    for (const key of keys) this.keys.add(key);
    this.view = this.made();
  }

  /** Takes an update in, after which the text has these keys. */
  apply(update: Uint8Array, keys: Iterable<string>): void {
    const before = this.keys.size;
    for (const key of keys) this.keys.add(key);
    if (this.keys.size > before) {
      this.view.destroy();
      this.view = this.made();
    }
    Y.applyUpdate(this.doc, update, "received");
  }

  get shown(): Spelled[] {
    return ofPlainBinding(this.view.state.doc);
  }

  /** Somebody clicks: a transaction that changes nothing. */
  click(): void {
    this.view.dispatch(this.view.state.tr);
  }

  destroy(): void {
    this.view.destroy();
    this.element.remove();
    this.doc.destroy();
  }

  private made(): EditorView {
    const state = EditorState.create({ schema: schemaOf(this.keys), plugins: [ySyncPlugin(this.doc.getXmlFragment("text"))] });
    return new EditorView(this.element, { state });
  }
}
