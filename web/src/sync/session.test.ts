import { describe, expect, it } from "vitest";
import { belongings, Drafter, settle } from "../../test/support/drafters";
import { paragraph, run, seeded } from "../../test/support/delegates";
import { Room } from "../../test/support/room";
import { canonicalTextOf, fingerprint } from "../model/canonical";
import { paragraphsOf, textRoot } from "../model/shared_text";
import type { FreezeCheck } from "./freeze_check";

const text = () =>
  seeded([
    paragraph("p-one", "that the divide persists"),
    paragraph("p-two", "that all States cooperate"),
    paragraph("p-three", run("agreed words", "origin:a-old-1")),
  ]);

async function together(...codes: string[]): Promise<{ room: Room; people: Drafter[] }> {
  const room = new Room(text());
  const people = await Promise.all(codes.map((code) => Drafter.join(room, code)));
  await settle(...people);
  return { room, people };
}

const remove = (room: Room, place: number) => room.change((doc) => textRoot(doc).delete(place, 1));

describe("session", () => {
  it("shows the text and says saved only when everything is acknowledged [S1]", async () => {
    const { people } = await together("XAA", "XAB");
    const [a, b] = people as [Drafter, Drafter];
    expect(a.session.status).toEqual({ state: "live" });
    expect(a.shown[0]).toBe("that the divide persists");
    a.select("p-one", 0).type("new ");
    expect(a.session.sending).toBe(4);
    a.socket.pass(Infinity, 0);
    expect(a.session.sending).toBe(4);
    await settle(a, b);
    expect(a.session.sending).toBe(0);
    expect(a.session.savedAt).not.toBeNull();
    expect(b.shown[0]).toBe("{new }that the divide persists");
  });

  it("sends what was typed offline as one fused difference, and nothing twice", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.around.online = false;
    a.socket.cut();
    expect(a.session.status.state).toBe("offline");
    a.select("p-one", 4).type("some words typed while nothing came through and some of them erased").backspace(20);
    a.select("p-two", 5, 8).backspace();
    const typed = a.shown;
    const before = { ...room.count };
    a.around.online = true;
    a.around.advance(3_000);
    await settle(a);
    expect(a.session.sending).toBe(0);
    expect(room.count.taken - before.taken).toBe(1);
    expect(a.shown).toEqual(typed);
    expect(paragraphsOf(textRoot(room.doc))).toHaveLength(3);
  });

  it("begins again when the answer to its HELLO was among what the server could not tell [W10]", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.socket.cut();
    a.around.advance(1_000);
    a.socket.open();
    a.socket.pass(Infinity, 0);
    a.socket.drop();
    room.notice({ kind: "resync" });
    await settle(a);
    a.select("p-one", 0).type("x");
    a.around.advance(3_000);
    await settle(a);
    expect(a.session.status).toEqual({ state: "live" });
    expect(a.session.sending).toBe(0);
  });

  it("keeps what is typed between the WELCOME of another lease and its SYNC [S4]", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.socket.cut();
    room.forgetLeases();
    a.around.advance(1_000);
    a.socket.open();
    a.socket.pass(Infinity, 0);
    a.socket.pass(0, 1);
    a.select("p-one", 0).type("words ");
    await settle(a);
    expect(a.session.sending).toBe(0);
    expect(a.shown[0]).toBe("{words }that the divide persists");
    expect(textRoot(room.doc).toString()).toContain("words ");
  });

  it("tries again after 1, 2, 4 ... 30 s, and at once when there is hope", async () => {
    const { people } = await together("XAA");
    const [a] = people as [Drafter];
    a.around.online = false;
    a.socket.cut();
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      const { status } = a.session;
      if (status.state !== "offline") throw new Error(status.state);
      waits.push(Math.round((status.retryAt - a.around.now()) / 1_000));
      a.around.advance(status.retryAt - a.around.now());
      a.around.advance(1);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    a.around.online = true;
    a.around.hope();
    a.around.advance(1);
    await settle(a);
    expect(a.session.status.state).toBe("live");
  });

  it("tries again at least every 8 s while words wait", async () => {
    const { people } = await together("XAA");
    const [a] = people as [Drafter];
    a.select("p-one", 0).type("new ");
    a.around.online = false;
    a.socket.cut();
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      const { status } = a.session;
      if (status.state !== "offline") throw new Error(status.state);
      waits.push(Math.round((status.retryAt - a.around.now()) / 1_000));
      a.around.advance(status.retryAt - a.around.now());
      a.around.advance(1);
    }
    expect(waits).toEqual([1, 2, 4, 8, 8, 8]);
  });

  it("takes no new words while the server can save none, keeps those under way, and goes on by itself [W9]", async () => {
    const { room, people } = await together("XAA", "XAB");
    const [a] = people as [Drafter];
    a.select("p-one", 0).type("new ");
    room.notice({ kind: "saving", on: false });
    a.socket.pass(0, Infinity);
    expect([a.session.saves, a.session.mayType, a.session.sending]).toEqual([false, false, 4]);
    expect(a.session.status.state).toBe("live");
    a.type("more");
    expect(a.shown[0]).toBe("{new }that the divide persists");
    room.notice({ kind: "saving", on: true });
    await settle(...people);
    expect([a.session.saves, a.session.mayType, a.session.sending]).toEqual([true, true, 0]);
    room.notice({ kind: "saving", on: false });
    await settle(...people);
    a.socket.cut();
    a.around.advance(1_001);
    await settle(...people);
    expect([a.session.saves, a.session.mayType]).toEqual([true, true]);
  });

  it("an unacknowledged edit whose frame arrived is not done twice after the reconnect", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.select("p-one", 4).type("x");
    a.socket.cut(1006, 1);
    a.type("y");
    a.around.advance(1_001);
    await settle(a);
    expect(a.shown[0]).toBe("that{xy} the divide persists");
    expect(room.count.refused).toBe(0);
    expect(a.session.sending).toBe(0);
  });

  it.each([true, false])("unacknowledged edits survive a reload (document kept: %s)", async (kept) => {
    const room = new Room(text());
    const things = belongings();
    const a = await Drafter.join(room, "XAA", things);
    await settle(a);
    if (kept) {
      a.around.advance(6_000);
      await settle(a);
    }
    a.around.online = false;
    a.socket.cut();
    a.select("p-one", 4).type(" really");
    await a.leave();
    const again = await Drafter.join(room, "XAA", things);
    if (kept) expect(again.shown[0]).toBe("that{ really} the divide persists");
    expect(again.session.sending).toBe(7);
    await settle(again);
    expect(again.shown[0]).toBe("that{ really} the divide persists");
    expect(again.session.sending).toBe(0);
    expect(room.count.taken).toBe(1);
    again.select("p-one", 11).type("!");
    await settle(again);
    expect(again.shown[0]).toBe("that{ really!} the divide persists");
  });

  it.each(["", " here too"])("words whose paragraph is removed meanwhile come back, though others beside them are taken (%j) [S4]", async (more) => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.around.online = false;
    a.socket.cut();
    a.select("p-two", 4).type(" typed").backspace(2).select("p-two", 13, 19).backspace();
    if (more !== "") a.select("p-one", 4).type(more);
    remove(room, 1);
    a.around.online = true;
    a.around.advance(3_000);
    await settle(a);
    expect(a.shown[0]).toBe(more === "" ? "that the divide persists" : "that{ here too} the divide persists");
    expect(a.shown).toHaveLength(2);
    expect(a.unsent.map((one) => one.replace(/ \(.*/, ""))).toEqual(["insert  typ", "strike States"]);
    expect(a.session.sending).toBe(0);
  });

  it("a second tab takes a lease of its own, and what a tab that is gone left unsent is taken over", async () => {
    const room = new Room(text());
    const things = belongings();
    const first = await Drafter.join(room, "XAA", things);
    const second = await Drafter.join(room, "XAA", things);
    await settle(first, second);
    expect(first.socket.client).not.toBe(second.socket.client);
    first.around.online = second.around.online = false;
    first.socket.cut();
    second.socket.cut();
    first.select("p-one", 4).type(" one");
    second.select("p-two", 4).type(" two");
    await first.leave();
    await second.leave();
    const third = await Drafter.join(room, "XAA", things);
    await settle(third);
    await settle(third);
    expect(third.shown.slice(0, 2)).toEqual(["that{ one} the divide persists", "that{ two} all States cooperate"]);
    expect(third.unsent).toEqual([]);
    expect(await things.store.leases({ member: "m-XAA", opinion: "o-1", scope: "workspace" })).toHaveLength(1);
  });

  it("after a refusal everything else is done again, the refused edit once, then it is in the tray [S2, S4]", async () => {
    const { room, people } = await together("XAA", "XAB");
    const [a, b] = people as [Drafter, Drafter];
    room.refuse = (message) =>
      message.type === "update" && Buffer.from(message.update).includes("Q") ? { code: "destroyed", message: "No Q." } : null;
    a.select("p-one", 4).type("A").select("p-two", 4).type("Q").select("p-three", 6).type("C");
    b.select("p-two", 15).type("b");
    await settle(a, b);
    expect(a.shown).toEqual(["that{A} the divide persists", "that all States{b} cooperate", "(origin:a-old-1:agreed){C}(origin:a-old-1: words)"]);
    expect(b.shown).toEqual(a.shown);
    expect(a.unsent).toEqual(["insert Q (destroyed)"]);
    expect(room.count.refused).toBe(2);
    expect(a.session.sending).toBe(0);
    room.refuse = () => null;
    expect(a.session.proposeAgain(a.session.unsent[0]?.id ?? "")).toBe(true);
    await settle(a, b);
    expect(b.shown[1]).toBe("that{Q} all States{b} cooperate");
    expect(a.unsent).toEqual([]);
  });

  it("the second of four queued edits is refused, the fourth one's paragraph removed meanwhile: no word is lost", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    let refused = 0;
    room.refuse = (message) =>
      message.type === "update" && Buffer.from(message.update).includes("second") && refused++ < 2
        ? { code: "destroyed", message: "Not so." }
        : null;
    a.select("p-one", 4);
    a.editor.run(a.editor.typing.paste(" first"));
    a.select("p-two", 4);
    a.editor.run(a.editor.typing.paste(" second"));
    a.select("p-one", 15);
    a.editor.run(a.editor.typing.paste("third"));
    a.select("p-three", 6);
    a.editor.run(a.editor.typing.paste(" fourth"));
    remove(room, 2);
    await settle(a);
    expect(a.shown).toEqual(["that{ first} the {third}divide persists", "that all States cooperate"]);
    expect(a.unsent).toEqual(["insert  fourth (place-gone)", "insert  second (destroyed)"]);
  });

  it("words of a strike that cannot be done again are in the tray too", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    let refused = false;
    room.refuse = (message) => (message.type === "update" && !refused ? ((refused = true), { code: "orphaned", message: "Gone." }) : null);
    a.select("p-three", 0, 6).backspace();
    remove(room, 2);
    await settle(a);
    expect(a.unsent).toEqual(["strike agreed (place-gone)"]);
  });

  it("a new generation of the document: words are offered again by their surroundings", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    a.around.online = false;
    a.socket.cut();
    a.select("p-one", 4).type(" late").select("p-three", 12).type("!");
    room.regenerate(seeded([paragraph("p-zero", "new"), paragraph("p-one", "that the divide persists"), paragraph("p-three", "other words")]));
    a.around.online = true;
    a.around.advance(3_000);
    await settle(a);
    expect(a.shown).toEqual(["new", "that{ late} the divide persists", "other words"]);
    expect(a.unsent).toEqual(["insert ! (place-gone)"]);
  });

  it("a lease whose clocks the server knows further than this browser is given up, its words done again", async () => {
    const room = new Room(text());
    const things = belongings();
    const a = await Drafter.join(room, "XAA", things);
    await settle(a);
    a.around.advance(6_000);
    await settle(a);
    a.select("p-one", 4).type("s");
    a.socket.pass(Infinity, 0);
    const place = { member: "m-XAA", opinion: "o-1", scope: "workspace" } as const;
    const client = a.socket.client;
    await a.leave();
    // The browser lost its last writes (a power cut): the entry is gone, the server has it.
    await things.store.dropEntries(place, client, [1]);
    const again = await Drafter.join(room, "XAA", things);
    again.select("p-two", 4).type(" offline");
    await settle(again);
    expect(again.shown.slice(0, 2)).toEqual(["that{s} the divide persists", "that{ offline} all States cooperate"]);
    expect(again.socket.client).not.toBe(client);
    expect(again.session.sending).toBe(0);
  });

  it("while held the text stands still, and nothing is lost [S3]", async () => {
    const { people } = await together("XAA", "XAB");
    const [a, b] = people as [Drafter, Drafter];
    const release = a.session.hold();
    a.editor.hold();
    b.select("p-one", 4).type(" b");
    a.select("p-one", 4).type("ni");
    await settle(a, b);
    expect(a.shown[0]).toBe("that{ni} the divide persists");
    expect(b.shown[0]).toBe("that{ b} the divide persists");
    a.editor.release();
    release();
    await settle(a, b);
    expect(a.shown).toEqual(b.shown);
    expect(a.shown[0]).toContain("{ni}");
    expect(a.shown[0]).toContain("{ b}");
  });

  it("a command is answered once, whatever becomes of the connection", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    const answer = a.session.command({ act: "submit", amendment: "a-abcd" });
    a.socket.cut(1006, 1);
    a.around.advance(1_001);
    await settle(a);
    expect(await answer).toEqual({ number: 1 });
    expect(room.carriedOut).toHaveLength(1);
    room.refuse = () => ({ code: "wrong-status", message: "Not now." });
    const refused = expect(a.session.command({ act: "withdraw", amendment: "a-abcd" })).rejects;
    const told = refused.toMatchObject({ code: "wrong-status", message: "Not now." });
    await settle(a);
    await told;
    expect(a.session.status.state).toBe("live");
    expect(a.session.sending).toBe(0);
  });

  it("commands behind a refused update are asked again, in order", async () => {
    const { room, people } = await together("XAA");
    const [a] = people as [Drafter];
    let refusals = 0;
    room.refuse = (message) => (message.type === "update" && refusals++ === 0 ? { code: "destroyed", message: "Once." } : null);
    a.select("p-one", 4).type("x");
    const answer = a.session.command({ act: "submit", amendment: "a-abcd" });
    await settle(a);
    expect(await answer).toEqual({ number: 1 });
    expect(a.shown[0]).toBe("that{x} the divide persists");
  });

  it.each([
    [4401, "signed-out"],
    [4403, "not-allowed"],
    [4409, "reload"],
  ])("close code %i ends the session: %s; the words stay", async (code, reason) => {
    const { people } = await together("XAA");
    const [a] = people as [Drafter];
    a.select("p-one", 4).type("x");
    a.socket.cut(code);
    expect(a.session.status).toEqual({ state: "closed", reason });
    expect(a.session.mayType).toBe(false);
    expect(a.session.sending).toBe(1);
  });

  it("a silent connection is given up", async () => {
    const { people } = await together("XAA");
    const [a] = people as [Drafter];
    a.around.advance(15_000);
    a.socket.pass(Infinity, Infinity);
    a.around.advance(15_000);
    expect(a.session.status.state).toBe("live");
    a.around.advance(15_000);
    expect(["offline", "connecting"]).toContain(a.session.status.state);
  });

  it("signing out takes everything kept away", async () => {
    const room = new Room(text());
    const things = belongings();
    const a = await Drafter.join(room, "XAA", things);
    await settle(a);
    a.select("p-one", 4).type("x");
    await a.session.wipe();
    const place = { member: "m-XAA", opinion: "o-1", scope: "workspace" } as const;
    expect(await things.store.leases(place)).toEqual([]);
    expect(await things.store.document(place)).toBeNull();
  });

  it("a freeze is checked against the own document, drafts left out [V2]", async () => {
    const room = new Room(text());
    const checks: FreezeCheck[] = [];
    const told = await fingerprint(canonicalTextOf(room.doc));
    const a = await Drafter.join(room, "XAA", belongings(), { freezeChecked: (check) => checks.push(check) });
    await settle(a);
    a.select("p-one", 4).type("draft");
    room.notice({ kind: "frozen", version: 1, seq: 1, fingerprint: told, label: "First" });
    await expect.poll(() => (a.socket.pass(Infinity, Infinity), checks)).toEqual([{ version: 1, seq: 1, fingerprint: told, matches: true }]);
  });

  it("a freeze that renumbers is checked against the text before it [V2]", async () => {
    const room = new Room(text());
    const checks: FreezeCheck[] = [];
    const a = await Drafter.join(room, "XAA", belongings(), { freezeChecked: (check) => checks.push(check) });
    await settle(a);
    for (const draft of [2, 3]) {
      const told = await fingerprint(canonicalTextOf(room.doc));
      room.change((doc) => {
        doc.getMap("record").set("opinion", JSON.stringify({ draft }));
        doc.getMap("record").set("paragraph:p-one", JSON.stringify({ id: "p-one", label: String(draft) }));
      });
      room.notice({ kind: "frozen", version: draft, seq: draft, fingerprint: told, label: "Next" });
      await expect.poll(() => (a.socket.pass(Infinity, Infinity), checks.at(-1))).toMatchObject({ version: draft, matches: true });
    }
  });

  it("live drafting: over to the opinion's document and back", async () => {
    const { people } = await together("XAA");
    const [a] = people as [Drafter];
    await a.session.switchScope("opinion");
    await settle(a);
    expect(a.session.scope).toBe("opinion");
    expect(a.shown[0]).toBe("that the divide persists");
    expect(a.session.mayType).toBe(false);
    await a.session.switchScope("workspace");
    await settle(a);
    a.select("p-one", 4).type("x");
    await settle(a);
    expect(a.session.sending).toBe(0);
  });
});
