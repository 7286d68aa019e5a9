import { expect, it } from "vitest";
import { belongings, Drafter, settle } from "../../test/support/drafters";
import { paragraph, seeded } from "../../test/support/delegates";
import { Room } from "../../test/support/room";
import { powersOver } from "../panels/powers";
import { amendment } from "../panels/text.fixtures";

const GROUP = "g-together1234";

it("drafts in a group for its party, and says all else for the own delegation [W1, G19]", async () => {
  const room = new Room(seeded([paragraph("p-one", "that the divide persists")]));
  room.groups.set(GROUP, "XAA");
  const kept = belongings();
  const b = await Drafter.join(room, "XAB", kept, { opinion: `o-1/${GROUP}`, group: GROUP, party: "XAA" });
  await settle(b);
  expect(b.session.party).toBe("XAA");
  b.select("p-one", 0).type("new ");
  void b.session.command({ act: "discard", amendment: "a-x" }).catch(() => {});
  void b.session.command({ act: "cosponsor", amendment: "a-x", revision: 1 }).catch(() => {});
  await settle(b);
  expect(room.carriedOut.map(({ command, party }) => [command["act"], party])).toEqual([
    ["discard", "XAA"],
    ["cosponsor", "XAB"],
  ]);
});

it("keeps what is unsent in a group apart from the own drafts [S4]", async () => {
  const room = new Room(seeded([paragraph("p-one", "that the divide persists")]));
  room.groups.set(GROUP, "XAA");
  const kept = belongings();
  const b = await Drafter.join(room, "XAB", kept, { opinion: `o-1/${GROUP}`, group: GROUP, party: "XAA" });
  await settle(b);
  b.socket.cut();
  b.select("p-one", 0).type("canary");
  await b.leave();
  const own = await Drafter.join(room, "XAB", kept);
  await settle(own);
  expect(own.shown).toEqual(["that the divide persists"]);
  expect(own.session.sending).toBe(0);
});

it("offers Submit to the people of the lead alone, and discarding to all in the group", () => {
  const draft = amendment("a-x", "XAA", { status: "draft" });
  const stage = { closed: false, connected: true };
  const who = (party: string, submits: boolean) => ({ role: "expert", delegation: "XAB", group: { party, submits } });
  expect(powersOver(draft, who("XAA", true), stage)).toEqual(["submit", "discard"]);
  expect(powersOver(draft, who("XAA", false), stage)).toEqual(["discard"]);
  expect(powersOver(draft, who("CHR", false), stage)).toEqual([]);
});
