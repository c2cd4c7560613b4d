import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRedactor } from '../src/redact.ts';

const SECRET = 'held-credential-value';
const MARK = /\[redacted:[a-z-]+\]/;
const redactor = createRedactor({ secrets: [SECRET] });

/** Texts of the kinds that servers answer with, and what detectors look for, whole and in pieces. */
const piece = fc.oneof(
  fc.constantFrom(
    'ada@corp.fi',
    '4111 1111 1111 1111',
    'password=hunter2',
    '"token": "',
    '", ',
    SECRET,
    SECRET.slice(0, 9),
    SECRET.slice(9),
    '+358 40 123 4567',
    '10.0.0.1',
    '::1',
    'https://u:p@h/',
    'Bearer ',
    'q7Wz2Lx9Rt4Vb6Nm1Kp8',
    '\\u0040',
    '%40',
    '&#64;',
    '\\n',
    '\n',
    '\u200B',
    '\u001B[1m',
    '\u{E0041}',
    '\uD83D',
    '\uDE00',
    '\0',
    '=',
    ':',
    '/',
    ' ',
    '-----BEGIN PRIVATE KEY-----',
    '[redacted:',
    ']',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

/** Whether a text is another one with marks in the place of parts of it. */
function isMarked(clean: string, original: string): boolean {
  let from = 0;
  return clean.split(new RegExp(MARK, 'g')).every((kept, at, parts) => {
    const found = at === parts.length - 1 ? original.length - kept.length : original.indexOf(kept, from);
    const stands = found >= from && original.startsWith(kept, found) && (at > 0 || found === 0);
    from = found + kept.length;
    return stands;
  });
}

test('whatever a text holds, it comes back the same, or with marks in the place of what was found, and nothing else', () => {
  fc.assert(
    fc.property(text, (original) => {
      // where it holds marks already, nobody can say which are ours
      fc.pre(!MARK.test(original));
      const { text: clean, rules } = redactor.redact(original);
      expect(rules).not.toContain('error');
      if (rules.length === 0) expect(clean).toBe(original);
      else expect(isMarked(clean, original), clean).toBe(true);
      expect(clean.toLowerCase()).not.toContain(SECRET);
    }),
  );
});

test('what a mark says is among the rules that were found, and each rule has been asked for', () => {
  fc.assert(
    fc.property(text, (original) => {
      fc.pre(!MARK.test(original));
      const { text: clean, rules } = redactor.redact(original);
      const named = Array.from(clean.matchAll(/\[redacted:([a-z-]+)\]/g), ([, rule = '']) => rule);
      expect(named.filter((rule) => !rules.includes(rule))).toEqual([]);
      expect(named.length > 0).toBe(rules.length > 0);
      const ignoring = createRedactor({ secrets: [SECRET], ignored: ['email', 'phone', 'ip', 'random'] }).redact(original);
      expect(ignoring.rules.filter((rule) => ['email', 'phone', 'ip', 'random'].includes(rule))).toEqual([]);
    }),
  );
});

const VALUES = [SECRET, 'ada@corp.fi', ['ghp', '_q7Wz2Lx9Rt4Vb6Nm1Kp8Jd3Hf5Gs0YcaB3d'].join('')];

test('what stands beside it keeps no credential, address or token from being found', () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom(...VALUES), (before, behind, value) => {
      const { text: clean, rules } = redactor.redact(`${before} ${value} ${behind}`);
      expect(clean).not.toContain(value);
      expect(rules.length).toBeGreaterThan(0);
    }),
  );
});
