/**
 * Objects and lists of one message. Each takes dozens of times the memory of the two characters that it is written in; what has more of them than one in eight
 * characters of the longest message is no data of anybody's.
 */
export const MOST_CONTAINERS = 1_000_000;
/** Numbers that no double keeps and keys that are written with escapes, together: each is read by hand, and takes ten times as long as others. */
export const MOST_REWRITTEN = 250_000;

/** Levels of one message: what is deeper ends whoever walks through it with a function for each level. */
export const MOST_DEPTH = 1_000;

/** A message holds more parts of a kind than are read. Its sentence holds nothing of the message, and is fit for callers. */
export class JsonTooRich extends Error {
  override readonly name = 'JsonTooRich';
  constructor(most: number, what: string) {
    super(`More than ${most.toLocaleString('en')} ${what} are not read in one message.`);
  }
}

export function refuseDepth(): never {
  throw new JsonTooRich(MOST_DEPTH, 'levels of objects and lists inside each other');
}

const [QUOTE, OPEN_LIST, BACKSLASH, OPEN_OBJECT] = [0x22, 0x5b, 0x5c, 0x7b];

export function refuseContainers(): never {
  throw new JsonTooRich(MOST_CONTAINERS, 'objects and lists');
}

export function refuseRewritten(): never {
  throw new JsonTooRich(MOST_REWRITTEN, 'numbers of more digits than a double keeps and keys with escapes');
}

/**
 * Whether a text that was not parsed yet has more objects and lists than are read. Only a long one can: no other is looked at. The text may be no JSON.
 */
export function hasManyContainers(text: string): boolean {
  if (text.length < MOST_CONTAINERS * 2) return false;
  let left = MOST_CONTAINERS;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = findTextEnd(text, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) left -= 1;
    if (left < 0) return true;
  }
  return false;
}

/** The place of the quote that ends a text; the end of everything where there is none. */
function findTextEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1))
    if (!isEscaped(text, end)) return end;
  return text.length;
}

/** Whether an odd number of backslashes stands before this place. */
export function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}
