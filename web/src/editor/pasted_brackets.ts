/** Square brackets in pasted words: a balanced pair means a bracket, and a bracket is a mark, never two letters. */

export const OPENING = new Set(["[", "\uff3b", "\u3010"]);
export const CLOSING = new Set(["]", "\uff3d", "\u3011"]);

/** The words without their balanced brackets, and the stretches that these held, in order of opening. Offsets are of the words left. */
export interface PastedWords {
  readonly text: string;
  readonly brackets: readonly (readonly [from: number, to: number])[];
}

/** Matches by the nearest open one (opinions/SPEC.md, N1). Letters without a partner stay, and so does a pair round no word. */
export function pastedWords(line: string): PastedWords {
  const open: number[] = [];
  const partner = new Map<number, number>();
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    const opened = OPENING.has(letter) ? void open.push(at) : CLOSING.has(letter) ? open.pop() : undefined;
    if (opened !== undefined && /[^\s[\]\uff3b\uff3d\u3010\u3011]/.test(line.slice(opened, at))) partner.set(opened, at).set(at, opened);
  }
  const brackets: [number, number][] = [];
  const opened = new Map<number, [number, number]>();
  let text = "";
  for (let at = 0; at < line.length; at++) {
    const other = partner.get(at);
    const stretch = opened.get(other ?? -1);
    if (other === undefined) text += line.charAt(at);
    else if (stretch) stretch[1] = text.length;
    else {
      const begun: [number, number] = [text.length, 0];
      brackets.push(begun);
      opened.set(at, begun);
    }
  }
  return { text, brackets };
}
