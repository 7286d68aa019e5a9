/**
 * A person without a page: the very session and editor of the browser, driven over standard input and output.
 *
 * One JSON object per line each way. `{"id": 1, "do": "type", ...}` is answered by `{"id": 1, "ok": true, ...}` or
 * `{"id": 1, "ok": false, "error": ...}`; changes of state are told unasked as `{"event": ...}`.
 *
 *     connect  url, opinion, member, scope, party, headers   joins the room; answered when the text is there
 *     type     paragraph, offset, text                        types at UTF-16 unit `offset`
 *     strike   paragraph, from, to                            erases or strikes
 *     bracket  paragraph, from, to
 *     add      paragraph, text                                a paragraph behind this one
 *     paste    paragraph, offset, text
 *     undo, redo
 *     random   seed, count                                    that many random acts (test/support/drafting.ts)
 *     command  command                                        any command of opinions/commands.py; answers its result
 *     submit   amendment, reason
 *     settled  milliseconds                                   answered when everything is acknowledged, at the latest then
 *     text                                                    paragraphs with runs, and what is waiting
 *     record                                                  amendments
 *     again, discard  unsent                                  for words in the tray
 *     scope    scope
 *     offline, online                                         cuts the line, lets it be tried again
 *     quit
 */

import { createInterface } from "node:readline";
import { TextSelection } from "prosemirror-state";
import { WebSocket as NodeSocket } from "undici";
import { pasteLines } from "../src/editor/input";
import { attrsOf, runsOfParagraph } from "../src/editor/schema";
import { TextEditor } from "../src/editor/text_editor";
import type { Command } from "../src/model/commands";
import type { Surroundings } from "../src/sync/connection";
import { processLocks } from "../src/sync/lease";
import type { Scope } from "../src/sync/protocol";
import { OpinionSession } from "../src/sync/session";
import { memoryStore } from "../src/sync/store";
import { draft, selectIn } from "./support/drafting";
import { seededRandom } from "./support/effect";

interface Asked {
  readonly id: number;
  readonly do: string;
  readonly [name: string]: unknown;
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

let online = true;
let socket: NodeSocket | null = null;
let hope: () => void = () => {};

function surroundings(headers: Record<string, string>): Surroundings {
  return {
    openSocket: (url) => {
      socket = new NodeSocket(online ? url : "ws://127.0.0.1:9/offline", { headers });
      return socket as unknown as WebSocket;
    },
    now: () => Date.now(),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    onHope: (act) => {
      hope = act;
      return () => {};
    },
  };
}

let session: OpinionSession;
let editor: TextEditor;

async function connect(asked: Asked): Promise<object> {
  session = new OpinionSession({
    opinion: String(asked["opinion"]),
    member: String(asked["member"]),
    url: String(asked["url"]),
    scope: (asked["scope"] ?? "workspace") as Scope,
    party: String(asked["party"] ?? ""),
    store: memoryStore(),
    locks: processLocks(),
    surroundings: surroundings((asked["headers"] ?? {}) as Record<string, string>),
    freezeChecked: (check) => say({ event: "freeze-checked", ...check }),
  });
  editor = new TextEditor(session.doc, session, { tell: (hint) => say({ event: "hint", ...hint }) });
  session.on("document", (doc) => editor.follow(doc));
  session.on("notice", (notice) => say({ event: "notice", ...notice }));
  session.on("recovered", (recovered) => say({ event: "recovered", ...recovered }));
  let state = "";
  session.on("access", () => {
    if (session.status.state !== state) say({ event: "status", ...session.status });
    state = session.status.state;
  });
  await session.start();
  for (let round = 0; round < 500 && session.status.state !== "live" && session.status.state !== "read-only"; round++) {
    if (session.status.state === "closed") throw new Error(`closed: ${session.status.reason}`);
    await wait(20);
  }
  return { status: session.status, party: session.party, parties: session.parties, seq: session.seq };
}

function startOf(id: unknown): number {
  let found = -1;
  editor.state.doc.forEach((paragraph, offset) => {
    if (attrsOf(paragraph).id === id) found = offset + 1;
  });
  if (found < 0) throw new Error(`there is no paragraph ${String(id)}`);
  return found;
}

function select(from: number, to = from): void {
  editor.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, from, to)));
}

function selectWithin(asked: Asked): void {
  const start = startOf(asked["paragraph"]);
  const from = Number(asked["from"] ?? asked["offset"] ?? 0);
  select(start + from, start + Number(asked["to"] ?? from));
}

async function settled(milliseconds: number): Promise<object> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end && (session.sending > 0 || session.status.state !== "live")) await wait(10);
  return { sending: session.sending };
}

function text(): object {
  const paragraphs: object[] = [];
  editor.state.doc.forEach((paragraph) => {
    paragraphs.push({ ...attrsOf(paragraph), text: paragraph.textContent, runs: runsOfParagraph(paragraph).map(({ text, marks }) => [text, marks]) });
  });
  return { paragraphs, sending: session.sending, unsent: session.unsent, seq: session.seq, party: session.party };
}

async function act(asked: Asked): Promise<object> {
  switch (asked.do) {
    case "connect":
      return connect(asked);
    case "type":
      selectWithin(asked);
      for (const character of String(asked["text"])) editor.run(editor.typing.text(character));
      return {};
    case "strike":
      selectWithin(asked);
      editor.run(editor.typing.erase("backward"));
      return {};
    case "bracket":
      selectWithin(asked);
      editor.run(editor.typing.bracket());
      return {};
    case "add":
      selectWithin({ ...asked, from: editor.state.doc.resolve(startOf(asked["paragraph"])).parent.content.size });
      editor.run(editor.typing.addParagraph());
      for (const character of String(asked["text"] ?? "")) editor.run(editor.typing.text(character));
      return { paragraph: attrsOf(editor.state.selection.$head.parent).id };
    case "paste":
      selectWithin(asked);
      pasteLines(editor, String(asked["text"]));
      return {};
    case "undo":
      return { done: editor.undo() };
    case "redo":
      return { done: editor.redo() };
    case "random": {
      const random = seededRandom(Number(asked["seed"]));
      const acts: string[] = [];
      for (let left = Number(asked["count"]); left > 0; left--) {
        if (session.mayType) acts.push(draft({ editor }, random, selectIn({ editor }, select)));
        await wait(0);
      }
      return { acts };
    }
    case "command":
      return { result: await session.command(asked["command"] as Command) };
    case "submit":
      return { result: await session.command({ act: "submit", amendment: String(asked["amendment"]), reason: String(asked["reason"] ?? "") }) };
    case "settled":
      return settled(Number(asked["milliseconds"] ?? 5_000));
    case "text":
      return text();
    case "record":
      return { amendments: [...session.record.amendments.values()], opinion: session.record.opinion };
    case "again":
      return { done: session.proposeAgain(String(asked["unsent"])) };
    case "discard":
      session.discardUnsent(String(asked["unsent"]));
      return {};
    case "scope":
      await session.switchScope(asked["scope"] as Scope);
      return {};
    case "offline":
      online = false;
      socket?.close();
      return {};
    case "online":
      online = true;
      hope();
      return {};
    case "quit":
      await session.close();
      setImmediate(() => process.exit(0));
      return {};
    default:
      throw new Error(`there is nothing called ${asked.do}`);
  }
}

let before: Promise<void> = Promise.resolve();
createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line) as Asked;
  // One after the other, in the order asked; only commands may be answered late.
  const done = before.then(() => act(asked)).then(
    (answer) => say({ id: asked.id, ok: true, ...answer }),
    (error: unknown) => say({ id: asked.id, ok: false, error: String(error), code: (error as { code?: string }).code ?? "" }),
  );
  if (asked.do !== "command" && asked.do !== "submit") before = done;
});
