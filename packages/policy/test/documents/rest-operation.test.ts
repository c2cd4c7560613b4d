import { expect, test } from 'vitest';

import { OPERATION_META } from '../../src/compile/advertise.ts';
import {
  fillPath,
  findRestOperation,
  FixedHeader,
  hasNamedMembers,
  HeaderName,
  isCredentialHeader,
  isFreeHeader,
  isReservedHeader,
  isSecretCookie,
  isSpread,
  listPathVariables,
  MAX_FIELDS,
  PathTemplate,
  RestBody,
  RestOperation,
  RestParameter,
  SentMediaType,
  toPlaceKey,
} from '../../src/documents/rest-operation.ts';
import { defineTool } from '../../src/testing/build.ts';

const repeat = (length: number) => 'x'.repeat(length);

test.each([
  ['/', true],
  ['/orders/{id}', true],
  ['/orders/{id}/items/{item-id}.json', true],
  ["/a.b_c~d!$&'()*+,;=:@-", true],
  ['/{ä}', true],
  ['/...', true],
  [`/{${repeat(100)}}`, true],
  [`/${repeat(999)}`, true],
  ['', false],
  ['orders', false],
  ['//', false],
  ['/a//b', false],
  ['/.', false],
  ['/a/../b', false],
  ['/a/.', false],
  ['/a?b', false],
  ['/a#b', false],
  ['/a b', false],
  ['/a%20b', false],
  ['/ä', false],
  ['/a\\b', false],
  ['/{}', false],
  ['/{a', false],
  ['/a}', false],
  ['/{a/b}', false],
  ['/{{a}}', false],
  [`/{${repeat(101)}}`, false],
  [`/${repeat(1_000)}`, false],
])('%j is a path template: %s', (path, is) => expect(PathTemplate.safeParse(path).success).toBe(is));

test.each<[string, string[], string]>([
  ['/', [], '/'],
  ['/orders/{id}', ['id'], '/orders/<id>'],
  ['/{a}/{b}{a}', ['a', 'b', 'a'], '/<a>/<b><a>'],
  ['/{a-b.c}', ['a-b.c'], '/<a-b.c>'],
])('the variables of %s are %j', (path, names, filled) => {
  expect(listPathVariables(path)).toEqual(names);
  expect(fillPath(path, (name) => `<${name}>`)).toBe(filled);
});

test('what is filled in is not read again', () => expect(fillPath('/{a}/{b}', () => '{b}$&$1')).toBe('/{b}$&$1/{b}$&$1'));

test.each([
  ['X-Order', true],
  ["!#$%&'*+.^_`|~", true],
  [repeat(100), true],
  [repeat(101), false],
  ['', false],
  ['a b', false],
  ['a:b', false],
  ['ä', false],
  ['a\r\nb', false],
])('%j is the name of a header: %s', (name, is) => expect(HeaderName.safeParse(name).success).toBe(is));

test.each([
  ['a value, with "all" of ASCII ~', true],
  ['', true],
  [repeat(200), true],
  [repeat(201), false],
  ['a\r\nb', false],
  ['a\tb', false],
  ['ä', false],
])('%j is the value of a fixed header: %s', (value, is) => expect(FixedHeader.safeParse({ name: 'a', value }).success).toBe(is));

test.each([
  ['application/json', true],
  ['application/vnd.api+json', true],
  [`${repeat(64)}/${repeat(64)}`, true],
  [`${repeat(65)}/x`, false],
  [`x/${repeat(65)}`, false],
  ['text/plain; charset=utf-8', false],
  ['text/*', false],
  ['text', false],
  ['', false],
])('%j is a media type: %s', (type, is) => expect(SentMediaType.safeParse(type).success).toBe(is));

test.each(
  (
    'accept accept-encoding authorization connection content-length content-type content-encoding cookie cookie2 expect forwarded host ' +
    'http2-settings keep-alive origin referer set-cookie set-cookie2 te trailer transfer-encoding upgrade via mcp-session-id ' +
    'proxy-authorization sec-fetch-mode x-forwarded-for x-http-method x-http-method-override x-method-override-to x-original-url x-rewrite-url'
  ).split(' '),
)('no argument fills the header %s, in whatever spelling', (name) => {
  for (const written of [name, name.toUpperCase(), name.replaceAll('-', '_')]) expect(written).toSatisfy(isReservedHeader);
  expect(isReservedHeader(`x${name}`)).toBe(false);
});

test.each(['x-order', 'accept-language', 'cookie3', 'hosts', 'x-forward', 'if-match', 'user-agent', ''])(
  'an argument may fill the header %j',
  (name) => {
    expect(isReservedHeader(name)).toBe(false);
  },
);

test.each(
  'session sessionid JSESSIONID PHPSESSID connect.sid sid SSID _app_session auth_token csrftoken XSRF-TOKEN jwt id_token apiKey remember_me_1'.split(
    ' ',
  ),
)('no argument fills the cookie %s', (name) => {
  expect(isSecretCookie(name)).toBe(true);
});

test.each(['theme', 'debug', 'locale', 'device', 'inside', 'consent', 'currency', 'ab_test', 'side'])(
  'an argument may fill the cookie %s',
  (name) => {
    expect(isSecretCookie(name)).toBe(false);
  },
);

test.each([
  ['x-api-key', true, true],
  ['x-host', true, true],
  ['Authorization', true, false],
  ['cookie', true, false],
  ['Content-Type', false, false],
  ['content_type', false, false],
  ['Mcp-Anything', false, false],
  ['last-event-id', false, false],
  ['User-Agent', false, false],
  ['X_Forwarded_For', false, false],
  ['set-cookie', false, false],
])('the header %s may hold a credential: %s, and what everybody may know: %s', (name, ofCredential, isFree) => {
  expect([isCredentialHeader(name), isFreeHeader(name)]).toEqual([ofCredential, isFree]);
});

const query = { in: 'query', argument: 'a', name: 'a', style: 'form', explode: true };

test.each<[string, object, boolean]>([
  ['a query', query, true],
  ['a deep query', { ...query, style: 'deepObject' }, true],
  ['a query in JSON', { ...query, content: 'json' }, true],
  ['a query that keeps its characters', { ...query, allowReserved: true }, true],
  ['a path', { in: 'path', argument: 'a', name: 'a', style: 'matrix', explode: false }, true],
  ['a header', { in: 'header', argument: 'a', name: 'X-A', style: 'simple', explode: false }, true],
  ['a query of 200 letters', { ...query, name: repeat(200) }, true],
  ['a query of 201 letters', { ...query, name: repeat(201) }, false],
  ['a query without a name', { ...query, name: '' }, false],
  ['a query with half of a character in its name', { ...query, name: '\uD800' }, false],
  ['a query with a NUL in its name', { ...query, name: 'a%00' }, false],
  ['a query in the style of a path', { ...query, style: 'matrix' }, false],
  ['a query that keeps nothing', { ...query, allowReserved: false }, false],
  ['an argument of 64 letters', { ...query, argument: repeat(64) }, true],
  ['an argument of 65 letters', { ...query, argument: repeat(65) }, false],
  ['an argument with a slash', { ...query, argument: 'a/b' }, false],
  ['a header with a blank in its name', { in: 'header', argument: 'a', name: 'X A', style: 'simple', explode: false }, false],
  ['a cookie', { in: 'cookie', argument: 'a', name: 'theme', style: 'form', explode: true }, true],
  ['a cookie with what ends one in its name', { in: 'cookie', argument: 'a', name: 'a;b', style: 'form', explode: true }, false],
  ['a cookie in another style', { in: 'cookie', argument: 'a', name: 'theme', style: 'deepObject', explode: true }, false],
  ['more than is known', { ...query, more: 1 }, false],
])('a parameter is read: %s', (_name, parameter, is) => expect(RestParameter.safeParse(parameter).success).toBe(is));

test.each([
  [query, true],
  [{ ...query, explode: false }, false],
  [{ ...query, style: 'deepObject' }, false],
  [{ ...query, content: 'json' }, false],
  [{ in: 'header', argument: 'a', name: 'X-A', style: 'simple', explode: true }, false],
])('%j sends members under their own names: %s', (parameter, is) => expect(isSpread(RestParameter.parse(parameter))).toBe(is));

test.each([
  ['json', true],
  ['form', true],
  ['multipart', true],
  ['text', false],
  ['binary', false],
] as const)('the members of a body of the kind %s have names of their own: %s', (kind, has) => {
  expect(hasNamedMembers(RestBody.parse({ argument: 'body', kind, mediaType: 'a/b' }))).toBe(has);
});

const makeField = (at: number) => ({ kind: 'text', name: `f${at}` });

test.each<[string, object, boolean]>([
  ['plain', {}, true],
  ['with fields', { fields: [makeField(1)] }, true],
  ['with as many as there may be', { fields: Array.from({ length: MAX_FIELDS }, (_, at) => makeField(at)) }, true],
  ['with one more', { fields: Array.from({ length: MAX_FIELDS + 1 }, (_, at) => makeField(at)) }, false],
  ['with none', { fields: [] }, false],
  [
    'with twenty headers',
    { fields: [{ ...makeField(1), headers: Array.from({ length: 20 }, () => ({ name: 'a', value: '' })) }] },
    true,
  ],
  [
    'with one more header',
    { fields: [{ ...makeField(1), headers: Array.from({ length: 21 }, () => ({ name: 'a', value: '' })) }] },
    false,
  ],
  ['with a file', { fields: [{ kind: 'file', name: 'f', mediaType: 'image/png' }] }, true],
  ['with a file of nothing said', { fields: [{ kind: 'file', name: 'f' }] }, false],
  ['with a style', { fields: [{ kind: 'styled', name: 'f', style: 'deepObject', explode: true }] }, true],
  ['with a style of a path', { fields: [{ kind: 'styled', name: 'f', style: 'label', explode: true }] }, false],
])('a body is read: %s', (_name, more, is) => {
  expect(RestBody.safeParse({ argument: 'body', kind: 'form', mediaType: 'a/b', ...more }).success).toBe(is);
});

const operation = { method: 'GET', path: '/x', parameters: [query], body: null, responses: [] };

test.each<[string, object, boolean]>([
  ['plain', {}, true],
  ['QUERY', { method: 'QUERY' }, true],
  ['TRACE', { method: 'TRACE' }, false],
  ['in small letters', { method: 'get' }, false],
  [
    'two parameters of one name at two places',
    { parameters: [query, { in: 'header', argument: 'b', name: 'a', style: 'simple', explode: false }] },
    true,
  ],
  ['two of one name', { parameters: [query, { ...query, argument: 'b' }] }, false],
  [
    'two that some server takes for one',
    {
      parameters: [
        { ...query, name: 'order-id' },
        { ...query, argument: 'b', name: 'ORDER_ID[]' },
      ],
    },
    false,
  ],
  ['a hundred parameters', { parameters: Array.from({ length: 100 }, (_, at) => ({ ...query, name: `p${at}` })) }, true],
  ['one more', { parameters: Array.from({ length: 101 }, (_, at) => ({ ...query, name: `p${at}` })) }, false],
  ['an answer that is unknown', { responses: ['xml'] }, false],
])('an operation is read: %s', (_name, more, is) => expect(RestOperation.safeParse({ ...operation, ...more }).success).toBe(is));

test.each([
  [{ in: 'path', name: 'Id' }, 'path Id'],
  [{ in: 'query', name: 'order-id[]' }, 'query orderid'],
  [{ in: 'header', name: 'X-Order' }, 'header xorder'],
] as const)('%j is sent at the place %s', (parameter, key) => expect(toPlaceKey(parameter)).toBe(key));

test.each<[string, unknown, boolean]>([
  ['there', { [OPERATION_META]: operation }, true],
  ['broken', { [OPERATION_META]: { ...operation, method: 'X' } }, false],
  ['under another name', { operation }, false],
  ['no object', OPERATION_META, false],
  ['nothing', undefined, false],
  ['null', null, false],
])('the operation of a tool is found: %s', (_name, meta, is) => {
  expect(findRestOperation(defineTool('x', { _meta: meta }))).toEqual(is ? operation : null);
});
