import { expect, test } from 'vitest';

import { findPrivateKeys, findUrlCredentials } from '../../src/detectors/blocks.ts';
import { expectFound } from '../support/marked.ts';

/** In parts, so that this file holds no key. */
const begin = (kind: string) => `-----${'BEGIN'} ${kind}-----`;
const end = (kind: string) => `-----END ${kind}-----`;

test.each([
  ['PKCS 8', 'PRIVATE KEY'],
  ['RSA', 'RSA PRIVATE KEY'],
  ['elliptic curves', 'EC PRIVATE KEY'],
  ['DSA', 'DSA PRIVATE KEY'],
  ['OpenSSH', 'OPENSSH PRIVATE KEY'],
  ['with a password', 'ENCRYPTED PRIVATE KEY'],
  ['PGP', 'PGP PRIVATE KEY BLOCK'],
  ['four words before', 'A B C D PRIVATE KEY'],
  ['a word of twenty letters', `${'X'.repeat(20)} PRIVATE KEY`],
])('a private key: %s', (_name, kind) => {
  expectFound(findPrivateKeys, `a «${begin(kind)}\nMIIE\n${end(kind)}» b`, 'private-key');
});

test.each([
  ['a certificate', 'CERTIFICATE'],
  ['a public key', 'PUBLIC KEY'],
  ['a request', 'CERTIFICATE REQUEST'],
  ['small letters', 'rsa private key'],
  ['five words before', 'A B C D E PRIVATE KEY'],
  ['a word of twenty-one letters', `${'X'.repeat(21)} PRIVATE KEY`],
  ['two blanks', 'RSA  PRIVATE KEY'],
  ['another end', 'PRIVATE KEY BLOCKS'],
])('no private key: %s', (_name, kind) => {
  expectFound(findPrivateKeys, `a ${begin(kind)}\nMIIE\n${end(kind)} b`, 'private-key');
});

test.each([
  ['two keys are two', `«${begin('PRIVATE KEY')}x${end('PRIVATE KEY')}»,«${begin('EC PRIVATE KEY')}y${end('EC PRIVATE KEY')}»`],
  ['what is cut off goes to the end', `a «${begin('PRIVATE KEY')}\nMIIE\nmore and more»`],
  ['an end of another kind ends it', `«${begin('PRIVATE KEY')}x${end('CERTIFICATE')}» y`],
  ['an end of eighty letters', `«${begin('PRIVATE KEY')}x-----END ${'A'.repeat(80)}-----» y`],
  ['an end of eighty-one is none', `«${begin('PRIVATE KEY')}x-----END ${'A'.repeat(81)}----- y»`],
  ['a second beginning belongs to the first', `«${begin('PRIVATE KEY')}${begin('PRIVATE KEY')}x${end('PRIVATE KEY')}»`],
  ['a certificate before it stays', `${begin('CERTIFICATE')}x«${begin('PRIVATE KEY')}y${end('PRIVATE KEY')}»`],
  ['a beginning without its dashes', '-----BEGIN PRIVATE KEY----'],
  ['an end alone', end('PRIVATE KEY')],
  ['nothing', ''],
])('of private keys: %s', (_name, marked) => {
  expectFound(findPrivateKeys, marked, 'private-key');
});

test.each([
  ['a database', 'postgres://«app:s3cr3t»@db:5432/x'],
  ['a user alone', 'https://«token»@github.com/x'],
  ['a password alone', 'redis://«:p4ss»@cache:6379'],
  ['an at sign in the password', 'https://«user:p@ss»@host/a@b'],
  ['letters beyond ASCII', 'https://«käyttäjä:sää»@host'],
  ['escapes', 'https://«user:p%40ss»@host'],
  ['two addresses', 'a://«u:p»@h b://«v:q»@i'],
  ['one within the query of another', 'https://h/?to=ftp://«u:p»@i'],
  ['what comes before the scheme', 'x://y://«u:p»@h'],
  ['half a surrogate pair', 'https://«u:\uD800»@h'],
])('a login in an address: %s', (_name, marked) => {
  expectFound(findUrlCredentials, marked, 'url-credentials');
});

test.each([
  ['no login', 'https://host/path?x=1#y'],
  ['an at sign in the path', 'https://host/a@b'],
  ['in the query', 'https://host?mail=a@b'],
  ['behind the hash', 'https://host#a@b'],
  ['an empty login', 'https://@host'],
  ['behind a blank', 'https://host and a@b'],
  ['behind a quote', '"https://host" a@b'],
  ['behind another quote', "'https://host' a@b"],
  ['in a tag', '<a://b>c@d'],
  ['behind a backslash', 'https://host\\a@b'],
  ['no scheme', 'user:pass@host'],
  ['at the end of the text', 'https://'],
  ['nothing', ''],
])('no login in an address: %s', (_name, text) => {
  expectFound(findUrlCredentials, text, 'url-credentials');
});

test('a login of an address is looked for within 512 characters', () => {
  const login = (length: number) => `x://${'u'.repeat(length)}@h`;
  expect(findUrlCredentials(login(511))).toEqual([{ start: 4, end: 515, rule: 'url-credentials' }]);
  expect(findUrlCredentials(login(512))).toEqual([]);
});
