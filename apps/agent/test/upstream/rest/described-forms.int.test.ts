import { expect, test } from 'vitest';

import { readDescription } from '@gatehouse/openapi/read-description';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import { type RawRequest, startRawHttp } from '../../support/servers/raw-http.ts';
import { defineParameter, LIST, OBJECT, openRest, readDefinitions } from '../../support/servers/rest.ts';

const string = { type: 'string' };
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const NESTED = { schema: { type: 'object', additionalProperties: true } };
const RGB = { R: 100, G: 200 };

type Sent = (method: string, path: string, operation: JsonObject, args: JsonObject) => Promise<RawRequest | string>;

/** One operation, described, called, and what came of it: the request as its bytes were, or why there was none. */
async function startForms(facts: JsonObject = { openapi: '3.1.0' }): Promise<Sent> {
  const { url, requests } = await startRawHttp();
  const { call } = openRest(url);
  return async (method, path, operation, args) => {
    const paths = { [path]: { [method]: { responses: {}, operationId: 'it', ...operation } } };
    const [definition] = readDefinitions(JSON.stringify({ ...facts, info: { title: 'A', version: '1' }, paths })).values();
    if (!definition) throw new Error('no tool');
    const answer = await call(definition, args);
    if (!('result' in answer)) return 'no result';
    if (answer.result['isError'] === true) return JSON.stringify(answer.result['content']);
    const request = requests.at(-1);
    if (!request) throw new Error('nothing arrived');
    return request;
  };
}

const asQuery = (more: JsonObject) => [defineParameter('c', 'query', more)];

test.for<[what: string, parameter: JsonObject, value: unknown, query: string]>([
  ['form, exploded', { ...LIST }, ['a,b', 'c'], 'c=a%2Cb&c=c'],
  ['form', { ...LIST, explode: false }, ['a,b', 'c'], 'c=a%2Cb,c'],
  ['form, an object', { ...OBJECT, explode: false }, RGB, 'c=R,100,G,200'],
  ['spaces', { ...LIST, style: 'spaceDelimited' }, ['a', 'b'], 'c=a%20b'],
  ['spaces, an object', { ...OBJECT, style: 'spaceDelimited' }, RGB, 'c=R%20100%20G%20200'],
  ['spaces, exploded', { ...LIST, style: 'spaceDelimited', explode: true }, ['a', 'b'], 'c=a&c=b'],
  ['pipes', { ...LIST, style: 'pipeDelimited' }, ['a', 'b c'], 'c=a%7Cb%20c'],
  ['deepObject', { ...OBJECT, style: 'deepObject' }, RGB, 'c%5BR%5D=100&c%5BG%5D=200'],
  [
    'deepObject, nested',
    { ...NESTED, style: 'deepObject' },
    { a: { b: [1, 2], d: null } },
    'c%5Ba%5D%5Bb%5D%5B%5D=1&c%5Ba%5D%5Bb%5D%5B%5D=2',
  ],
  ['deepObject, a list of objects', { ...NESTED, style: 'deepObject' }, { a: [{ b: 1 }] }, 'c%5Ba%5D%5B0%5D%5Bb%5D=1'],
  ['deepObject, a list', { ...LIST, style: 'deepObject' }, ['x', 'y'], 'c%5B%5D=x&c%5B%5D=y'],
  ['allowReserved', { allowReserved: true }, 'a/b?c=d:@!$()*,', 'c=a/b?c=d:@!$()*,'],
  ['allowReserved ends nothing', { allowReserved: true }, 'a&b#c+d;e[f]%26', 'c=a%26b%23c%2Bd%3Be%5Bf%5D%2526'],
  ['allowReserved, in a list', { ...LIST, explode: false, allowReserved: true }, ['a/b', 'c,d'], 'c=a/b,c%2Cd'],
  [
    'JSON',
    { schema: undefined, content: { 'application/json': { schema: NESTED.schema } } },
    { a: ['&', null] },
    'c=%7B%22a%22%3A%5B%22%26%22%2Cnull%5D%7D',
  ],
])('a query parameter is sent as its style says: %s', async ([, parameter, value, query]) => {
  const send = await startForms();
  expect(await send('get', '/a', { parameters: asQuery(parameter) }, { c: value })).toMatchObject({ target: `/a?${query}` });
});

test.for<[what: string, parameter: JsonObject, value: unknown, path: string]>([
  ['simple, an object', { ...OBJECT }, RGB, 'R,100,G,200'],
  ['simple, an exploded object', { ...OBJECT, explode: true }, RGB, 'R=100,G=200'],
  ['label', { style: 'label' }, 'x y', '.x%20y'],
  ['label, a list', { ...LIST, style: 'label' }, ['a', 'b'], '.a,b'],
  ['label, an exploded list', { ...LIST, style: 'label', explode: true }, ['a', 'b'], '.a.b'],
  ['label, an exploded object', { ...OBJECT, style: 'label', explode: true }, RGB, '.R=100.G=200'],
  ['matrix', { style: 'matrix' }, 'x;y', ';id=x%3By'],
  ['matrix, a list', { ...LIST, style: 'matrix' }, ['a', 'b'], ';id=a,b'],
  ['matrix, an exploded list', { ...LIST, style: 'matrix', explode: true }, ['a', 'b'], ';id=a;id=b'],
  ['matrix, an object', { ...OBJECT, style: 'matrix' }, RGB, ';id=R,100,G,200'],
  ['JSON', { schema: undefined, content: { 'application/json': { schema: NESTED.schema } } }, { a: 1 }, '%7B%22a%22%3A1%7D'],
])('a path parameter is sent as its style says: %s', async ([, parameter, value, path]) => {
  const send = await startForms();
  const operation = { parameters: [defineParameter('id', 'path', parameter)] };
  expect(await send('get', '/a/{id}/z', operation, { id: value })).toMatchObject({ target: `/a/${path}/z` });
});

test('T-56: no style makes a step out of its segment, a value out of another, or a name that another argument has', async () => {
  const send = await startForms();
  const at = (more: JsonObject) => ({ parameters: [defineParameter('id', 'path', more)] });
  for (const id of ['.', '', '..', 'a/b', '%2e'])
    expect(await send('get', '/a/{id}', at({ style: 'label' }), { id }), id).toBeTypeOf('string');
  expect(await send('get', '/a/{id}', at({ ...LIST, style: 'label', explode: true }), { id: ['', ''] })).toBeTypeOf('string');
  for (const [style, value] of [
    ['pipeDelimited', 'a|b'],
    ['spaceDelimited', 'a b'],
  ] as const)
    expect(await send('get', '/a', { parameters: asQuery({ ...LIST, style }) }, { c: [value, 'x'] })).toContain(
      'read as the end',
    );
  const deep = {
    parameters: [defineParameter('f', 'query', { ...NESTED, style: 'deepObject' }), defineParameter('f[a]', 'query')],
  };
  for (const f of [{ a: { b: 1 } }, { x: { y: 1, Y: 2 } }, { x: { 'y][z': 1, y: { z: 2 } } }, { x: { y: 1 }, xy: 2 }])
    expect(await send('get', '/a', deep, { f }), JSON.stringify(f)).toContain('holds a name');
  expect(await send('get', '/a', deep, { f: { x: { y: 1, z: 2 } } })).toMatchObject({
    target: '/a?f%5Bx%5D%5By%5D=1&f%5Bx%5D%5Bz%5D=2',
  });
});

test('all cookies of a request stand in one header, each percent-encoded, and what ends one ends none', async () => {
  const send = await startForms();
  const parameters = [
    defineParameter('debug', 'cookie', {}),
    defineParameter('theme', 'cookie', { style: 'form', explode: false }),
    defineParameter('n', 'cookie', { schema: { type: 'integer' } }),
    defineParameter('j', 'cookie', { schema: undefined, content: { 'application/json': { schema: NESTED.schema } } }),
  ];
  const args = { debug: 'a; admin=1\r\nX: y', theme: 'grün,"1"', n: 725653563933458, j: { a: [';'] } };
  const sent = await send('get', '/a', { parameters }, args);
  if (typeof sent === 'string') throw new Error(sent);
  expect(sent.headers.filter(([name]) => name === 'cookie')).toEqual([
    [
      'cookie',
      'debug=a%3B%20admin%3D1%0D%0AX%3A%20y; theme=gr%C3%BCn%2C%221%22; n=725653563933458; j=%7B%22a%22%3A%5B%22%3B%22%5D%7D',
    ],
  ]);
  const without = await send('get', '/a', { parameters }, {});
  expect(typeof without === 'string' || without.headers.some(([name]) => name === 'cookie')).toBe(false);
});

test('a header parameter that is JSON is ASCII', async () => {
  const send = await startForms();
  const parameters = [
    defineParameter('X-J', 'header', { schema: undefined, content: { 'application/json': { schema: NESTED.schema } } }),
  ];
  const sent = await send('get', '/a', { parameters }, { 'X-J': { a: 'ü,=\n' } });
  expect(sent).toMatchObject({ headers: expect.arrayContaining([['x-j', '{"a":"\\u00fc,=\\n"}']]) as unknown });
});

const describeBody = (type: string, schema: JsonObject, encoding?: JsonObject): JsonObject => ({
  requestBody: { content: { [type]: { schema, ...(encoding ? { encoding } : {}) } } },
});
const defineMembers = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const DEEP = { style: 'deepObject', explode: true };

test.for<[what: string, operation: JsonObject, body: unknown, sent: string]>([
  [
    'nothing said',
    describeBody(FORM, defineMembers({ a: string, l: LIST.schema })),
    { a: 'x y&', l: ['1', '2'], o: { b: 1 } },
    'a=x+y%26&l=1&l=2&o=%7B%22b%22%3A1%7D',
  ],
  [
    'deepObject',
    describeBody(FORM, defineMembers({ m: NESTED.schema }), { m: DEEP }),
    { m: { order_id: '6735' } },
    'm%5Border_id%5D=6735',
  ],
  [
    'deepObject, nested',
    describeBody(FORM, defineMembers({ m: NESTED.schema }), { m: DEEP }),
    { m: { a: { b: 'x y' } } },
    'm%5Ba%5D%5Bb%5D=x+y',
  ],
  [
    'deepObject, a list',
    describeBody(FORM, defineMembers({ e: LIST.schema }), { e: DEEP }),
    { e: ['data', 'b'] },
    'e%5B%5D=data&e%5B%5D=b',
  ],
  [
    'form, in one value',
    describeBody(FORM, defineMembers({ t: LIST.schema }), { t: { style: 'form', explode: false } }),
    { t: ['a', 'b,c'] },
    't=a,b%2Cc',
  ],
  ['explode alone', describeBody(FORM, defineMembers({ t: LIST.schema }), { t: { explode: false } }), { t: ['a', 'b'] }, 't=a,b'],
  [
    'pipes',
    describeBody(FORM, defineMembers({ t: LIST.schema }), { t: { style: 'pipeDelimited' } }),
    { t: ['a', 'b'] },
    't=a%7Cb',
  ],
  [
    'allowReserved',
    describeBody(FORM, defineMembers({ u: string }), { u: { allowReserved: true } }),
    { u: 'http://x/?a=b&c' },
    'u=http://x/?a=b%26c',
  ],
  [
    'a list as JSON',
    describeBody(FORM, defineMembers({ l: LIST.schema }), { l: { contentType: 'application/json' } }),
    { l: ['1'] },
    'l=%5B%221%22%5D',
  ],
  [
    'alternatives',
    describeBody(FORM, { anyOf: [defineMembers({ a: string }), defineMembers({ b: string })] }),
    { b: '1' },
    'b=1',
  ],
])('a form is sent as its encoding says: %s', async ([, operation, body, sent]) => {
  const send = await startForms();
  expect(await send('post', '/a', operation, { body })).toMatchObject({ body: sent });
});

test('T-56: a member of a form is in no name of another member', async () => {
  const send = await startForms();
  const operation = describeBody(
    FORM,
    { ...defineMembers({ m: NESTED.schema, other: string }), additionalProperties: true },
    { m: DEEP },
  );
  for (const body of [{ m: { a: 1 }, 'm[b]': 2 }, { m: { a: 1, A: 2 } }, { m: { a: { b: 1 }, ab: 2 } }, { 'm.a': 1 }])
    expect(await send('post', '/a', operation, { body }), JSON.stringify(body)).toContain('holds a name');
});

/** The parts of a body as they were sent, without the boundary. */
function splitParts(sent: RawRequest | string): string[] {
  if (typeof sent === 'string') throw new Error(sent);
  const type = Object.fromEntries(sent.headers)['content-type'] ?? '';
  const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(type)?.[1] ?? 'none';
  const [before, ...parts] = sent.body.split(`--${boundary}`);
  expect([before, parts.at(-1)]).toEqual(['', '--\r\n']);
  return parts.slice(0, -1).map((part) => part.slice(2, -2));
}

test('a multipart body: text, JSON, lists, files with name and media type, types and headers of parts', async () => {
  const send = await startForms();
  const schema = defineMembers({
    note: string,
    tags: LIST.schema,
    meta: NESTED.schema,
    plain: { type: 'string', format: 'binary' },
    files: { type: 'array', items: { contentMediaType: 'image/png', type: 'string' } },
    csv: string,
    whole: LIST.schema,
    undescribed: {},
  });
  const encoding = {
    csv: { contentType: 'text/csv', headers: { 'X-Kind': { schema: { const: 'table' } } } },
    whole: { contentType: 'application/json' },
    files: { contentType: 'image/png, image/jpeg' },
  };
  const sent = await send('post', '/a', describeBody(MULTIPART, schema, encoding), {
    body: {
      note: 'ü\r\n--',
      tags: ['a', 'b'],
      meta: { a: [1] },
      plain: 'YWJj',
      files: [{ data: 'MTI', filename: 'a"\r\nX: b/é.jpg', mediaType: 'image/jpeg' }, 'Mw=='],
      csv: 'a,b',
      whole: ['a'],
      undescribed: 'YQ==',
      none: null,
    },
  });
  expect(splitParts(sent)).toEqual([
    'Content-Disposition: form-data; name="note"\r\n\r\nü\r\n--',
    'Content-Disposition: form-data; name="tags"\r\n\r\na',
    'Content-Disposition: form-data; name="tags"\r\n\r\nb',
    'Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":[1]}',
    'Content-Disposition: form-data; name="plain"; filename="plain"\r\nContent-Type: application/octet-stream\r\n\r\nabc',
    'Content-Disposition: form-data; name="files"; filename="a%22%0D%0AX: b/é.jpg"\r\nContent-Type: image/jpeg\r\n\r\n12',
    'Content-Disposition: form-data; name="files"; filename="files"\r\nContent-Type: image/png\r\n\r\n3',
    'Content-Disposition: form-data; name="csv"\r\nContent-Type: text/csv\r\nX-Kind: table\r\n\r\na,b',
    'Content-Disposition: form-data; name="whole"\r\nContent-Type: application/json\r\n\r\n["a"]',
    'Content-Disposition: form-data; name="undescribed"; filename="undescribed"\r\nContent-Type: application/octet-stream\r\n\r\na',
  ]);
});

test('T-56: a part has the name of its member, one media type, and the bytes of its file', async () => {
  const send = await startForms();
  const operation = describeBody(MULTIPART, defineMembers({ f: { type: 'string', format: 'binary' }, g: string }));
  const hostile = await send('post', '/a', operation, { body: { 'x"; filename="e\r\nY: 1': 'v' } });
  expect(splitParts(hostile)).toEqual(['Content-Disposition: form-data; name="x%22; filename=%22e%0D%0AY: 1"\r\n\r\nv']);
  for (const f of [
    'no base64!',
    'YWJjZ',
    { data: 1 },
    { data: 'YQ', mediaType: 'a/b\r\nX: 1' },
    { data: 'YQ', filename: 3 },
    [['YQ']],
  ])
    expect(await send('post', '/a', operation, { body: { f } }), JSON.stringify(f)).toBeTypeOf('string');
  expect(await send('post', '/a', operation, { body: { G: '1', g: '2' } })).toContain('holds a name');
});

test.for<[what: string, requestBody: JsonObject, body: unknown, type: string, sent: string]>([
  [
    'bytes',
    { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    'YWJj',
    'application/octet-stream',
    'abc',
  ],
  ['a file of its type', { 'application/pdf': {} }, 'YWJj', 'application/pdf', 'abc'],
  ['XML as text', { 'application/xml': { schema: { type: 'object' } } }, '<a/>', 'application/xml; charset=utf-8', '<a/>'],
  ['text', { 'text/plain': {} }, 'a', 'text/plain; charset=utf-8', 'a'],
  ['any type, an object', { '*/*': { schema: { type: 'object' } } }, { a: 1 }, 'application/json', '{"a":1}'],
  ['any type', { '*/*': {} }, 'YWJj', 'application/octet-stream', 'abc'],
  [
    'JSON of a type of its own',
    { 'application/merge-patch+json': { schema: { type: 'object' } } },
    { a: null },
    'application/merge-patch+json',
    '{"a":null}',
  ],
  [
    'JSON of several',
    { 'application/xml': {}, [FORM]: { schema: { type: 'object' } }, 'application/json': {} },
    { a: 1 },
    'application/json',
    '{"a":1}',
  ],
])('a body is sent under its media type: %s', async ([, content, body, type, sent]) => {
  const send = await startForms();
  const request = await send('post', '/a', { requestBody: { content } }, { body });
  if (typeof request === 'string') throw new Error(request);
  expect([Object.fromEntries(request.headers)['content-type'], request.body]).toEqual([type, sent]);
});

test('OpenAPI 3.2: the method QUERY has a body, and the whole query can be one form', async () => {
  const send = await startForms({ openapi: '3.2.0' });
  const query = await send('query', '/a', describeBody('application/json', defineMembers({ q: string })), { body: { q: 'x' } });
  expect(query).toMatchObject({ method: 'QUERY', target: '/a', body: '{"q":"x"}' });
  const content = { [FORM]: { schema: defineMembers({ a: string }) } };
  const whole = { parameters: [{ name: 'all', in: 'querystring', content }] };
  expect(await send('get', '/a', whole, { all: { a: 'x y' } })).toMatchObject({ target: '/a?a=x%20y' });
});

test('Swagger 2.0 is sent as it says: lists, forms, files, bodies, what paths share', async () => {
  const send = await startForms({
    swagger: '2.0',
    consumes: ['application/json'],
    definitions: { Pet: defineMembers({ name: string }) },
  });
  const list = { type: 'array', items: string };
  const parameters = ['csv', 'ssv', 'pipes', 'multi'].map((name) => ({ name, in: 'query', ...list, collectionFormat: name }));
  const lists = await send('get', '/a', { parameters }, Object.fromEntries(parameters.map(({ name }) => [name, ['a', 'b']])));
  expect(lists).toMatchObject({ target: '/a?csv=a,b&ssv=a%20b&pipes=a%7Cb&multi=a&multi=b' });
  const json = { parameters: [{ name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } }] };
  expect(await send('post', '/a', json, { body: { name: 'x' } })).toMatchObject({ body: '{"name":"x"}' });
  const form = {
    consumes: [FORM],
    parameters: [
      { name: 'a', in: 'formData', type: 'string' },
      { name: 'l', in: 'formData', ...list },
    ],
  };
  expect(await send('post', '/a', form, { body: { a: 'x', l: ['1', '2'] } })).toMatchObject({ body: 'a=x&l=1,2' });
  const file = { consumes: [MULTIPART], parameters: [{ name: 'f', in: 'formData', type: 'file', required: true }] };
  expect(splitParts(await send('post', '/a', file, { body: { f: 'YQ==' } }))).toEqual([
    'Content-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: application/octet-stream\r\n\r\na',
  ]);
  const text = {
    swagger: '2.0',
    host: 'x.example',
    basePath: '/v1',
    schemes: ['https', 'http'],
    info: {},
    paths: { '/a': { get: {} } },
  };
  const read = readDescription(JSON.stringify(text));
  expect(read.ok && [read.description.openapi, read.description.servers]).toEqual([
    '2.0',
    ['https://x.example/v1', 'http://x.example/v1'],
  ]);
});
