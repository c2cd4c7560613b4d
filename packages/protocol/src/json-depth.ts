const QUOTE = 34;
const BACKSLASH = 92;

/**
 * True when arrays and objects are nested deeper than `limit`. Looks at the text alone, so that a hostile document is refused before
 * JSON.parse builds it. Says nothing about whether the text is JSON.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = findEndOfString(text, at + 1);
    else if (code === 91 || code === 123) depth += 1;
    else if (code === 93 || code === 125) depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Index of the closing quote; the end of the text when there is none. */
function findEndOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}
