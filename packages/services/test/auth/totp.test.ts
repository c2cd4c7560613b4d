import { expect, test } from 'vitest';

import { buildKeyUri, computeCode, encodeBase32, findStep } from '../../src/auth/code/totp.ts';

const SECRET = Buffer.from('12345678901234567890');

// appendix D of RFC 4226
test.each(
  ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
    (code, step) => [step, code] as const,
  ),
)('the code of step %i is that of the RFC', (step, code) => expect(computeCode(SECRET, step)).toBe(code));

// appendix B of RFC 6238, whose eight digits end in the six
test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('at second %i the code is that of the RFC', (seconds, code) => {
  expect(findStep(SECRET, code.slice(-6), new Date(seconds * 1_000))).toBe(Math.floor(seconds / 30));
});

test('the codes of the step before and after count too, and no other text', () => {
  const now = new Date(1_000_000 * 30_000);
  for (const step of [999_999, 1_000_000, 1_000_001]) expect(findStep(SECRET, computeCode(SECRET, step), now)).toBe(step);
  for (const step of [999_998, 1_000_002]) expect(findStep(SECRET, computeCode(SECRET, step), now)).toBeNull();
  const present = computeCode(SECRET, 1_000_000);
  for (const text of ['', present.slice(0, 5), `${present}0`, ` ${present}`, 'abcdef', '１２３４５６'])
    expect(findStep(SECRET, text, now)).toBeNull();
});

// section 10 of RFC 4648
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j in base32 is %j', (text, encoded) => expect(encodeBase32(Buffer.from(text))).toBe(encoded));

test('an app reads issuer, account and secret', () => {
  const uri = new URL(buildKeyUri({ issuer: 'Gatehouse', account: 'ada@acme.example', secret: 'ABC' }));
  expect(uri.href).toMatch(/^otpauth:\/\/totp\/Gatehouse:ada%40acme\.example\?/);
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    secret: 'ABC',
    issuer: 'Gatehouse',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});
