import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import { chooseRounds } from '../../support/drill.ts';
import { type RawRequest, startRawHttp } from '../../support/servers/raw-http.ts';
import { defineParameter, LIST, OBJECT, openRest, readTools } from '../../support/servers/rest.ts';

const TOOLS = readTools({
  '/v1/{owner}/items/{item}.json': {
    get: {
      operationId: 'read',
      parameters: [
        defineParameter('owner', 'path'),
        defineParameter('item', 'path'),
        defineParameter('q', 'query'),
        defineParameter('list', 'query', LIST),
        defineParameter('flat', 'query', { ...LIST, explode: false }),
        defineParameter('deep', 'query', { ...OBJECT, style: 'deepObject' }),
        defineParameter('X-Note', 'header'),
        defineParameter('X-List', 'header', LIST),
      ],
      responses: {},
    },
    post: {
      operationId: 'write',
      parameters: [defineParameter('owner', 'path'), defineParameter('item', 'path')],
      requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
      responses: {},
    },
    put: {
      operationId: 'form',
      parameters: [defineParameter('owner', 'path'), defineParameter('item', 'path')],
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
      responses: {},
    },
    patch: {
      operationId: 'text',
      parameters: [defineParameter('owner', 'path'), defineParameter('item', 'path')],
      requestBody: { content: { 'text/plain': {} } },
      responses: {},
    },
  },
});

function getTool(name: string): ToolDefinition {
  const definition = TOOLS.get(name);
  if (!definition) throw new Error(`no tool ${name}`);
  return definition;
}

async function start() {
  const recorder = await startRawHttp();
  const rest = openRest(`${recorder.url}/base`);
  async function send(name: string, args: JsonObject): Promise<RawRequest> {
    const answer = await rest.call(getTool(name), args);
    expect(answer).toMatchObject({ result: { structuredContent: { ok: true } } });
    const request = recorder.requests.at(-1);
    if (!request) throw new Error('nothing arrived');
    return request;
  }
  return { ...recorder, ...rest, send };
}

test('each argument is encoded for its place', async () => {
  const { send, url } = await start();
  const read = await send('read', {
    owner: 'a b&c=d?#é',
    item: 42,
    q: 'x&y=1#z +%',
    list: ['a,b', 'c'],
    flat: ['a,b', 'c'],
    deep: { 'k]': 'v&', n: 1 },
    'X-Note': 'say "hi"',
    'X-List': ['a', 'b'],
  });
  expect(read.method).toBe('GET');
  expect(read.target).toBe(
    '/base/v1/a%20b%26c%3Dd%3F%23%C3%A9/items/42.json' +
      '?q=x%26y%3D1%23z%20%2B%25&list=a%2Cb&list=c&flat=a%2Cb,c&deep%5Bk%5D%5D=v%26&deep%5Bn%5D=1',
  );
  const query = new URL(read.target, url).searchParams;
  expect([query.get('q'), query.getAll('list'), query.get('deep[k]]')]).toEqual(['x&y=1#z +%', ['a,b', 'c'], 'v&']);
  expect(Object.fromEntries(read.headers)).toMatchObject({ 'x-note': 'say "hi"', 'x-list': 'a,b', host: new URL(url).host });

  const write = await send('write', { owner: 'o', item: 'i', body: { a: [1, { b: null }], text: 'ü' } });
  expect(write).toMatchObject({ method: 'POST', body: '{"a":[1,{"b":null}],"text":"ü"}' });
  expect(Object.fromEntries(write.headers)['content-type']).toBe('application/json');

  const form = await send('form', { owner: 'o', item: 'i', body: { a: ['1', '2'], b: 'x y&z', c: { d: 1 }, e: null } });
  expect([...new URLSearchParams(form.body)]).toEqual([
    ['a', '1'],
    ['a', '2'],
    ['b', 'x y&z'],
    ['c', '{"d":1}'],
  ]);
  const text = await send('text', { owner: 'o', item: 'i', body: 'line\r\nline ü' });
  expect(text.body).toBe('line\r\nline ü');
  expect(Object.fromEntries(text.headers)['content-type']).toBe('text/plain; charset=utf-8');
  const none = await send('write', { owner: 'o', item: 'i' });
  expect([none.body, Object.fromEntries(none.headers)['content-type']]).toEqual(['', undefined]);
});

const HOSTILE = [
  '..',
  '.',
  '/',
  'a/b',
  '../admin',
  '..\\admin',
  '%2e%2e%2fadmin',
  '%2F',
  'a%2fb',
  '%252f',
  '%5c',
  '..;',
  '..;/admin',
  '',
  'a\0b',
  'a\r\nHost: evil.example',
  'a\nb',
  '\ud800',
];

test('T-56: a path argument that could step out of its segment is refused before anything is sent, and is not repeated', async () => {
  const { call, requests } = await start();
  for (const value of HOSTILE) {
    for (const args of [
      { owner: value, item: 'i' },
      { owner: ['a', value], item: 'i' },
    ]) {
      if (value === '' && Array.isArray(args.owner)) continue;
      const { result } = (await call(getTool('read'), args)) as { result: { isError?: boolean; content: { text: string }[] } };
      expect(result.isError, JSON.stringify(args)).toBe(true);
      expect(result.content[0]?.text).toContain('"owner"');
      expect(result.content[0]?.text).not.toContain('admin');
    }
  }
  for (const owner of [null, undefined, {}, [], [[]], { a: { b: 1 } }]) {
    expect(await call(getTool('read'), { owner, item: 'i' })).toMatchObject({ result: { isError: true } });
  }
  expect(await call(getTool('read'), { item: 'i', owner: 'o', other: 'x' })).toMatchObject({ result: { isError: true } });
  expect(requests).toEqual([]);
});

test('T-56: a header argument with a line break or anything but ASCII is refused, and none may set a header of the connection', async () => {
  const { call, requests } = await start();
  for (const note of ['a\r\nX-Evil: 1', 'a\nb', 'a\0', 'é', '\u2028', { 'a\r\n': 'b' }]) {
    expect(await call(getTool('read'), { owner: 'o', item: 'i', 'X-Note': note })).toMatchObject({ result: { isError: true } });
  }
  for (const name of [
    'Host',
    'Authorization',
    'Cookie',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Mcp-Session-Id',
    'Proxy-Authorization',
  ]) {
    const operation = {
      method: 'GET',
      path: '/a',
      parameters: [{ in: 'header', argument: 'h', name, style: 'simple', explode: false }],
      body: null,
      responses: [],
    };
    const forged = { name: 'forged', inputSchema: { type: 'object' as const }, _meta: { 'gatehouse/operation': operation } };
    const answer = await call(forged, { h: 'evil' });
    expect(answer, name).toMatchObject({ result: { isError: true } });
  }
  expect(requests).toEqual([]);
});

test('T-56: a definition whose operation is not exactly one is no REST tool', async () => {
  const { call, requests } = await start();
  const good = { method: 'GET', path: '/a', parameters: [], body: null, responses: [] };
  const bad = [
    { ...good, path: '//evil.example/a' },
    { ...good, path: '/a/../b' },
    { ...good, path: '/a?b' },
    { ...good, path: 'a' },
    { ...good, path: '/a\\b' },
    { ...good, method: 'CONNECT' },
    { ...good, host: 'evil.example' },
    undefined,
  ];
  for (const operation of bad) {
    const definition = { name: 'x', inputSchema: { type: 'object' as const }, _meta: { 'gatehouse/operation': operation } };
    await expect(call(definition, {})).rejects.toMatchObject({ code: 'tool_not_approved' });
  }
  expect(requests).toEqual([]);
});

test('T-56: whatever the arguments are, path depth, host, header names and method are those of the template', async () => {
  const { call, requests, url } = await start();
  const { host } = new URL(url);
  const plain = await openShape(call, requests);
  const word = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...HOSTILE,
        'ok',
        'http://evil.example',
        '@evil.example',
        '?a=b',
        '#x',
        'a;b',
        ' ',
        '%',
        '%00',
        '+',
        ':80',
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.constantFrom('/', '\\', '.', '%', '2', 'f', 'e', '?', '#', '\r', '\n', ';', '@', ':', ' ', 'a'), {
          maxLength: 8,
        })
        .map((parts) => parts.join('')),
    },
  );
  let sent = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(word, word, word, word, async (owner, item, q, note) => {
      const before = requests.length;
      const answer = await call(getTool('read'), { owner, item, q, list: [q, item], deep: { [q]: owner }, 'X-Note': note });
      if (!('result' in answer)) throw new Error('no result');
      if (answer.result['isError'] === true) {
        refused += 1;
        expect(requests.length).toBe(before);
        return;
      }
      sent += 1;
      const request = requests.at(-1);
      expect(requests.length).toBe(before + 1);
      expect(describeShape(request)).toEqual(plain);
      expect(request?.headers.filter(([name]) => name === 'host')).toEqual([['host', host]]);
    }),
    // four strings a run
    { numRuns: Math.ceil(chooseRounds(100_000) / 4) },
  );
  expect(sent).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
}, 600_000);

async function openShape(call: ReturnType<typeof openRest>['call'], requests: RawRequest[]) {
  await call(getTool('read'), { owner: 'o', item: 'i', q: 'q', list: ['a'], deep: { a: 'b' }, 'X-Note': 'n' });
  return describeShape(requests.at(-1));
}

/** What no argument may change: method, depth of the path, fixed segments, and names of the headers. */
function describeShape(request: RawRequest | undefined) {
  if (!request) throw new Error('nothing arrived');
  const path = request.target.split('?')[0] ?? '';
  const segments = path.split('/');
  // as a careless server reads it: decoded first, split and normalised after that
  const careless = new URL(`http://x${path}`).pathname.split('/');
  const decoded = decodeURIComponent(path).split(/[/\\]/);
  return {
    method: request.method,
    depths: [segments.length, careless.length, decoded.length],
    fixed: [segments[1], segments[2], segments[4]],
    headers: request.headers.map(([name]) => name).toSorted(),
    body: request.body,
  };
}
