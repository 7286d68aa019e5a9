/** Ids that a client mints (crdt/SPEC.md D3): 80 random bits, base 32, lower case. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

export const mintAmendmentId = (): string => `a-${letters(16)}`;
export const mintParagraphId = (): string => `p-${letters(16)}`;
export const mintCallId = (): string => `c-${letters(16)}`;
export const mintCommandKey = (): string => `k-${letters(16)}`;

function letters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
}
