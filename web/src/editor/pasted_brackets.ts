/** Square brackets in pasted words: a balanced pair means a bracket, and a bracket is a mark, never two letters. */

export const OPENING = new Set(["[", "\uff3b", "\u3010"]);
export const CLOSING = new Set(["]", "\uff3d", "\u3011"]);

/** The words without their balanced brackets, and the stretches that these held, in order of opening. Offsets are of the words left. */
export interface PastedWords {
  readonly text: string;
  readonly brackets: readonly (readonly [from: number, to: number])[];
}

/** Matches by the nearest open one (opinions/SPEC.md, N1). Letters without a partner stay, and so does a pair round nothing. */
export function pastedWords(line: string): PastedWords {
  const partner = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (OPENING.has(letter)) open.push(at);
    else if (CLOSING.has(letter)) {
      const opened = open.pop();
      if (opened !== undefined) partner.set(opened, at);
    }
  }
  const bare = (from: number, to: number) => {
    for (let at = from + 1; at < to; at++) if (!/[\s[\]\uff3b\uff3d\u3010\u3011]/.test(line.charAt(at))) return false;
    return true;
  };
  for (const [from, to] of partner) if (bare(from, to)) partner.delete(from);
  const closings = new Map([...partner].map(([from, to]) => [to, from]));
  const brackets = new Map<number, [number, number]>();
  let text = "";
  for (let at = 0; at < line.length; at++) {
    const opened = closings.get(at);
    if (partner.has(at)) brackets.set(at, [text.length, text.length]);
    else if (opened === undefined) text += line.charAt(at);
    else brackets.set(opened, [brackets.get(opened)?.[0] ?? 0, text.length]);
  }
  return { text, brackets: [...brackets.values()] };
}
