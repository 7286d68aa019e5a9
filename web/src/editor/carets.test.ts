/** Two tabs of one person at one place: what each types stays together, whatever arrives between two letters. */

import { describe, expect, it } from "vitest";
import { Delegate, exchange, paragraph, seeded } from "../../test/support/delegates";
import { seededRandom } from "../../test/support/effect";

const text = () => seeded([paragraph("p-a", "to support affordable access")]);
const words = (delegate: Delegate) => delegate.shared.join("").replace(/[{}]|ken-\d+:/g, "");

describe("letters of one word stay together", () => {
  it.each([[1001, 1002], [1002, 1001]])("with a letter like the next one typed before it, clients %i and %i", (first, second) => {
    const [one, two] = [new Delegate("ken", first, text()), new Delegate("ken", second, text())];
    for (const tab of [one, two]) tab.select("p-a", 11);
    one.type("o");
    exchange(one, two);
    one.type("ne1 ");
    two.type("two1 ");
    exchange(one, two);
    expect(words(one)).toBe(words(two));
    expect(words(one)).toBe("to support two1 one1 affordable access");
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))("whatever comes between them, seed %i", (seed) => {
    const random = seededRandom(seed);
    const tabs = [new Delegate("ken", 1001 + random(2) * 5, text()), new Delegate("ken", 1003, text())];
    const typed = ["one1 one2 one3 ", "two1 two2 two3 "].map((all) => [...all]);
    const waiting: Uint8Array[][] = [[], []];
    for (const tab of tabs) tab.select("p-a", 11);
    while (typed.some((left) => left.length > 0) || waiting.some((left) => left.length > 0)) {
      const who = random(2);
      const tab = tabs[who] as Delegate;
      if (random(2) === 0) tab.receive(...(waiting[who] as Uint8Array[]).splice(0, 1 + random(4)));
      else tab.type(typed[who]?.shift() ?? "");
      waiting[1 - who]?.push(...tab.sent.splice(0));
    }
    expect(words(tabs[0] as Delegate)).toBe(words(tabs[1] as Delegate));
    for (const word of ["one1 ", "one2 ", "one3 ", "two1 ", "two2 ", "two3 "]) expect(words(tabs[0] as Delegate)).toContain(word);
  });
});
