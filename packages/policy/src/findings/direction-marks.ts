const MARK = /[\u061C\u200E\u200F]/;
const MARKS = /[\u061C\u200E\u200F]/g;
/** Scripts that are read from the right. */
const FROM_THE_RIGHT = /[\p{scx=Arabic}\p{scx=Hebrew}\p{scx=Syriac}\p{scx=Thaana}\p{scx=Nko}]/u;
const LETTER = /\p{L}/u;
/** A mark turns the direction for what is from the right and has no more than so many characters other than letters between it and the mark. */
const REACH = 20;

const [UNKNOWN, RIGHT, LEFT, NEITHER] = [0, 1, 2, 3] as const;
/** By unit, what it is; asked once. */
const KINDS = new Uint8Array(0x10000);

/**
 * Writes `rest`, which is a text of which something was hidden already and as long, without the marks of direction near a script that is read from
 * the right, where they say how a sentence is to be shown. Both ways the text is read once, whatever stands in it.
 */
export function hideUsualMarks(text: string, rest: string): string {
  if (!MARK.test(text)) return rest;
  const usual = new Uint8Array(text.length);
  markNear(text, usual, 0, text.length, 1);
  markNear(text, usual, text.length - 1, -1, -1);
  return rest.replace(MARKS, (mark, index: number) => (usual[index] === 1 ? '.' : mark));
}

/** Notes every mark that has such a script before it, in the direction of reading. */
function markNear(text: string, usual: Uint8Array, from: number, to: number, step: 1 | -1): void {
  let between = REACH + 1;
  for (let index = from; index !== to; index += step) {
    if (isSecondHalf(text, index, step)) continue;
    if (between <= REACH && MARK.test(text.charAt(index))) usual[index] = 1;
    const kind = readKind(text, index, step);
    between = kind === RIGHT ? 0 : kind === LEFT ? REACH + 1 : between + 1;
  }
}

/** Of a pair of units that was read with the first one. */
function isSecondHalf(text: string, index: number, step: 1 | -1): boolean {
  const start = step === 1 ? index - 1 : index;
  return start >= 0 && (text.codePointAt(start) ?? 0) > 0xffff;
}

function readKind(text: string, index: number, step: 1 | -1): number {
  const start = step === -1 && index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff ? index - 1 : index;
  const code = text.codePointAt(start) ?? 0;
  if (code > 0xffff) return findKind(code);
  const known = KINDS[code] ?? UNKNOWN;
  return known === UNKNOWN ? (KINDS[code] = findKind(code)) : known;
}

function findKind(code: number): number {
  const character = String.fromCodePoint(code);
  if (FROM_THE_RIGHT.test(character)) return RIGHT;
  return LETTER.test(character) ? LEFT : NEITHER;
}
