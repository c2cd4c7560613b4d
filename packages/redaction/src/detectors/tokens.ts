import { createCharacterSet, DIGITS, isIn, LETTERS, skipForward } from '../character-set.ts';
import type { Span } from '../span.ts';
import { isRandom } from './randomness.ts';
import { FORM, PREFIXES, WEAK_PREFIXES } from './token-formats.ts';

/** Microsoft Entra client secrets carry their mark in the fourth to sixth place, after any of these characters. */
const ENTRA = /[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g;
const WEBHOOK =
  /(?:hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks|webhook\.office\.com|outlook\.office\.com\/webhook)\/[^\s"'<>\\)]{10,}/gi;
const WEBHOOK_HOST = /webhook|hooks\.slack/i;
const TAIL = /[A-Za-z0-9_\-.~+/|=@]{12,}/y;
const BASE64_PADDED = /^[A-Za-z0-9+/]{20,}={1,2}$/;
const LONG_WORDS = /(?:^|[^A-Za-z])[a-z]{4,}(?:[^A-Za-z]|$)/;

const byStart = new Map<number, string[]>();
for (const prefix of PREFIXES) byStart.set(getStartKey(prefix, 0), [...(byStart.get(getStartKey(prefix, 0)) ?? []), prefix]);

function getStartKey(text: string, index: number): number {
  return text.charCodeAt(index) * 65_536 + text.charCodeAt(index + 1);
}

const RUN = createCharacterSet(`${LETTERS}${DIGITS}_-.~+/`);
/** A token starts where a run does, or after one of these. */
const JOINT = createCharacterSet('/.+~');
const MIN_RUN = 12;
/** The number before the colon or bar of a bot's or an app's token. */
const MIN_NUMBER = 8;
const [COLON, BAR] = [58, 124];

/** Credentials by their form: documented prefixes and shapes, webhook addresses, and long text that looks drawn at random. */
export function findTokens(text: string): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < text.length; start += 1) {
    if (!isIn(RUN, text, start)) continue;
    const end = skipForward(RUN, text, start, text.length);
    const next = text.charCodeAt(end);
    if (end - start >= MIN_RUN || (end - start >= MIN_NUMBER && (next === COLON || next === BAR)))
      inspectRun(text, start, end, spans);
    start = end;
  }
  if (text.includes('Q~')) for (const match of text.matchAll(ENTRA)) spans.push(toSpan(match.index, match[0], 'token'));
  if (WEBHOOK_HOST.test(text)) for (const match of text.matchAll(WEBHOOK)) spans.push(toSpan(match.index, match[0], 'token'));
  return spans;
}

function toSpan(start: number, text: string, rule: Span['rule']): Span {
  return { start, end: start + text.replace(/[.,;:]+$/, '').length, rule };
}

function inspectRun(text: string, from: number, to: number, spans: Span[]): void {
  for (let start = from; start < to; start += 1) {
    if (start > from && !isIn(JOINT, text, start - 1)) continue;
    const known = findKnownForm(text, start);
    if (!known) continue;
    spans.push(known);
    start = known.end - 1;
  }
  if (to - from >= MIN_RUN) inspectRandomness(text, from, to, spans);
}

function findKnownForm(text: string, start: number): Span | null {
  const prefix = byStart.get(getStartKey(text, start))?.find((candidate) => text.startsWith(candidate, start));
  if (prefix) {
    TAIL.lastIndex = start + prefix.length;
    const tail = TAIL.exec(text)?.[0];
    if (tail && (!WEAK_PREFIXES.has(prefix) || /\d/.test(tail))) return toSpan(start, prefix + tail, 'token');
  }
  FORM.lastIndex = start;
  const match = FORM.exec(text);
  return match ? toSpan(start, match[0], 'token') : null;
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
    if (isRandom(piece)) spans.push(toSpan(position, piece, 'random'));
    position += piece.length + 1;
  }
}
