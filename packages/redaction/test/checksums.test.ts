import { expect, test } from 'vitest';

import { findIbanLength, isPossibleSsn, passesFinnishId, passesIban, passesLuhn } from '../src/detectors/checksums.ts';

test.each([
  ['4111111111111111', true],
  ['378282246310005', true],
  ['0', true],
  ['', true],
  ['4111111111111112', false],
  ['4111111111111121', false],
  // 0 and 9 doubled give the same sum: what Luhn does not tell apart
  ['09', false],
  ['90', false],
  ['18', true],
])('Luhn of %s: %s', (digits, passes) => expect(passesLuhn(digits)).toBe(passes));

test.each([
  ['FI2112345600000785', true],
  ['GB29NWBK60161331926819', true],
  ['NO9386011117947', true],
  ['FI2112345600000784', false],
  ['FI1212345600000785', false],
  ['IF2112345600000785', false],
])('the check digits of %s: %s', (iban, passes) => expect(passesIban(iban)).toBe(passes));

test.each([
  ['FI21', 18],
  ['NO93 and on', 15],
  ['MT', 31],
  ['US64', undefined],
  ['fi21', undefined],
  ['F', undefined],
  ['', undefined],
])('an account of %j has %s characters', (text, length) => expect(findIbanLength(text)).toBe(length));

test.each([
  ['131052-308T', true],
  ['131052-308t', true],
  ['131052A308T', true],
  ['131052-308S', false],
  ['131053-308T', false],
  ['131052-309T', false],
])('the check character of %s: %s', (text, passes) => expect(passesFinnishId(text)).toBe(passes));

test.each([
  ['219099998', true],
  ['899010001', true],
  ['000010001', false],
  ['666010001', false],
  ['900010001', false],
  ['219000001', false],
  ['219010000', false],
  // printed in advertisements, or counted up
  ['078051120', false],
  ['219099999', false],
  ['123456789', false],
])('a social security number may be %s: %s', (digits, may) => expect(isPossibleSsn(digits)).toBe(may));
