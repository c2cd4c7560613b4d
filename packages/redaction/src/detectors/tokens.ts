import { createCharacterSet, DIGITS, isIn, LETTERS, skipForward } from '../character-set.ts';
import type { Span } from '../span.ts';
import { isRandom } from './randomness.ts';
import { FORM, PREFIXES, WEAK_PREFIXES } from './token-formats.ts';

/** Microsoft Entra client secrets carry their mark in the fourth to sixth place, after any of these characters. */
const ENTRA = /[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g;
const WEBHOOK =
  /(?:hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks|webhook\.office\.com|outlook\.office\.com\/webhook)\/[^\s"'<>\\)]{10,}/gi;
/** What every one of these holds. */
const HOOK = /hook/i;
const BASE64_PADDED = /^[A-Za-z0-9+/]{20,}={1,2}$/;
const LONG_WORDS = /(?:^|[^A-Za-z])[a-z]{4,}(?:[^A-Za-z]|$)/;

const byStart = new Map<number, string[]>();
for (const prefix of PREFIXES) byStart.set(getStartKey(prefix, 0), [...(byStart.get(getStartKey(prefix, 0)) ?? []), prefix]);

function getStartKey(text: string, index: number): number {
  return text.charCodeAt(index) * 65_536 + text.charCodeAt(index + 1);
}

const RUN = createCharacterSet(`${LETTERS}${DIGITS}_-.~+/`);
/** What may follow the prefix of a token. */
const TAIL = createCharacterSet(`${LETTERS}${DIGITS}_-.~+/|=@`);
const MIN_TAIL = 12;
const DIGIT = createCharacterSet(DIGITS);
const PUNCTUATION = createCharacterSet('.,;:');
/** A token starts where a run does, or after one of these. */
const JOINT = createCharacterSet('/.+~');
const MIN_RUN = 12;
/** The number before the colon or bar of a bot's or an app's token. */
const MIN_NUMBER = 8;
const [COLON, BAR] = [58, 124];

/** Credentials by their form: documented prefixes and shapes, webhook addresses, and long text that looks drawn at random. */
export function findTokens(text: string): Span[] {
  const spans: Span[] = [];
  const findTail = createTailFinder(text);
  for (let start = 0; start < text.length; start += 1) {
    if (!isIn(RUN, text, start)) continue;
    const end = skipForward(RUN, text, start, text.length);
    const next = text.charCodeAt(end);
    if (end - start >= MIN_RUN || (end - start >= MIN_NUMBER && (next === COLON || next === BAR)))
      inspectRun(text, start, end, findTail, spans);
    start = end;
  }
  if (text.includes('Q~'))
    for (const match of text.matchAll(ENTRA)) spans.push(toSpan(text, match.index, match.index + match[0].length, 'token'));
  if (HOOK.test(text))
    for (const match of text.matchAll(WEBHOOK)) spans.push(toSpan(text, match.index, match.index + match[0].length, 'token'));
  return spans;
}

/** Without the punctuation at its end. A regular expression would try a run of it again from each of its characters. */
function toSpan(text: string, start: number, to: number, rule: Span['rule']): Span {
  let end = to;
  while (end > start && isIn(PUNCTUATION, text, end - 1)) end -= 1;
  return { start, end, rule };
}

/** Where what follows a prefix ends. */
interface Tail {
  end: number;
  lastDigit: number;
}

type FindTail = (index: number) => Tail;

/** A tail ends in the same place for every prefix in it, so it is read once; a text full of prefixes takes no longer than another. */
function createTailFinder(text: string): FindTail {
  let from = 0;
  let tail: Tail = { end: 0, lastDigit: -1 };
  return (index) => {
    if (index < from || index >= tail.end) [from, tail] = [index, readTail(text, index)];
    return tail;
  };
}

function readTail(text: string, start: number): Tail {
  const end = skipForward(TAIL, text, start, text.length);
  let lastDigit = end - 1;
  while (lastDigit >= start && !isIn(DIGIT, text, lastDigit)) lastDigit -= 1;
  return { end, lastDigit };
}

function inspectRun(text: string, from: number, to: number, findTail: FindTail, spans: Span[]): void {
  for (let start = from; start < to; start += 1) {
    if (start > from && !isIn(JOINT, text, start - 1)) continue;
    const known = findPrefixed(text, start, findTail) ?? findForm(text, start);
    if (!known) continue;
    spans.push(known);
    start = known.end - 1;
  }
  if (to - from >= MIN_RUN) inspectRandomness(text, from, to, spans);
}

function findPrefixed(text: string, start: number, findTail: FindTail): Span | null {
  const prefix = byStart.get(getStartKey(text, start))?.find((candidate) => text.startsWith(candidate, start));
  if (prefix === undefined) return null;
  const { end, lastDigit } = findTail(start);
  const rest = start + prefix.length;
  if (end - rest < MIN_TAIL || (WEAK_PREFIXES.has(prefix) && lastDigit < rest)) return null;
  return toSpan(text, start, end, 'token');
}

function findForm(text: string, start: number): Span | null {
  FORM.lastIndex = start;
  const match = FORM.exec(text);
  return match ? toSpan(text, start, start + match[0].length, 'token') : null;
}

function inspectRandomness(text: string, from: number, to: number, spans: Span[]): void {
  let end = to;
  while (end - to < 2 && text.charAt(end) === '=') end += 1;
  const run = text.slice(from, end);
  if (BASE64_PADDED.test(run) ? isRandom(run) : run.includes('/') && !LONG_WORDS.test(run) && isRandom(run)) {
    spans.push({ start: from, end, rule: 'random' });
    return;
  }
  let position = from;
  for (const piece of run.split('/')) {
    if (isRandom(piece)) spans.push(toSpan(text, position, position + piece.length, 'random'));
    position += piece.length + 1;
  }
}
