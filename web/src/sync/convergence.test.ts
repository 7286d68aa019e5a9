import { describe, expect, it } from "vitest";
import { belongings, Drafter, settle, type Belongings } from "../../test/support/drafters";
import { paragraph, run, seeded } from "../../test/support/delegates";
import { draft, selectIn } from "../../test/support/drafting";
import { seededRandom } from "../../test/support/effect";
import { Room } from "../../test/support/room";
import { attributesOf, paragraphsOf, runsOf, textRoot } from "../model/shared_text";
import { spelled } from "../../test/support/delegates";

const text = () =>
  seeded([
    paragraph("p-one", "that the divide persists in many countries"),
    paragraph("p-two", "that ", run("all ", "insertion:a-old-1"), "States cooperate"),
    paragraph("p-three", run("agreed words", "origin:a-old-2")),
  ]);

const spelt = (room: Room) => paragraphsOf(textRoot(room.doc)).map((element) => `${attributesOf(element).id} ${spelled(runsOf(element))}`);

const CODES = ["XAA", "XAB", "XAC"] as const;

/** Three people in a room over bad lines: late, cut, doubled (frames that arrived before a cut are sent again), reloads, refusals. */
async function session(seed: number, steps: number) {
  const random = seededRandom(seed);
  const room = new Room(text());
  const things: Belongings[] = CODES.map(() => belongings());
  const people = await Promise.all(CODES.map((code, place) => Drafter.join(room, code, things[place])));
  await settle(...people);
  const done = new Map<string, number>();
  const did = (what: string) => done.set(what, (done.get(what) ?? 0) + 1);
  room.refuse = (message) => (message.type === "update" && random(25) === 0 ? { code: "destroyed", message: "By chance." } : null);
  for (let step = 0; step < steps; step++) {
    const who = random(people.length);
    const person = people[who] as Drafter;
    const chance = random(100);
    if (chance < 55) {
      if (person.session.mayType) did(draft(person, random, selectIn(person, (from, to) => person.selectAt(from, to))));
    } else if (chance < 90) {
      person.around.socket?.pass(random(4), random(6));
      did("pass");
    } else if (chance < 95) {
      person.socket.cut(1006, random(3));
      did("cut");
    } else if (chance < 98) {
      person.around.advance(14_000);
      did("wait");
    } else {
      await person.leave();
      people[who] = await Drafter.join(room, CODES[who] as string, things[who]);
      did("reload");
    }
    if (step % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  room.refuse = () => null;
  for (let round = 0; round < 12; round++) {
    for (const person of people) person.around.advance(9_000);
    await settle(...people);
  }
  return { room, people, done };
}

describe("convergence of three clients and the room", () => {
  it.each([1, 2, 3])("under loss, doubling, delay, reconnects, reloads and refusals, seed %i", async (seed) => {
    const { room, people, done } = await session(seed, 350);
    for (const person of people) {
      expect(person.session.status.state).toBe("live");
      expect(person.session.sending).toBe(0);
      const own: string[] = [];
      person.editor.state.doc.forEach((node) => own.push(node.textContent));
      expect(own).toEqual(paragraphsOf(textRoot(room.doc)).map((element) => runsOf(element).map((part) => part.text).join("")));
      expect(paragraphsOf(textRoot(person.session.doc)).map((element) => spelled(runsOf(element)))).toEqual(
        paragraphsOf(textRoot(room.doc)).map((element) => spelled(runsOf(element))),
      );
    }
    // With others' formatting still under way a word of theirs can look like one's own; the gate refuses, nothing is lost.
    // Seen: four at most in a run of some 85 updates with some 40 reconnections.
    expect(room.interfered.length).toBeLessThanOrEqual(4 + room.count.taken * 0.01);
    expect(spelt(room).filter((line) => line.startsWith("p-one") || line.startsWith("p-three"))).toHaveLength(2);
    for (const what of ["type", "undo", "cut", "reload", "pass", "wait"]) expect(done.get(what) ?? 0).toBeGreaterThan(0);
    expect(room.count.refused).toBeGreaterThan(0);
  });

  it("every word typed is in the text or in a tray, over bad lines and refusals", async () => {
    const random = seededRandom(77);
    const room = new Room(text());
    const things = belongings();
    let person = await Drafter.join(room, "XAA", things);
    await settle(person);
    room.refuse = (message) => (message.type === "update" && random(12) === 0 ? { code: "destroyed", message: "By chance." } : null);
    const typed: string[] = [];
    for (let round = 0; round < 60; round++) {
      const word = ` w${round}w`;
      typed.push(word);
      person.select(round % 2 === 0 ? "p-one" : "p-three", 4).type(word);
      if (random(4) === 0) person.socket.pass(random(9), random(9));
      if (random(15) === 0) {
        person.socket.cut(1006, random(5));
        person.around.advance(9_000);
      }
      if (random(20) === 0) {
        await person.leave();
        person = await Drafter.join(room, "XAA", things);
        await settle(person);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let rest = 0; rest < 5; rest++) {
      person.around.advance(9_000);
      await settle(person);
    }
    const shown = person.shown.join("\n").replace(/[{}]/g, "");
    const tray = person.session.unsent.map(({ words }) => words.text).join("|");
    const missing = typed.filter((word) => !shown.includes(word) && !tray.includes(word));
    expect(missing).toEqual([]);
    expect(person.session.sending).toBe(0);
    expect(room.count.refused).toBeGreaterThan(0);
  });
});
