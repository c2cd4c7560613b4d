import type { Unit } from './plain-text.ts';

/** By character its folded code. 0: an escape may begin there, it is not seen, or nobody has looked yet. */
export const FOLDED = new Uint16Array(0x10000);
const SAME: Readonly<Record<string, string>> = { '-': '+', ' ': '+', _: '/' };
for (let code = 32; code < 127; code += 1) {
  const character = String.fromCharCode(code);
  if (!'%&=\\'.includes(character)) FOLDED[code] = (SAME[character] ?? character.toLowerCase()).charCodeAt(0);
}

/** One code for what says the same: a letter in either case, both alphabets of base64, a space and the plus that forms write for it. */
export function fold(code: number): number {
  const known = FOLDED[code] ?? 0;
  if (known !== 0 || code < 128) return known || code;
  return String.fromCharCode(code).toLowerCase().charCodeAt(0);
}

/** Remembers a character beyond ASCII that stands for one of its own, so that text in any script is read at the pace of English. */
export function learn(code: number, { text, isBreak }: Unit): void {
  if (code >= 128 && text.length === 1 && !isBreak) FOLDED[code] = fold(text.charCodeAt(0));
}
