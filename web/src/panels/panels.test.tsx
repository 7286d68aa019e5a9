// @vitest-environment jsdom
import { act } from "preact/test-utils";
import { render, type ComponentChild } from "preact";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Drafter, settle } from "../../test/support/drafters";
import { paragraph, run, seeded } from "../../test/support/delegates";
import { Room } from "../../test/support/room";
import type { Bootstrap } from "../bootstrap";
import { CallBar } from "./call_bar";
import { Card } from "./card";
import { Connection, OfflineBar } from "./connection";
import { Header } from "./header";
import { bringPanels } from "./later";
import { Outline } from "./outline";
import { Proposals } from "./proposals";
import { portOf } from "./session_port";
import { PageState } from "./state";
import { ToldList } from "./told";
import { UnsentBar } from "./unsent_bar";
import { struckDigest } from "./words_digest";

const BOOTSTRAP: Bootstrap = {
  opinion: { id: "o-1", name: "Draft Opinion 1", theme: "Bridging digital divides", title: "" },
  process: { name: "WTPF-26", zone: "Europe/Zurich", zoneName: "Geneva", demo: false },
  member: { id: "m-XAA", name: "A. Aurel", role: "expert", delegation: "XAA", voice: true },
  delegations: [
    { code: "XAA", name: "Aurelia", kind: "member_state", region: "afr" },
    { code: "XAB", name: "Borduria", kind: "member_state", region: "eur" },
  ],
  chairs: ["R. Taylor"],
  versions: [],
  milestone: "",
  milestoneKind: "draft",
};

const SEED = seeded([
  { ...paragraph("p-verb", run("recognizing", "em")), kind: "preambular_verb" },
  { ...paragraph("p-one", "that the ", run("wide ", "insertion:a-old-1"), "divide persists"), kind: "preambular_item" },
]);
const SUBMITTED = {
  id: "a-old-1",
  kind: "MOD",
  delegation: "XAB",
  author: "B. Bord",
  paragraph: "p-one",
  created_at: "2026-01-21T09:00:00Z",
  changed_at: "2026-01-21T09:00:00Z",
  status: "submitted",
  revision: 2,
  number: 7,
  reason: "As in Resolution 139",
};

let page: PageState;
let room: Room;
let drafter: Drafter;
const drawn: HTMLElement[] = [];

beforeAll(async () => {
  await bringPanels();
  // What jsdom leaves out of a browser.
  Object.assign(globalThis, {
    matchMedia: () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }),
  });
});

async function opened(bootstrap = BOOTSTRAP): Promise<void> {
  room = new Room(SEED);
  room.change((doc) => {
    doc.getMap("record").set("opinion", JSON.stringify({ draft: 4 }));
    doc.getMap("record").set("paragraph:p-one", JSON.stringify({ id: "p-one", label: "a)", state: "open" }));
    doc.getMap("record").set("amendment:a-old-1", JSON.stringify(SUBMITTED));
  });
  drafter = await Drafter.join(room, "XAA");
  await settle(drafter);
  page = new PageState(bootstrap, portOf(drafter.session), "http://page.test/opinions/o-1");
}

function show(content: ComponentChild): HTMLElement {
  const place = document.body.appendChild(document.createElement("div"));
  act(() => render(content, place));
  drawn.push(place);
  return place;
}

/** Lets frames go to and fro and the panels draw what came of it. */
async function settled(): Promise<void> {
  await act(async () => {
    await settle(drafter);
    page.choose({});
  });
}

const press = (button: Element | null | undefined): void => {
  void act(() => (button as HTMLElement).click());
};
const named = (place: Element, words: string): HTMLElement | undefined =>
  [...place.querySelectorAll<HTMLElement>("button")].find((button) => button.textContent?.trim() === words);

afterEach(async () => {
  for (const place of drawn.splice(0)) {
    act(() => render(null, place));
    place.remove();
  }
  await drafter.leave();
});

describe("header", () => {
  it("says which draft this is and how many brackets are open", async () => {
    await opened();
    const place = show(<Header page={page} />);
    expect(place.querySelector("h1")?.textContent).toBe("Draft Opinion 1Bridging digital divides");
    expect(place.querySelector(".head-facts")?.textContent).toContain("Fourth draft");
    expect(place.querySelector(".open-count")?.textContent).toBe("1 open bracket");
  });
});

describe("connection", () => {
  it("says saved only when everything is acknowledged, and counts what is not", async () => {
    await opened();
    const place = show(<Connection page={page} />);
    const state = (): string => place.querySelector("#connection-state")?.textContent ?? "";
    expect(state()).toMatch(/^Saved \d\d:\d\d:\d\d$/);
    await act(async () => {
      drafter.select("p-one", 0).type("so");
      page.choose({});
    });
    expect(state()).toBe("Sending 1");
    await settled();
    expect(state()).toMatch(/^Saved/);
  });

  it("keeps counting offline, and says so in a bar with a way to try again", async () => {
    await opened();
    const place = show(
      <>
        <Connection page={page} />
        <OfflineBar page={page} />
      </>,
    );
    await act(async () => {
      drafter.around.online = false;
      drafter.socket.cut();
      drafter.select("p-one", 0).type("abc");
      page.choose({});
    });
    expect(place.querySelector("#connection-state")?.textContent).toBe("Offline, 1 not sent");
    expect(place.querySelector(".offline-bar")?.textContent).toContain("1 change not sent yet.");
    expect(named(place, "Try now")).toBeDefined();
  });
});

describe("a server that can save nothing", () => {
  it("is told as such: what is not saved, in the badge and in a bar, and when it is over", async () => {
    await opened();
    const place = show(
      <>
        <Connection page={page} />
        <OfflineBar page={page} />
      </>,
    );
    const state = (): string => place.querySelector("#connection-state")?.textContent ?? "";
    const tell = (on: boolean): Promise<void> =>
      act(async () => {
        room.notice({ kind: "saving", on });
        drafter.socket.pass(0, Infinity);
        page.choose({});
      });
    await act(async () => {
      drafter.select("p-one", 0).type("so");
    });
    await tell(false);
    expect(state()).toBe("Not saved: 1");
    expect(place.querySelector(".offline-bar")?.textContent).toContain("1 change not saved yet.");
    expect(named(place, "Try now")).toBeUndefined();
    await tell(true);
    await settled();
    expect(state()).toMatch(/^Saved/);
    expect(place.querySelector(".offline-bar")).toBeNull();
  });
});

describe("card", () => {
  const card = (id: string): HTMLElement => {
    const amendment = page.facts.record.amendments.get(id);
    if (!amendment) throw new Error(`no amendment ${id}`);
    return show(<Card page={page} amendment={amendment} top={0} measured={() => {}} />);
  };

  it("says whose it is and what it does, and closed nothing more", async () => {
    await opened();
    const place = card("a-old-1");
    expect(place.querySelector("article")?.getAttribute("aria-label")).toBe("Borduria #7, Add words, recognizing a)");
    expect(place.textContent).not.toContain("As in Resolution 139");
    expect(place.querySelector("ins")?.textContent).toBe("wide");
  });

  it("selected, tells the reason and lets another delegation co-sponsor this revision", async () => {
    await opened();
    page.select("a-old-1");
    const place = card("a-old-1");
    expect(place.textContent).toContain("As in Resolution 139");
    press(named(place, "Co-sponsor"));
    await settled();
    expect(room.carriedOut).toEqual([
      { command: { act: "cosponsor", amendment: "a-old-1", revision: 2, on: true }, party: "XAA" },
    ]);
  });

  it("of words just typed is a draft that cannot be submitted before it is on record", async () => {
    await opened();
    act(() => void drafter.select("p-one", 0).type("so"));
    await settled();
    await expect.poll(() => page.pending.length).toBe(2);
    const fresh = page.pending.find(({ id }) => id !== "a-old-1");
    page.select(fresh?.id ?? null);
    const place = card(fresh?.id ?? "");
    expect(place.querySelector(".status")?.textContent).toBe("Not saved yet");
    expect(named(place, "Submit")).toBeUndefined();
  });

  it("of an own draft submits it with the reason given", async () => {
    await opened();
    const draft = { ...SUBMITTED, delegation: "XAA", status: "draft", revision: 0, number: 0, reason: "" };
    room.change((doc) => void doc.getMap("record").set("amendment:a-old-1", JSON.stringify(draft)));
    await settled();
    page.select("a-old-1");
    const place = card("a-old-1");
    const reason = place.querySelector("textarea");
    act(() => {
      if (reason) reason.value = "Agreed language";
      reason?.dispatchEvent(new Event("input", { bubbles: true }));
    });
    press(named(place, "Submit"));
    const struck = await struckDigest(page.facts.paragraphs, page.facts.record, "a-old-1");
    const given = async (): Promise<unknown> => (await settled(), room.carriedOut[0]?.command);
    await expect.poll(given).toEqual({ act: "submit", amendment: "a-old-1", reason: "Agreed language", struck });
  });
});

describe("the bar of a call", () => {
  const called = (): void =>
    room.change((doc) => {
      const call = { id: "c-1", items: [{ amendment: "a-old-1", revision: 2 }], opened_at: "2026-01-21T09:00:00Z", opened_by: "R. Taylor" };
      doc.getMap("record").set("call:c-1", JSON.stringify({ ...call, seconds: 60 }));
    });

  it("is read out once: the time that runs is no part of what is told", async () => {
    await opened();
    called();
    await settled();
    const place = show(<CallBar page={page} />);
    expect(place.querySelector("[role=alert]")?.textContent).toContain("Is there any objection to #7");
    expect(place.querySelector("[role=alert] .call-left")).toBeNull();
    expect(place.querySelector(".call-left")).not.toBeNull();
  });

  it("has the secretariat say on whose instruction it records, where more than one is in the chair", async () => {
    await opened({ ...BOOTSTRAP, chairs: ["P. Acting", "R. Taylor"] });
    Object.defineProperty(page, "who", { value: { role: "secretariat", delegation: "" } });
    called();
    await settled();
    const place = show(<CallBar page={page} />);
    const chosen = place.querySelector<HTMLSelectElement>(".ruled-by select")!;
    expect([chosen.value, page.onInstruction().ruled_by]).toEqual(["", ""]);
    chosen.value = "R. Taylor";
    act(() => void chosen.dispatchEvent(new Event("change", { bubbles: true })));
    expect(page.onInstruction()).toEqual({ ruled_by: "R. Taylor" });
    expect(place.querySelector("a")?.getAttribute("href")).toBe("/opinions/o-1/console?on=amendment%3Aa-old-1");
  });
});

describe("refusals", () => {
  it("are told in words of the room, with what the server said", async () => {
    await opened();
    room.refuse = () => ({ code: "revision-changed", message: "#7 stands at revision 3, not 2. Look at it again." });
    const place = show(<ToldList page={page} />);
    await act(async () => {
      const asked = page.run({ act: "cosponsor", amendment: "a-old-1", revision: 2 });
      await settle(drafter);
      expect(await asked).toBeNull();
    });
    expect(place.textContent).toContain("The words changed since you looked.");
    expect(place.textContent).toContain("#7 stands at revision 3, not 2.");
  });

  it("of a change of structure say what stands in the way, not that somebody was faster", async () => {
    await opened();
    room.refuse = () => ({ code: "wrong-status", message: "Words are pending in *recognizing* b)." });
    const place = show(<ToldList page={page} />);
    await act(async () => {
      const asked = page.run({ act: "join_paragraph", paragraph: "p-one" });
      await settle(drafter);
      expect(await asked).toBeNull();
    });
    expect(place.querySelector(".told-words")?.textContent).toBe("Words are pending in recognizing b).");
    expect(place.querySelector(".told-words em")?.textContent).toBe("recognizing");
  });

  it("of typed words end in a tray that only their author empties", async () => {
    await opened();
    const place = show(<UnsentBar page={page} />);
    expect(place.textContent).toBe("");
    room.refuse = (message) => (message.type === "update" ? { code: "closed", message: "closed" } : null);
    await act(async () => {
      drafter.select("p-one", 0).type("gone");
      await settle(drafter);
      page.choose({});
    });
    expect(place.textContent).toContain("Unsent text");
    expect(page.session.unsent.map(({ words }) => words).join("")).toContain("gone");
  });
});

describe("lists", () => {
  it("the outline names the verbs and counts what is pending under them", async () => {
    await opened();
    const place = show(<Outline page={page} />);
    expect([...place.querySelectorAll(".words")].map((one) => one.textContent)).toEqual(["recognizing"]);
    expect(place.querySelector(".number")?.textContent).toContain("1");
  });

  it("the list of proposals shows decided ones apart, with what became of them", async () => {
    await opened();
    const place = show(<Proposals page={page} />);
    expect(place.querySelectorAll("button.row")).toHaveLength(1);
    room.change(
      (doc) => void doc.getMap("record").set("amendment:a-old-1", JSON.stringify({ ...SUBMITTED, status: "not_retained" })),
    );
    await settled();
    expect(place.querySelectorAll("button.row")).toHaveLength(0);
    press([...place.querySelectorAll(".chip")].find((chip) => chip.textContent?.startsWith("Decided")));
    expect(place.querySelector("button.row")?.textContent).toContain("Not retained");
  });
});
