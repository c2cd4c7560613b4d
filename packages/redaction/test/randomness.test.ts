import { expect, test } from 'vitest';

import { isRandom } from '../src/detectors/randomness.ts';

/** Drawn once; in parts, so that this file holds nothing that looks like a live credential. */
const drawn = ['q7Wz2Lx9Rt4Vb6', 'Nm1Kp8Jd3Hf5Gs0Yc'].join('');

test.each([
  ['letters of both cases and digits', drawn],
  ['with separators', `${drawn.slice(0, 10)}-${drawn.slice(10, 20)}_${drawn.slice(20)}`],
  ['hex', 'a3f109bd7c52e6184fa0c3d97b26e850'],
  ['capitals and digits', 'Q7WZ2LX9RT4VB6NM1KP8JD'],
  ['letters of both cases alone', 'qWzLxRtVbNmKpJdHfGsYcAeIoU'],
  ['twenty characters', drawn.slice(0, 20)],
  ['a separator for each four letters', drawn.slice(0, 20).replaceAll(/.{4}/g, '$&-')],
  ['hex, of which a fifth are digits', 'abcdefabcdefabcd1234'],
  ['hex, of which three are letters', '12345678901234567abc'],
])('looks drawn at random: %s', (_what, text) => expect(isRandom(text)).toBe(true));

test.each([
  ['nineteen characters', drawn.slice(0, 19)],
  ['nothing', ''],
  ['more separators', `-${drawn.slice(0, 20).replaceAll(/.{4}/g, '$&-')}`],
  ['hex with fewer digits', 'abcdefabcdefabcde123'],
  ['hex, of which two are letters', '123456789012345678ab'],
  ['a UUID', '3f786850-e387-450f-8a36-ed7e6dc881de'],
  ['a UUID in capitals', '3F786850-E387-450F-8A36-ED7E6DC881DE'],
  ['digits', '31415926535897932384626433'],
  ['one letter', 'a'.repeat(64)],
  ['one pair', 'a1'.repeat(32)],
  ['a name in camel case', 'getCustomerOrderHistoryByAccount'],
  ['a name with hyphens', 'the-quick-brown-fox-jumps-over-2026'],
  ['mostly separators', '-'.repeat(30) + drawn.slice(0, 20)],
  ['letters beyond ASCII', 'é'.repeat(40)],
  ['a time', '2026-11-28T10:11:12.000Z'],
])('does not: %s', (_what, text) => expect(isRandom(text)).toBe(false));
