/** People with a session and an editor each, in one room. */

import { TextSelection } from "prosemirror-state";
import { attrsOf, runsOfParagraph } from "../../src/editor/schema";
import { TextEditor } from "../../src/editor/text_editor";
import { processLocks, type Locks } from "../../src/sync/lease";
import { OpinionSession, type SessionOptions } from "../../src/sync/session";
import { memoryStore, type Store } from "../../src/sync/store";
import { spelled } from "./delegates";
import { RoomSocket, TestSurroundings, type Room } from "./room";

export interface Belongings {
  readonly store: Store;
  readonly locks: Locks;
}

export const belongings = (): Belongings => ({ store: memoryStore(), locks: processLocks() });

export class Drafter {
  readonly session: OpinionSession;
  readonly editor: TextEditor;
  readonly around: TestSurroundings;
  private readonly stop: () => void;

  private constructor(session: OpinionSession, around: TestSurroundings) {
    this.session = session;
    this.around = around;
    this.editor = new TextEditor(session.doc, session);
    this.stop = session.on("document", (doc) => this.editor.follow(doc));
  }

  static async join(room: Room, code: string, kept: Belongings = belongings(), more: Partial<SessionOptions> = {}): Promise<Drafter> {
    const around = new TestSurroundings(() => new RoomSocket(room, `m-${code}`, code));
    const session = new OpinionSession({
      opinion: "o-1",
      member: `m-${code}`,
      url: "ws://room",
      scope: "workspace",
      party: code,
      surroundings: around,
      ...kept,
      ...more,
    });
    const drafter = new Drafter(session, around);
    await session.start();
    around.advance(1);
    return drafter;
  }

  get socket(): RoomSocket {
    const { socket } = this.around;
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  select(id: string, from: number, to = from): this {
    let start = -1;
    this.editor.state.doc.forEach((node, offset) => {
      if (attrsOf(node).id === id) start = offset + 1;
    });
    if (start < 0) throw new Error(`there is no paragraph ${id}`);
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

  /** What the editor shows, ids left out: `{words}` inserted, `~words~` struck, `<words>` bracketed. */
  get shown(): string[] {
    const lines: string[] = [];
    this.editor.state.doc.forEach((node) => lines.push(spelled(runsOfParagraph(node)).replace(/[a-z2-7]{16}:/g, "")));
    return lines;
  }

  get unsent(): string[] {
    return this.session.unsent.map(({ words, code }) => `${words.kind} ${words.text} (${code})`);
  }

  async leave(): Promise<void> {
    this.stop();
    this.editor.destroy();
    await this.session.close();
  }
}

/** Lets all frames through until nothing moves any more; tells whether that came to pass. */
export async function settle(...drafters: readonly Drafter[]): Promise<void> {
  for (let round = 0; round < 300; round++) {
    const moved = drafters.reduce((sum, { around }) => sum + (around.socket?.pass(Infinity, Infinity) ?? 0), 0);
    await new Promise((resolve) => setImmediate(resolve));
    if (moved === 0 && drafters.every(({ around }) => around.socket?.pass(0, 0) === 0)) return;
  }
  throw new Error("frames go to and fro without end");
}
