import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Delegate, exchange, paragraph, run, seeded } from "../../test/support/delegates";
import { ACTS, draft, selectIn } from "../../test/support/drafting";
import { Checker, seededRandom } from "../../test/support/effect";
import { textRoot, elementOf } from "../model/shared_text";

const text = () =>
  seeded([
    { ...paragraph("p-title", "Bridging digital divides"), kind: "title" },
    paragraph("p-verb", run("recognizing", "em")),
    paragraph("p-a", "that the divide persists in many countries, ", run("including LDCs", "origin:a-old-1")),
    paragraph("p-b", "that ", run("all ", "insertion:a-sec-9"), run("States", "bracket:a-sec-8"), " cooperate"),
    paragraph("p-c", "ee"),
  ]);

const consistent = (clients: readonly Delegate[]) => {
  for (const client of clients) expect(client.shown).toEqual(client.shared);
};

/** Updates on their way from one client to the others, in order per pair. */
class Network {
  private readonly queues = new Map<string, Uint8Array[]>();
  private readonly clients: readonly Delegate[];

  constructor(clients: readonly Delegate[]) {
    this.clients = clients;
  }

  post(from: number): void {
    for (const update of this.clients[from]?.sent.splice(0) ?? []) {
      this.clients.forEach((_, to) => {
        if (to !== from) this.queue(from, to).push(update);
      });
    }
  }

  /** Delivers up to `count` updates of one queue; now and then one of them twice. */
  deliver(from: number, to: number, count: number, twice: boolean): void {
    const updates = this.queue(from, to).splice(0, count);
    this.clients[to]?.receive(...updates, ...(twice ? updates : []));
  }

  settle(): void {
    this.clients.forEach((_, from) => {
      this.post(from);
      this.clients.forEach((__, to) => this.deliver(from, to, Infinity, false));
    });
  }

  private queue(from: number, to: number): Uint8Array[] {
    const key = `${from}>${to}`;
    const queue = this.queues.get(key) ?? [];
    this.queues.set(key, queue);
    return queue;
  }
}

describe("binding", () => {
  it.each([1, 2, 3])("three clients under random edits and deliveries converge, seed %i", (seed) => {
    const random = seededRandom(seed);
    const clients = ["ken", "bra", "egy"].map((code, place) => new Delegate(code, 1001 + place, text()));
    const network = new Network(clients);
    const done = new Set<string>();
    for (let round = 0; round < 220; round++) {
      const who = random(3);
      const client = clients[who] as Delegate;
      if (random(4) > 0) {
        done.add(draft(client, random, selectIn(client, (from, to) => client.selectAt(from, to))));
        network.post(who);
      } else {
        network.deliver(random(3), who, 1 + random(4), random(5) === 0);
      }
      consistent([client]);
    }
    network.settle();
    consistent(clients);
    expect(clients[1]?.shared).toEqual(clients[0]?.shared);
    expect(clients[2]?.shared).toEqual(clients[0]?.shared);
    expect([...done].sort()).toEqual([...new Set(ACTS)].sort());
  });

  it.each([1, 2])("500 random edits never alter foreign characters or marks [I1], seed %i", (seed) => {
    const random = seededRandom(100 + seed);
    const client = new Delegate("ken", 1001, text());
    const other = new Delegate("bra", 1002, text());
    const own = (id: string) => id.startsWith("a-ken-");
    const checker = new Checker(text(), own);
    for (let round = 0; round < 500; round++) {
      draft(client, random, selectIn(client, (from, to) => client.selectAt(from, to)));
      for (const update of client.sent.splice(0)) {
        checker.check(update);
        other.receive(update);
      }
      if (random(6) > 0) continue;
      draft(other, random, selectIn(other, (from, to) => other.selectAt(from, to)));
      for (const update of other.sent.splice(0)) {
        checker.pass(update);
        client.receive(update);
      }
    }
    expect(checker.found).toEqual([]);
    expect(checker.count).toBeGreaterThan(300);
    expect(client.shown).toEqual(other.shown);
  });

  it("a passive viewer sends nothing, whatever it receives [B1]", () => {
    const random = seededRandom(5);
    const writer = new Delegate("ken", 1001, text());
    const viewer = new Delegate("obs", 1002, text());
    for (let round = 0; round < 300; round++) {
      draft(writer, random, selectIn(writer, (from, to) => writer.selectAt(from, to)));
      viewer.receive(...writer.sent.splice(0));
    }
    expect(viewer.sent).toEqual([]);
    expect(viewer.shown).toEqual(writer.shown);
  });

  it("content that should not be there is shown as far as it can be, and makes nobody write [B1]", () => {
    const server = new Y.Doc();
    server.clientID = 1;
    Y.applyUpdate(server, text());
    const viewer = new Delegate("obs", 1002, Y.encodeStateAsUpdate(server));
    const known = Y.encodeStateVector(server);
    const root = textRoot(server);
    const odd = new Y.XmlElement("table");
    const twice = elementOf({ id: "p-a", kind: "nonsense", level: -3, added: null }, [run("again")]);
    const unmarked = new Y.XmlText();
    server.transact(() => {
      root.insert(1, [odd, twice, new Y.XmlText("loose")]);
      twice.insert(1, [unmarked]);
      const first = root.get(0) as Y.XmlElement;
      (first.get(0) as Y.XmlText).format(0, 4, { unknown: { deep: 1 }, "insertion:": true, "link:x": "y" });
      (first.get(0) as Y.XmlText).insertEmbed(2, { image: 1 });
      first.setAttribute("style", "x");
      first.removeAttribute("kind");
    });
    viewer.receive(Y.encodeStateAsUpdate(server, known));
    expect(viewer.sent).toEqual([]);
    expect(viewer.shown.slice(0, 2)).toEqual(["Br\ufffcidging digital divides", "again"]);
    viewer.select("p-b", 0).type("x");
    expect(viewer.shown[4]?.startsWith("{obs-1:x}that")).toBe(true);
    viewer.selectAt(viewer.startOf("p-verb") - 3).type("y");
    expect(viewer.hints.at(-1)?.kind).toBe("unwritable");
    expect(viewer.shown).toEqual(viewer.shared);
  });

  it("held, it neither writes nor loses what is typed; released, it writes once [B3]", () => {
    const client = new Delegate("ken", 1001, text());
    client.editor.hold();
    client.select("p-c", 1).type("abc").backspace();
    expect(client.sent).toEqual([]);
    client.editor.release();
    expect(client.sent).toHaveLength(1);
    expect(client.shared.at(-1)).toBe("e{ken-1:ab}e");
  });

  it("undo takes back one's own changes only", () => {
    const [a, b] = [new Delegate("ken", 1001, text()), new Delegate("bra", 1002, text())];
    a.select("p-c", 0).type("one ");
    exchange(a, b);
    b.select("p-c", 6).type(" two");
    exchange(a, b);
    a.editor.undo();
    exchange(a, b);
    expect(a.shown.at(-1)).toBe("ee{bra-1: two}");
    a.editor.redo();
    exchange(a, b);
    expect(b.shown.at(-1)).toBe("{ken-1:one }ee{bra-1: two}");
  });

  it("undo of words inside which another typed leaves no mark over what follows", () => {
    const [a, b] = [new Delegate("ken", 1001, text()), new Delegate("bra", 1002, text())];
    a.select("p-c", 1).type("own");
    exchange(a, b);
    b.select("p-c", 2).type("x");
    exchange(a, b);
    a.editor.undo();
    exchange(a, b);
    expect(a.shown.at(-1)).toBe("e{bra-1:x}e");
    expect(b.shown).toEqual(a.shown);
    a.editor.redo();
    exchange(a, b);
    expect(b.shown).toEqual(a.shown);
    expect(a.shown.at(-1)).toContain("{bra-1:x}");
  });

  it("undo of a strike and of a real removal", () => {
    const a = new Delegate("ken", 1001, text());
    a.select("p-a", 0, 4).backspace();
    a.editor.undo();
    expect(a.shown[2]?.startsWith("that the")).toBe(true);
    a.editor.forget();
    a.select("p-c", 1).type("word");
    a.editor.forget();
    a.backspace(4);
    a.editor.undo();
    expect(a.shown.at(-1)).toBe("e{ken-2:word}e");
    expect(a.shared).toEqual(a.shown);
  });

  it("goes over to another document without redrawing what is equal, caret in place", () => {
    const a = new Delegate("ken", 1001, text());
    a.select("p-b", 5);
    const kept = a.editor.state.doc.child(2);
    const next = new Y.Doc();
    next.clientID = 1007;
    Y.applyUpdate(next, seeded([paragraph("p-new", "new"), paragraph("p-a", "that the divide persists in many countries, ", run("including LDCs", "origin:a-old-1")), paragraph("p-b", "that no ", run("States", "bracket:a-sec-8"), " cooperate")]));
    a.editor.follow(next);
    expect(a.editor.state.doc.child(1)).toBe(kept);
    expect(a.shown).toEqual(["new", "that the divide persists in many countries, (origin:a-old-1:including LDCs)", "that no <sec-8:States> cooperate"]);
    expect(a.caret).toBe(5);
    a.type("x");
    expect(a.sent).toEqual([]);
    expect(next.getXmlFragment("text").toString()).toContain("x");
  });

  it("a caret never stands inside a character: what is typed there leaves it whole [G13]", () => {
    const client = new Delegate("ken", 1001, seeded([paragraph("p-a", "a\u{20BB7}b")]));
    client.select("p-a", 2).type("x");
    expect(client.shared).toEqual(["a{ken-1:x}\u{20BB7}b"]);
    expect(client.shown).toEqual(client.shared);
    client.select("p-a", 1, 3).type("y");
    expect(client.shown).toEqual(client.shared);
    expect(client.shared.join("")).toContain("\u{20BB7}");
  });

  it("a large paste goes out as several updates, each well below what one may hold [G1]", () => {
    const client = new Delegate("ken", 1001, text());
    client.select("p-c", 2);
    client.editor.run(client.editor.typing.paste(Array.from({ length: 120 }, (_, at) => `${at} ${"words ".repeat(60)}`).join("\n")));
    expect(client.sent.length).toBeGreaterThan(3);
    for (const update of client.sent) {
      expect(update.length).toBeLessThan(64 * 1024);
      expect(Y.decodeUpdate(update).structs.length).toBeLessThan(500);
    }
    expect(client.shared).toHaveLength(125);
    client.sent.length = 0;
    while (client.editor.canUndo) client.editor.undo();
    expect(client.shared).toHaveLength(5);
    while (client.editor.canRedo) client.editor.redo();
    expect(client.shared).toHaveLength(125);
    for (const update of client.sent) expect(Y.decodeUpdate(update).structs.length).toBeLessThan(500);
  });
});
