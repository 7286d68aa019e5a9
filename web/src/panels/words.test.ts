import { describe, expect, it } from "vitest";
import { counted, draftName, openBrackets } from "../terms";
import { admits, EVERYTHING, readFilter, ticked, withFilter } from "./filter";
import { kindWord } from "./kind_words";
import { powersOver } from "./powers";
import { queued } from "./queue_filter";
import { factsOf } from "./facts";
import { amendment, paragraph, record, run } from "./text.fixtures";
import { brief, clock, moment } from "./times";

const GENEVA = { zone: "Europe/Zurich", name: "Geneva" };

describe("times", () => {
  it("tell the meeting's zone first and by name, the reader's own second", () => {
    expect(moment("2026-02-05T13:29:00Z", GENEVA, "Africa/Nairobi")).toBe("5 Feb 2026, 14:29 Geneva (16:29 your time)");
    expect(moment("2026-02-05T13:29:00Z", GENEVA, "Europe/Paris")).toBe("5 Feb 2026, 14:29 Geneva");
  });

  it("name the day where it differs, and follow summer time", () => {
    expect(moment("2026-06-09T22:30:00Z", GENEVA, "America/Nassau")).toBe(
      "10 Jun 2026, 00:30 Geneva (9 Jun 2026, 18:30 your time)",
    );
  });

  it("are short in lists", () => {
    const now = new Date("2026-01-21T15:00:00Z");
    expect(brief("2026-01-21T09:05:00Z", GENEVA, now)).toBe("10:05");
    expect(brief("2025-12-19T09:05:00Z", GENEVA, now)).toBe("19 Dec 2025, 10:05");
    expect(clock(new Date("2026-01-21T09:05:07Z"), GENEVA)).toBe("10:05:07");
  });
});

describe("words", () => {
  it("count without an s in brackets", () => {
    expect([openBrackets(1), openBrackets(7), openBrackets(0)]).toEqual(["1 open bracket", "7 open brackets", "0 open brackets"]);
    expect(counted(1, "paragraph", "paragraphs")).toBe("1 paragraph");
  });

  it("name drafts as the room does", () => {
    expect([4, 20, 21, 22, 112].map(draftName)).toEqual([
      "Fourth draft",
      "Twentieth draft",
      "21st draft",
      "22nd draft",
      "112th draft",
    ]);
  });

  it("call an amendment by what it does", () => {
    const edit = { struck: "", written: "", bracketed: "", after: "" };
    const of = (delegation: string, more: object): string => kindWord(amendment("a", delegation), [{ ...edit, ...more }]);
    expect(of("XAA", { struck: "a", written: "b" })).toBe("Replace");
    expect(of("XAA", { struck: "a" })).toBe("Delete");
    expect(of("XAA", { written: "b" })).toBe("Add words");
    expect(of("SEC", { struck: "a", written: "b" })).toBe("Secretariat's proposal");
    const record = { revision: 1, at: "", ruledBy: "Sec", recordedBy: "Sec", note: "", meeting: "", askedBy: [], until: "" };
    const ruling = { ...record, ruling: "agreed" } as const;
    const correction = { ...amendment("a", "SEC"), author: "Sec", status: "agreed", decisions: [ruling] } as const;
    expect(kindWord(correction, [])).toBe("Editorial correction");
  });
});

describe("filter", () => {
  it("is kept in the address and read back", () => {
    const address = "http://x.test/opinions/op-1?from=list#p-7";
    const filter = { delegations: new Set(["XAB", "XAA"]), mine: true };
    const kept = withFilter(address, filter);
    expect(kept).toBe("http://x.test/opinions/op-1?from=list&delegations=XAA,XAB&mine=1#p-7");
    expect(readFilter(kept)).toEqual(filter);
    expect(withFilter(kept, EVERYTHING)).toBe(address);
  });

  it("counts a co-sponsored proposal as mine", () => {
    const joined = amendment("a", "XAA", { sponsors: ["XAB"] });
    expect(admits({ delegations: null, mine: true }, joined, "XAB")).toBe(true);
    expect(admits({ delegations: null, mine: true }, joined, "XAC")).toBe(false);
  });

  it("is all again when the last tick is put back", () => {
    const without = ticked(EVERYTHING, "XAA", false, ["XAA", "XAB"]);
    expect(without.delegations).toEqual(new Set(["XAB"]));
    expect(ticked(without, "XAA", true, ["XAA", "XAB"]).delegations).toBeNull();
  });
});

describe("powers", () => {
  const stage = { closed: false, connected: true };
  const expert = { role: "expert", delegation: "XAA" };
  const chair = { role: "chair", delegation: "" };
  const secretariat = { role: "secretariat", delegation: "" };

  it.each([
    ["own draft", amendment("a", "XAA", { status: "draft" }), expert, ["submit", "discard"]],
    ["own submitted", amendment("a", "XAA"), expert, ["withdraw"]],
    ["another's", amendment("a", "XAB"), expert, ["support"]],
    ["another's, joined", amendment("a", "XAB", { sponsors: ["XAA"] }), expert, ["leave"]],
    ["chair", amendment("a", "XAB"), chair, ["decide", "call"]],
    ["chair, of its own side", amendment("a", "CHR"), chair, ["decide", "call", "withdraw"]],
    ["chair, pinned", amendment("a", "XAB", { pinned: true }), chair, ["decide", "endCall"]],
    ["secretariat", amendment("a", "XAB"), secretariat, ["decide", "call", "withdraw"]],
    ["decided", amendment("a", "XAB", { status: "agreed" }), chair, ["reopen"]],
    ["decided, expert", amendment("a", "XAA", { status: "agreed" }), expert, []],
    ["observer", amendment("a", "XAB"), { role: "observer", delegation: "" }, []],
  ])("offer what the role may do: %s", (_, one, who, powers) => {
    expect(powersOver(one, who, stage)).toEqual(powers);
  });

  it("offer nothing on a closed draft Opinion", () => {
    expect(powersOver(amendment("a", "XAA"), chair, { closed: true, connected: true })).toEqual([]);
  });
});

describe("queue", () => {
  it("sorts by what the chair needs", () => {
    const text = paragraph("p-1", [run("x", "deletion:a-1", "deletion:a-2"), " y ", run("z", "insertion:a-3")]);
    const held = record([
      amendment("a-1", "XAA", { changedAt: "2026-01-21T09:00:00Z" }),
      amendment("a-2", "XAB", { changedAt: "2026-01-22T09:00:00Z" }),
      amendment("a-3", "XAC", { status: "set_aside" }),
      amendment("a-4", "XAC", { status: "not_retained" }),
    ]);
    const facts = factsOf([text], held);
    const ids = (filter: Parameters<typeof queued>[2]): string[] =>
      queued(facts, facts.amendments, filter, "2026-01-21T12:00:00Z").map(({ id }) => id);
    expect(ids("all")).toEqual(["a-1", "a-2", "a-3"]);
    expect(ids("conflicting")).toEqual(["a-1", "a-2"]);
    expect(ids("new")).toEqual(["a-2"]);
    expect(ids("set_aside")).toEqual(["a-3"]);
    expect(ids("decided")).toEqual(["a-4"]);
  });
});
