/** Characters that a text may hold (crdt/SPEC.md G13), and cuts that never split one. */

/** Control characters, line breaks, bidirectional overrides, ZWSP, soft hyphen, BOM, U+FFFC, tags, lone surrogates. */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b\u00ad\ufeff\ufffc]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

export interface Cleaned {
  readonly text: string;
  /** How many characters were left out. */
  readonly dropped: number;
}

/** One line of text without what the text of an Opinion may not hold; tabs become blanks. */
export function cleaned(line: string): Cleaned {
  const spaced = line.replace(/\t/g, " ");
  let dropped = 0;
  const text = spaced.replace(FORBIDDEN, () => {
    dropped += 1;
    return "";
  });
  return { text, dropped };
}

export const isAllowed = (text: string): boolean => cleaned(text).dropped === 0 && !text.includes("\t");

/** Lines of pasted text, empty ones left out. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => line.trim() !== "");
}

/** The last `length` units of a text, never half a surrogate pair. */
export function tail(text: string, length: number): string {
  if (text.length <= length) return text;
  const start = text.length - length;
  return text.slice(isLow(text.charCodeAt(start)) ? start + 1 : start);
}

/** The first `length` units of a text, never half a surrogate pair. */
export function head(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, isLow(text.charCodeAt(length)) ? length - 1 : length);
}

export const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Where the character (grapheme cluster) before `offset` begins. */
export function previousBoundary(text: string, offset: number): number {
  const before = text.slice(Math.max(0, offset - 64), offset);
  let last = 0;
  for (const { index } of graphemes.segment(before)) last = index;
  return offset - before.length + last;
}

/** Where the character (grapheme cluster) at `offset` ends. */
export function nextBoundary(text: string, offset: number): number {
  const first = graphemes.segment(text.slice(offset, offset + 64))[Symbol.iterator]().next();
  return first.done ? offset : offset + first.value.segment.length;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const words = new Intl.Segmenter("en", { granularity: "word" });

/** Where the word before `offset` begins, blanks skipped. */
export function previousWord(text: string, offset: number): number {
  const end = text.slice(0, offset).trimEnd().length;
  let start = 0;
  for (const segment of words.segment(text.slice(0, end))) start = segment.index;
  return start;
}

/** Where the word after `offset` ends, blanks skipped. */
export function nextWord(text: string, offset: number): number {
  const rest = text.slice(offset);
  const blanks = rest.length - rest.trimStart().length;
  const first = words.segment(rest.slice(blanks))[Symbol.iterator]().next();
  return offset + blanks + (first.done ? 0 : first.value.segment.length);
}
