/** Verbs as the room cites them: the server writes `*recognizing* b)`. */

export const withItalics = (words: string) =>
  words.split(/\*([^*]+)\*/u).map((part, place) => (place % 2 === 1 ? <em key={place}>{part}</em> : part));
