import { expect, test } from 'vitest';

import { findNameFault, foldName, splitName } from '../../src/names/parameter-name.ts';
import { MAX_PLAIN_NAME, toPlainName, withShortHash } from '../../src/names/plain-name.ts';
import { findSecretParameter } from '../../src/names/secret-parameter.ts';
import { splitWords } from '../../src/names/split-words.ts';

test.each([
  ['get_order', 'get_order'],
  ['get order', 'get_order'],
  ['issues/list', 'issues_list'],
  ['a.b:c', 'a_b_c'],
  ['Überprüfung', 'Uberprufung'],
  ['ﬁle', 'file'],
  ['ｉｄ', 'id'],
  ['__a__b__', 'a_b'],
  ['-a-', 'a'],
  ['a--b', 'a--b'],
  ['注文', ''],
  ['注文 2', '2'],
  ['🎉', ''],
  ['', ''],
  ['\uD800a', 'a'],
  ['\0', ''],
  ['a\u0301b', 'ab'],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), 'x'.repeat(64)],
  [`${'x'.repeat(63)}-y`, 'x'.repeat(63)],
])('%j in the letters of ASCII is %j', (text, name) => expect(toPlainName(text)).toBe(name));

test.each([
  ['a', 'one'],
  ['x'.repeat(64), 'one'],
  ['', '注文'],
])('%j with a hash of %j is no longer, and another one of something else', (name, hashed) => {
  const whole = withShortHash(name, hashed);
  expect(whole).toMatch(/^.*_[0-9a-z]{1,7}$/);
  expect(whole.length).toBeLessThanOrEqual(MAX_PLAIN_NAME);
  expect(whole.startsWith(name.slice(0, 56))).toBe(true);
  expect(withShortHash(name, hashed)).toBe(whole);
  expect(withShortHash(name, `${hashed}!`)).not.toBe(whole);
});

// FNV-1a as http://www.isthe.com/chongo/tech/comp/fnv publishes it: of '', 'a' and 'foobar'
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('the hash behind a name is that of %j', (hashed, hash) => expect(withShortHash('n', hashed)).toBe(`n_${hash.toString(36)}`));

test.each([
  ['orderId', ['order', 'id']],
  ['order_id', ['order', 'id']],
  ['order-id', ['order', 'id']],
  ['ORDER ID', ['order', 'id']],
  ['HTTPServer', ['http', 'server']],
  ['getHTTPUrl2', ['get', 'http', 'url2']],
  ['a1B2', ['a1', 'b2']],
  ['v2Api', ['v2', 'api']],
  ['ordnung_ä', ['ordnung']],
  ['__', []],
  ['', []],
])('the words of %j are %j', (name, words) => expect(splitWords(name)).toEqual(words));

test.each([
  ['key', 'key'],
  ['api_key', 'api_key'],
  ['access-token', 'access-token'],
  ['client_secret', 'client_secret'],
  ['PASSWORD', 'PASSWORD'],
  ['passwd', 'passwd'],
  ['auth', 'auth'],
  ['credential', 'credential'],
  ['X-Amz-Signature', 'X-Amz-Signature'],
  ['sig', 'sig'],
  ['SIG', 'SIG'],
  ['design', undefined],
  ['page', undefined],
  ['q', undefined],
])('of a URL with the parameter %s a secret is %s', (name, found) => {
  expect(findSecretParameter(new URL(`https://h.example/p/key?x=1&${name}=v#token=1`))).toBe(found);
});

test('of several parameters the first that is secret is named, in whatever way it is escaped', () => {
  expect(findSecretParameter(new URL('https://h.example/?a=key&to%6ben=1&sig=2'))).toBe('token');
  expect(findSecretParameter(new URL('https://h.example/'))).toBeUndefined();
});

test.each<[string, string[]]>([
  ['filter[status]', ['filter', 'status']],
  ['Filter.Status', ['filter', 'status']],
  ['filter%5Bstatus%5D', ['filter', 'status']],
  ['filter%255Bstatus%255D', ['filter', 'status']],
  ['a[][b]', ['a', 'b']],
  ['order-id', ['orderid']],
  ['ｏrder', ['order']],
  ['ORDER ID', ['orderid']],
  ['你好', ['你好']],
  ['[]', []],
  ['...', []],
  ['', []],
  ['%E4', ['e4']],
  ['a%41', ['aa']],
  [Array.from({ length: 16 }, (_, at) => `p${at}`).join('.'), Array.from({ length: 16 }, (_, at) => `p${at}`)],
  [Array.from({ length: 17 }, (_, at) => `p${at}`).join('.'), Array.from({ length: 16 }, (_, at) => `p${at}`)],
])('servers read %j as %j', (name, parts) => {
  expect(splitName(name)).toEqual(parts);
  expect(foldName(name)).toBe(parts.join(''));
});

test('percent-encoding is taken off four times', () => {
  const encode = (layers: number) => `%${'25'.repeat(layers - 1)}41`;
  expect([encode(4), encode(5)].map(foldName)).toEqual(['a', '41']);
});

test.each([
  ['a', null],
  [' ', null],
  ['', 'has an empty name'],
  ['\uD83D', 'has half of a character in its name'],
  ['\u{1F600}', null],
  ['a\0', 'has NUL in its name, where the name ends to some servers'],
  ['a%00', 'has NUL in its name, where the name ends to some servers'],
  ['a%2500', 'has NUL in its name, where the name ends to some servers'],
  ['a%0', null],
])('a parameter with the name %j %s', (name, fault) => expect(findNameFault(name)).toBe(fault));
