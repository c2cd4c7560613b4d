import { expect, test } from 'vitest';

import { findColonAddresses, findLetteredNumbers } from '../../src/detectors/personal-data.ts';
import { expectFound } from '../support/marked.ts';

test.each([
  ['shortened', 'from «2001:db8::8a2e:370:7334» to'],
  ['whole', '«2001:0db8:0000:0000:0000:8a2e:0370:7334»'],
  ['the own machine', '«::1»'],
  ['with an older one in it', '«::ffff:192.0.2.1»'],
  ['the longest', '«0000:0000:0000:0000:0000:ffff:255.255.255.255»'],
  ['shortened at its end', '«fe80:1::»'],
  ['in brackets', 'http://[«2001:db8::1»]:8080/'],
  ['in capitals', '«2001:DB8::A»'],
  ['with the length of a prefix', '«2001:db8::1»/64'],
  ['at the end of a sentence', 'It is «2001:db8::1».'],
  ['two of them', '«::1» «::2»'],
  ['behind a letter beyond ASCII', 'ä«::1»'],
])('an address of version 6: %s', (_name, marked) => {
  expectFound(findColonAddresses, marked, 'ip');
});

test.each([
  ['of a network card', 'at «00:1A:2B:3C:4D:5E» it'],
  ['in small letters', '«00:1a:2b:3c:4d:5e»'],
  ['in JSON', '"«00:1a:2b:3c:4d:5e»"'],
])('a hardware address: %s', (_name, marked) => {
  expectFound(findColonAddresses, marked, 'mac');
});

test.each([
  ['a time', '12:34:56'],
  ['a ratio', '1:2:3:4'],
  ['a name space', 'std::cout'],
  ['a port', '80:443'],
  ['no digit', 'fe::ad'],
  ['five pairs', '00:1A:2B:3C:4D'],
  ['seven pairs', '00:1A:2B:3C:4D:5E:6F'],
  ['a letter behind it', '::1g'],
  ['a letter before it', 'x::1'],
  ['two shortenings', '1::2::3'],
  ['nine groups', '1:2:3:4:5:6:7:8:9'],
  ['a group of five digits', '20011:db8::1'],
  ['a longer run', `1${':0'.repeat(30)}`],
  ['colons alone', ':::::::'],
  ['nothing', ''],
])('no address with colons: %s', (_name, text) => {
  expectFound(findColonAddresses, text, 'ip');
});

test.each([
  ['of Finland', 'to «FI2112345600000785» now'],
  ['in groups', '«FI21 1234 5600 0007 85»'],
  ['of Norway, the shortest', '«NO9386011117947»'],
  ['of Malta, the longest', '«MT84MALT011000012345MTLCAST001S»'],
  ['of Britain, in groups', '«GB29 NWBK 6016 1331 9268 19»'],
  ['with small letters behind the country', '«GB29nwbk60161331926819»'],
  ['a word behind it', '«DE89370400440532013000» EUR'],
  ['a word behind groups', '«DE89 3704 0044 0532 0130 00» for rent'],
  ['two of them', '«FI2112345600000785»,«DE89370400440532013000»'],
  ['one right behind another', '«FI2112345600000785» «NO9386011117947»'],
])('an account: %s', (_name, marked) => {
  expectFound(findLetteredNumbers, marked, 'iban');
});

test.each([
  ['a wrong check digit', 'FI2112345600000784'],
  ['two digits in the wrong order', 'FI2112345600000758'],
  ['a country without them', 'US64SVBKUS6S3300958879'],
  ['one letter less', 'NO938601111794'],
  ['a letter before it', 'XFI2112345600000785'],
  ['small letters', 'fi2112345600000785'],
  ['two blanks between', 'FI21  1234 5600 0007 85'],
  ['hyphens between', 'FI21-1234-5600-0007-85'],
  ['nothing', ''],
])('no account: %s', (_name, text) => {
  expectFound(findLetteredNumbers, text, 'iban');
});

test.each([
  ['of Finland', 'id «131052-308T» of'],
  ['of a later century', '«131052A308T»'],
  ['of Britain', '«AB123456C»'],
  ['of Britain, in groups', '«AB 12 34 56 C»'],
])('an identity code: %s', (_name, marked) => {
  expectFound(findLetteredNumbers, marked, 'national-id');
});

test.each([
  ['a wrong check character', '131052-308S'],
  ['the day 40', '401052-308T'],
  ['a letter behind it', '131052-308Tx'],
  ['a century that is none', '131052G308T'],
  ['a prefix that is never given', 'DA123456C'],
  ['an end that is never given', 'AB123456E'],
  ['a digit behind it', 'AB123456C1'],
])('no identity code: %s', (_name, text) => {
  expectFound(findLetteredNumbers, text, 'national-id');
});

test.each([
  ['with hyphens', 'at «00-1A-2B-3C-4D-5E» it'],
  ['with dots', '«001a.2b3c.4d5e»'],
])('a hardware address: %s', (_name, marked) => {
  expectFound(findLetteredNumbers, marked, 'mac');
});

test.each([
  ['a letter behind it', '001a.2b3c.4d5ez'],
  ['five pairs', '00-1A-2B-3C-4D'],
  ['two groups', '001a.2b3c'],
])('no hardware address: %s', (_name, text) => {
  expectFound(findLetteredNumbers, text, 'mac');
});

test('a run of digits that is longer than an address is read on from its end', () => {
  expect(findColonAddresses(`${'0:'.repeat(40)} ::1`)).toEqual([{ start: 81, end: 84, rule: 'ip' }]);
});
