/** In place of `lib0/logging`, which Yjs warns with: that one can also draw tables and brings a DOM library and a schema language along. */

const style = Symbol("style");
export const [BOLD, UNBOLD, RED, ORANGE] = [style, style, style, style];

const words = (said: readonly unknown[]): unknown[] => said.filter((one) => one !== style);

export const print = (...said: unknown[]): void => console.log(...words(said));
export const warn = (...said: unknown[]): void => console.warn(...words(said));
