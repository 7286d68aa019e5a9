// @vitest-environment jsdom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import type { Bootstrap } from "../bootstrap";
import type { Command } from "../model/commands";
import type { Stance } from "../model/record";
import { Stances, TakePosition } from "./positions";
import type { PageState } from "./state";

const asked: Command[] = [];
const drawn: HTMLElement[] = [];

/** As much of the page as the panel asks. */
function page(bootstrap: Partial<Bootstrap>, role = "expert", party = "XAA"): PageState {
  return {
    who: { role, delegation: role === "expert" ? party : "" },
    session: { party },
    stage: { closed: false, connected: true },
    bootstrap: { member: { voice: true }, ...bootstrap },
    party: (code: string) => ({ code, name: code, kind: "", region: "afr" }),
    run: (command: Command) => Promise.resolve(asked.push(command) > 0),
  } as unknown as PageState;
}

function show(content: Parameters<typeof render>[0]): HTMLElement {
  const place = document.body.appendChild(document.createElement("div"));
  drawn.push(place);
  act(() => render(content, place));
  return place;
}

function choose(select: Element | null | undefined, value: string): void {
  act(() => {
    (select as HTMLSelectElement).value = value;
    select?.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const stance = (fields: Partial<Stance>): Stance => ({
  delegation: "G77",
  attitude: "oppose",
  note: "",
  revision: 0,
  at: "",
  members: [],
  unconfirmed: false,
  ...fields,
});

afterEach(() => {
  asked.length = 0;
  for (const place of drawn.splice(0)) {
    render(null, place);
    place.remove();
  }
});

describe("positions", () => {
  it("say who is shown with a group, what waits to be confirmed, and at which revision it was said", () => {
    const stances = [
      stance({ revision: 2, at: "2026-01-21T09:00:00Z", members: ["XAB", "XAC"], unconfirmed: true }),
      stance({ delegation: "XAD", note: "revision 1: subject to capital" }),
    ];
    const text = [...show(<Stances page={page({})} stances={stances} revision={2} />).querySelectorAll("li")].map(
      (one) => one.textContent,
    );
    expect(text[0]).toMatch(/^G77 \(with XAB.*XAC\) .*not confirmed yet\)$/);
    expect(text[1]).toMatch(/^XAD .* \(revision 1\): subject to capital$/);
  });

  it("are taken for one's delegation, or for a group that it is in", async () => {
    const subject = { amendment: "a-1", revision: 2 };
    const given = { speaksFor: ["G77", "LAS"], objects: false };
    const place = show(<TakePosition page={page(given)} subject={subject} taken={undefined} />);
    expect(place.innerHTML).not.toContain("formal_objection");
    choose(place.querySelector("select"), "oppose");
    const [, group] = place.querySelectorAll("select");
    expect([...(group?.options ?? [])].map((one) => one.text)).toEqual(["XAA", "G77", "LAS"]);
    choose(group, "LAS");
    await act(async () => place.querySelector("form")?.requestSubmit());
    expect(asked).toEqual([{ act: "take_position", ...subject, attitude: "oppose", note: "", group: "LAS" }]);
  });

  it("are typed by the secretariat for the delegation that it acts for, and for nobody else", () => {
    const subject = { amendment: "a-1", revision: 2 };
    const drawnFor = (party: string): HTMLElement =>
      show(<TakePosition page={page({ objects: false }, "secretariat", party)} subject={subject} taken={undefined} />);
    expect(drawnFor("XAB").textContent).toContain("Position of XAB");
    expect(drawnFor("XAB").innerHTML).toContain("formal_objection");
    expect(drawnFor("SEC").innerHTML + drawnFor("").innerHTML).toBe("");
  });

  it("on one's own amendment are those of one's groups alone", () => {
    const subject = { amendment: "a-1", revision: 2 };
    expect(show(<TakePosition page={page({})} subject={subject} taken={undefined} own />).innerHTML).toBe("");
    const place = show(<TakePosition page={page({ speaksFor: ["G77"] })} subject={subject} taken={undefined} own />);
    choose(place.querySelector("select"), "support");
    expect([...(place.querySelectorAll("select")[1]?.options ?? [])].map((one) => one.text)).toEqual(["G77"]);
  });
});
