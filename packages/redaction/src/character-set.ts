/** A set of ASCII characters that is asked by code: far cheaper in a loop than a regular expression per character. */
export type CharacterSet = Uint8Array;

const ASCII = 128;
export const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const DIGITS = '0123456789';

/** Characters beyond ASCII are left out. */
export function createCharacterSet(characters: string): CharacterSet {
  const set = new Uint8Array(ASCII);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

/**
 * False outside the text and for anything beyond ASCII. Outside it nothing is looked up: what is no code there, looked up once, makes every later
 * look several times as dear.
 */
export function isIn(set: CharacterSet, text: string, index: number): boolean {
  return index >= 0 && index < text.length && set[text.charCodeAt(index)] === 1;
}

/** First index from `from` on, `limit` at most, whose character is not in the set. */
export function skipForward(set: CharacterSet, text: string, from: number, limit: number): number {
  let index = from;
  while (index < limit && isIn(set, text, index)) index += 1;
  return index;
}

/** Start of the run of characters of the set that ends before `from`; goes back `most` characters at most. */
export function skipBack(set: CharacterSet, text: string, from: number, most: number): number {
  let index = from;
  while (index > 0 && from - index < most && isIn(set, text, index - 1)) index -= 1;
  return index;
}
