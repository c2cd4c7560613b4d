import { listWrittenForms, type Written } from './encodings.ts';
import type { Span } from './span.ts';

/** Shorter secrets are not looked for: they would match ordinary text. */
export const MIN_SECRET_LENGTH = 8;

const WINDOW = MIN_SECRET_LENGTH;
const SHIFT = 5;
const SLOTS = 1 << 16;
const BASE64 = /[A-Za-z0-9+/_=-]/;

/** What is shifted out of 32 bits is forgotten, so the hash depends on the last seven characters alone and rolls with one shift. */
function roll(hash: number, code: number): number {
  return ((hash << SHIFT) ^ code) | 0;
}

function getSlot(hash: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 16) & (SLOTS - 1);
}

/**
 * Finds every held secret in every encoding, in one pass: a rolling hash over eight characters points to the few forms that may start
 * there. Time is linear in the text whatever the number of secrets.
 */
export function createSecretFinder(secrets: readonly string[]): (text: string) => Span[] {
  const forms = new Map<string, Written>();
  for (const secret of secrets.flatMap((value) => [value, value.trim()]))
    if (secret.length >= MIN_SECRET_LENGTH) for (const form of listWrittenForms(secret)) forms.set(form.text, form);
  if (!forms.size) return () => [];

  const buckets = new Map<number, Written[]>();
  const present = new Uint8Array(SLOTS);
  for (const form of forms.values()) {
    let hash = 0;
    for (let index = 0; index < WINDOW; index += 1) hash = roll(hash, form.text.charCodeAt(index));
    present[getSlot(hash)] = 1;
    buckets.set(
      hash,
      [...(buckets.get(hash) ?? []), form].sort((left, right) => right.text.length - left.text.length),
    );
  }

  return (text) => {
    const spans: Span[] = [];
    let hash = 0;
    for (let index = 0; index < text.length; index += 1) {
      hash = roll(hash, text.charCodeAt(index));
      if (!present[getSlot(hash)]) continue;
      const start = index - WINDOW + 1;
      const form = buckets.get(hash)?.find((candidate) => start >= 0 && text.startsWith(candidate.text, start));
      if (!form) continue;
      const span = toSpan(text, start, form);
      spans.push(span);
      // A base64 run goes as a whole; looking at it again for every secret in it would take quadratic time.
      if (form.embedded) {
        index = span.end - 1;
        hash = 0;
      }
    }
    return spans;
  };
}

function toSpan(text: string, from: number, form: Written): Span {
  let [start, end] = [from, from + form.text.length];
  if (form.embedded) {
    while (start > 0 && BASE64.test(text.charAt(start - 1))) start -= 1;
    while (end < text.length && BASE64.test(text.charAt(end))) end += 1;
  }
  return { start, end, rule: 'credential' };
}
