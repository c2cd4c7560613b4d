import { expect, test } from 'vitest';

import { Credential, getCredentialPlace, listCredentials } from '../../src/documents/snapshot.ts';

const KEY = { kind: 'query', parameter: 'api_key', reference: 'env:KEY' } as const;
const SESSION = { kind: 'header', header: 'Cookie', prefix: 'sid=', reference: 'env:SESSION' };
const BEARER = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:TOKEN' } as const;
const BASIC = { kind: 'basic', username: 'gate', reference: 'env:PASSWORD' } as const;
const OAUTH = {
  kind: 'client_credentials',
  tokenUrl: 'https://a.example/token',
  clientId: 'c',
  reference: 'env:SECRET',
} as const;

const build = (credentials: readonly unknown[], headers: readonly unknown[] = []) =>
  Credential.safeParse({ kind: 'several', credentials, headers });
const findMessage = (parsed: ReturnType<typeof build>) => parsed.error?.issues[0]?.message;

test.each([
  'Host',
  'Connection',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Upgrade',
  'Content-Length',
  'content_length',
  'Content-Type',
  'Accept',
  'Transfer-Encoding',
  'User-Agent',
  'Last-Event-ID',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'Mcp-Param-Id',
  'Authorization',
  'Cookie',
  'Set-Cookie',
  'Proxy-Authorization',
  'Forwarded',
  'X-Forwarded-For',
  'X-HTTP-Method-Override',
  'X-Original-URL',
  'Origin',
  'Referer',
  'Sec-Fetch-Site',
])('no fixed header is %s', (name) => {
  expect(findMessage(build([], [{ name, value: 'x' }]))).toContain(
    'belongs to the connection, to the protocol or to what is secret',
  );
});

test.each(['a\r\nb', 'a\nb', 'né', 'ключ', '\u0000', '\t', 'x'.repeat(1_025)])('no fixed header has the value %j', (value) => {
  expect(findMessage(build([], [{ name: 'X-Org', value }]))).toContain('plain ASCII without line breaks');
});

test.each(['', 'X Org', 'X:Org', 'X-Org\r\n', 'Ünit', 'x'.repeat(65)])('no header is named %j', (name) => {
  expect(build([], [{ name, value: 'x' }]).success).toBe(false);
  expect(build([{ ...BEARER, header: name }]).success).toBe(false);
});

test.each(['', 'a&b', 'a=b', 'a b', 'a#', 'ключ', 'x'.repeat(65)])('no parameter is named %j', (parameter) => {
  expect(Credential.safeParse({ ...KEY, parameter }).success).toBe(false);
});

test.each<[string, unknown[], unknown[], string]>([
  ['two in the header Authorization', [BEARER, BASIC], [], 'header authorization'],
  ['a token and a header', [OAUTH, { ...BEARER, header: 'authorization' }], [], 'header authorization'],
  ['one parameter twice', [KEY, { ...KEY, reference: 'env:OTHER' }], [], 'parameter api_key'],
  ['one cookie twice', [SESSION, { ...SESSION, header: 'cookie', reference: 'env:OTHER' }], [], 'cookie sid'],
  ['a secret and a fixed value', [{ ...BEARER, header: 'X-Org' }], [{ name: 'x-org', value: 'a' }], 'header x-org'],
  [
    'two spellings',
    [],
    [
      { name: 'X-Org', value: 'a' },
      { name: 'X_Org', value: 'b' },
    ],
    'header x-org',
  ],
])('one place takes one value: %s', (_, credentials, headers, place) => {
  expect(findMessage(build(credentials, headers))).toBe(`There are two values for ${place}`);
});

test('several cookies are several places, also those whose names differ in case alone', () => {
  const cookies = ['sid=', 'SID=', 'device='].map((prefix) => ({ ...SESSION, prefix }));
  const several = build(cookies);
  expect(listCredentials(several.data ?? null).map(getCredentialPlace)).toEqual([
    { in: 'cookie', name: 'sid' },
    { in: 'cookie', name: 'SID' },
    { in: 'cookie', name: 'device' },
  ]);
  // whole cookies, which nobody knows the names of
  expect(
    findMessage(
      build([
        { ...SESSION, prefix: '' },
        { ...SESSION, prefix: 'a=1; b=' },
      ]),
    ),
  ).toBe('There are two values for header cookie');
});

test('nothing at all is none, and more than eight secrets or sixteen headers are too many', () => {
  expect(findMessage(build([]))).toBe('There is nothing to send');
  const keys = Array.from({ length: 9 }, (_, index) => ({ ...KEY, parameter: `key${index}` }));
  expect([build(keys.slice(1)).success, build(keys).success]).toEqual([true, false]);
  const headers = Array.from({ length: 17 }, (_, index) => ({ name: `X-${index}`, value: 'x' }));
  expect([build([], headers.slice(1)).success, build([], headers).success]).toEqual([true, false]);
});

test('several stand in no other, and each is listed with its place', () => {
  const several = build([KEY, BEARER], [{ name: 'X-Org', value: 'acme' }]);
  expect(build([several.data]).success).toBe(false);
  expect(listCredentials(several.data ?? null).map(getCredentialPlace)).toEqual([
    { in: 'query', name: 'api_key' },
    { in: 'header', name: 'Authorization' },
  ]);
  expect(listCredentials(Credential.parse(OAUTH)).map(getCredentialPlace)).toEqual([{ in: 'header', name: 'Authorization' }]);
  expect(listCredentials(null)).toEqual([]);
});
