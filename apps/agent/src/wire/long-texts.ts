import { randomUUID } from 'node:crypto';

import { isEscaped } from './json-bounds.ts';
import { replaceMarked } from './marks.ts';

/** Stands for a text while the rest is parsed: no text of anybody's begins with it, because it is told to nobody. */
const MARK = randomUUID();
/** Characters from which on a text is left out. */
const LONG_TEXT = 16_384;
/** Texts that are looked at for a long one; with many more, parsing all of them is not dearer. */
const MOST_LOOKED_AT = 64;
const [COLON, BLANK] = [0x3a, 0x20];
/** What JSON has no place for in a text: all below the blank. */
const CONTROL = /[^ -\uFFFF]/;

/**
 * The value of a JSON text, as `JSON.parse` has it. A long text that is written as it reads is not copied: it is a part of the whole. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const places = text.length > LONG_TEXT ? findLongTexts(text) : [];
  if (places.length === 0) return JSON.parse(text);
  let rest = '';
  let done = 0;
  for (const [number, { start, end }] of places.entries()) {
    rest += `${text.slice(done, start)}${MARK}${number}`;
    done = end;
  }
  const holder: unknown[] = [JSON.parse(rest + text.slice(done))];
  replaceMarked(holder, MARK, (number) => {
    const place = places[number];
    return place && text.slice(place.start, place.end);
  });
  return holder[0];
}

/** Between the quotes. */
interface Place {
  start: number;
  end: number;
}

/** Long texts among the first; not those that are keys. The whole need not be JSON: what is no text of it then is not left out, or the rest is none either. */
function findLongTexts(text: string): Place[] {
  const places: Place[] = [];
  let open = text.indexOf('"');
  for (let left = MOST_LOOKED_AT; left > 0 && open !== -1; left -= 1) {
    const start = open + 1;
    const end = findTextEnd(text, start);
    if (end === -1) break;
    if (end - start >= LONG_TEXT && !isKey(text, end) && isAsItReads(text.slice(start, end))) {
      places.push({ start, end });
      left = MOST_LOOKED_AT;
    }
    open = text.indexOf('"', end + 1);
  }
  return places;
}

function isAsItReads(raw: string): boolean {
  return !raw.includes('\\') && !CONTROL.test(raw);
}

/** The place of the quote that ends a text. */
function findTextEnd(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isKey(text: string, end: number): boolean {
  let next = end + 1;
  while (text.charCodeAt(next) <= BLANK) next += 1;
  return text.charCodeAt(next) === COLON;
}
