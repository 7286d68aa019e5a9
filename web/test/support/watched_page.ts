/** A page as people have it open - session, editor, drawing - with a line that somebody else holds, watched for what it writes. */

import { TextSelection } from "prosemirror-state";
import * as Y from "yjs";
import type { TextEditor } from "../../src/editor/text_editor";
import { mountEditor, type EditorHandle } from "../../src/editor/view";
import { textRoot } from "../../src/model/shared_text";
import type { Surroundings } from "../../src/sync/connection";
import { processLocks } from "../../src/sync/lease";
import { decode, type Scope } from "../../src/sync/protocol";
import { OpinionSession } from "../../src/sync/session";
import { memoryStore } from "../../src/sync/store";
import { draft, selectIn, type Act } from "./drafting";
import { seededRandom } from "./effect";
import { PlainBinding } from "./plain_binding";
import { difference, drawnIn, ofEditor, ofYjs, type Spelled } from "./texts";

export interface PageOptions {
  readonly member: string;
  readonly scope: Scope;
  readonly party: string;
  /** Whether y-prosemirror is to look on as well. */
  readonly plain: boolean;
  /** A planted fault: the page lets Yjs tidy formatting, which crdt/SPEC.md D8 forbids. */
  readonly tidying: boolean;
}

export interface Look {
  /** Frames that went out, as hexadecimal text. */
  readonly sent: readonly string[];
  /** Updates that the editor's document made by itself. */
  readonly wrote: number;
  readonly plainWrote: number;
  readonly text: readonly Spelled[];
  /** Where a bare Yjs document, y-prosemirror or the page as drawn show something else than the editor. */
  readonly differences: readonly string[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const settled = async (): Promise<void> => {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
};

export class WatchedPage {
  readonly session: OpinionSession;
  private readonly place = document.body.appendChild(document.createElement("div"));
  private readonly handle: EditorHandle;
  private readonly options: PageOptions;
  private readonly yjs = new Y.Doc();
  private plain: PlainBinding | null = null;
  private socket: Line | null = null;
  private sent: string[] = [];
  private wrote = 0;

  constructor(options: PageOptions) {
    this.options = options;
    const around: Surroundings = {
      openSocket: () => (this.socket = new Line((frame) => this.sent.push(hex(frame)))) as unknown as WebSocket,
      now: () => Date.UTC(2026, 0, 21, 9),
      after: () => () => {},
      random: () => 0.5,
      onHope: () => () => {},
    };
    this.session = new OpinionSession({
      opinion: "op1",
      url: "ws://room",
      store: memoryStore(),
      locks: processLocks(),
      surroundings: around,
      member: options.member,
      scope: options.scope,
      party: options.party,
    });
    this.yjs.on("afterTransaction", (transaction: Y.Transaction) => {
      transaction._needFormattingCleanup = false;
    });
    this.watch(this.session.doc);
    this.session.on("document", (doc) => this.watch(doc));
    this.handle = mountEditor(this.place, this.session, { label: "Draft Opinion 1", regionOf: () => "afr" });
  }

  async start(): Promise<string[]> {
    await this.session.start();
    this.socket?.onopen?.();
    await settled();
    return this.sent.splice(0);
  }

  async hear(frames: readonly Uint8Array[]): Promise<void> {
    for (const frame of frames) {
      this.socket?.onmessage?.({ data: frame.slice().buffer });
      const message = decode(frame);
      if (message.type === "sync") this.others([message.update]);
      else if (message.type === "update") this.others(message.updates);
    }
    await settled();
  }

  /** What is shown, and what was written, since the last look. `click` is where somebody clicks meanwhile. */
  look(click: number): Look {
    const text = ofEditor(this.editor.state.doc);
    const differences: string[] = [];
    const held = (name: string, found: string) => found && differences.push(`${name}, ${found}`);
    held("editor and Yjs", difference(text, ofYjs(textRoot(this.yjs))));
    held("editor and its own document", difference(text, ofYjs(textRoot(this.session.doc))));
    if (this.plain) held("editor and y-prosemirror", difference(text, this.plain.shown));
    held("editor and what is drawn", difference(text.map(([, , , , runs]) => runs.map(([words]) => words).join("")), drawnIn(this.handle.element)));
    this.click(click);
    const look = { sent: this.sent.splice(0), wrote: this.wrote, plainWrote: this.plain?.wrote ?? 0, text, differences };
    this.wrote = 0;
    if (this.plain) this.plain.wrote = 0;
    return look;
  }

  /** One random act of a person; the frames that it sends. */
  async draft(seed: number): Promise<{ act: Act; sent: string[] }> {
    const { editor } = this;
    const select = (from: number, to: number): void => {
      editor.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, from, to)));
    };
    const act = draft({ editor }, seededRandom(seed), selectIn({ editor }, select));
    await settled();
    this.wrote = 0;
    return { act, sent: this.sent.splice(0) };
  }

  /** What y-prosemirror writes when somebody clicks into it. */
  clickPlain(): number {
    const { plain } = this;
    if (!plain) return 0;
    plain.click();
    const { wrote } = plain;
    plain.wrote = 0;
    return wrote;
  }

  async close(): Promise<void> {
    this.handle.destroy();
    this.plain?.destroy();
    this.place.remove();
    await this.session.close();
  }

  private get editor(): TextEditor {
    return (this.handle as unknown as { readonly editor: TextEditor }).editor;
  }

  private click(at: number): void {
    const { state } = this.editor;
    if (state.doc.childCount === 0) return;
    const $pos = state.doc.resolve(at % (state.doc.content.size + 1));
    this.editor.dispatch(state.tr.setSelection(TextSelection.near($pos)));
  }

  private watch(doc: Y.Doc): void {
    if (this.options.tidying) {
      doc.on("afterTransaction", (transaction: Y.Transaction) => {
        if (!transaction.local) transaction._needFormattingCleanup = true;
      });
    }
    doc.on("update", (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (transaction.local) this.wrote += 1;
    });
  }

  /** The bare document first, which says what keys the text has then. */
  private others(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      const before = Y.encodeStateAsUpdate(this.yjs);
      Y.applyUpdate(this.yjs, update);
      if (!this.options.plain) continue;
      const keys = new Set(ofYjs(textRoot(this.yjs)).flatMap(([, , , , runs]) => runs.flatMap(([, held]) => held)));
      if (this.plain) this.plain.apply(update, keys);
      else this.plain = new PlainBinding(Y.mergeUpdates([before, update]), keys);
    }
  }
}

/** The page's end of a connection. */
class Line {
  binaryType = "arraybuffer";
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly send: (frame: Uint8Array) => void;

  constructor(send: (frame: Uint8Array) => void) {
    this.send = send;
  }

  close(): void {
    this.readyState = 3;
  }
}
