import type { IncomingMessage, ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import { CallStopped } from '../../../src/upstream/failure.ts';
import { startPilot } from '../../support/servers/pilot.ts';
import { readDefinitions, openRest, type RestSetup, readTools } from '../../support/servers/rest.ts';
import { startHttp } from '../../support/servers/upstreams.ts';

const TOOLS = readTools({
  '/thing': {
    get: { operationId: 'get', responses: {} },
    post: { operationId: 'post', requestBody: { content: { 'application/json': {} } }, responses: {} },
  },
});

interface Result extends JsonObject {
  content: { type: string; text?: string; data?: string; mimeType?: string }[];
  structuredContent?: JsonObject;
  isError?: boolean;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

async function startApi(handler: Handler, setup: RestSetup = {}) {
  const http = await startHttp(handler);
  const rest = openRest(`http://127.0.0.1:${http.port}`, setup);
  async function call(name: string, args: JsonObject = {}, signal?: AbortSignal): Promise<Result> {
    const definition = TOOLS.get(name);
    if (!definition) throw new Error(`no tool ${name}`);
    const answer = await rest.call(definition, args, signal);
    if ('error' in answer) throw new Error(answer.error.message);
    return answer.result as Result;
  }
  return { ...http, ...rest, call };
}

/** An API that gives one answer to everything. */
const startAnswering = (status: number, type: string | null, body: string | Buffer, headers: Record<string, string> = {}) =>
  startApi((_request, response) => {
    response.writeHead(status, { ...(type === null ? {} : { 'content-type': type }), ...headers }).end(body);
  });

test('a JSON object is structured content and the very text; other JSON is text', async () => {
  const text = '{"id": 12345678901234567890, "a": [1, 2]}';
  const object = await (await startAnswering(200, 'application/json; charset=utf-8', text)).call('get');
  expect(object.content).toEqual([{ type: 'text', text }]);
  expect(object.structuredContent).toMatchObject({ a: [1, 2] });
  expect(object.isError).toBeUndefined();
  const list = await (await startAnswering(200, 'application/problem+json', '[1]')).call('get');
  expect([list.content, list.structuredContent]).toEqual([[{ type: 'text', text: '[1]' }], undefined]);
  const broken = await (await startAnswering(200, 'application/json', '{"a":')).call('get');
  expect([broken.content[0]?.text, broken.structuredContent]).toEqual(['{"a":', undefined]);
});

test('an object of many levels, or with a key called __proto__, is structured content; one that is not read says why it is text alone', async () => {
  const nest = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
  for (const text of [nest(1_000), '{"__proto__":{"admin":true},"a":[{"__proto__":1}]}']) {
    const { content, structuredContent } = await (await startAnswering(200, 'application/json', text)).call('get');
    expect(content).toEqual([{ type: 'text', text }]);
    expect(JSON.stringify(structuredContent)).toBe(text);
    expect(Object.hasOwn(structuredContent ?? {}, 'admin') || Reflect.get(structuredContent ?? {}, 'admin')).not.toBe(true);
  }
  const deep = await (await startAnswering(200, 'application/json', nest(5_000))).call('get');
  expect([deep.content, deep.structuredContent, deep.isError]).toEqual([
    [
      { type: 'text', text: nest(5_000) },
      {
        type: 'text',
        text: 'There is no structured content. More than 1,000 levels of objects and lists inside each other are not read in one message.',
      },
    ],
    undefined,
    undefined,
  ]);
});

test('text, images, nothing, and a file', async () => {
  const latin = await (await startAnswering(200, 'text/plain; charset=iso-8859-1', Buffer.from([0x61, 0xfc]))).call('get');
  expect(latin.content).toEqual([{ type: 'text', text: 'aü' }]);
  const unknown = await (await startAnswering(200, 'text/csv; charset=nonsense', 'a,b')).call('get');
  expect(unknown.content[0]?.text).toBe('a,b');
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
  const image = await (await startAnswering(200, 'image/png', png)).call('get');
  expect(image.content).toEqual([{ type: 'image', data: png.toString('base64'), mimeType: 'image/png' }]);
  const none = await (await startAnswering(204, null, '')).call('post', { body: {} });
  expect(none).toMatchObject({
    content: [{ type: 'text', text: 'The API answered HTTP 204 (No Content). There is no content.' }],
  });
  const zip = await (await startAnswering(200, 'application/zip', Buffer.alloc(5))).call('get');
  const resource = { uri: 'api-answer:/content', mimeType: 'application/zip', blob: Buffer.alloc(5).toString('base64') };
  expect(zip.content).toEqual([{ type: 'resource', resource }]);
  const svg = await (await startAnswering(200, 'image/svg+xml', '<svg/>')).call('get');
  expect(svg.content).toEqual([{ type: 'text', text: '<svg/>' }]);
});

test('an error of the API is an error of the tool: status, a bounded part of its text, how long to wait; tried once', async () => {
  const missing = await (await startAnswering(404, 'application/json', '{"error":"no such order"}')).call('get');
  expect(missing).toMatchObject({
    isError: true,
    content: [{ text: 'The API answered HTTP 404 (Not Found).' }, { text: '{"error":"no such order"}' }],
  });
  const long = await (await startAnswering(500, 'text/plain', 'x'.repeat(100_000))).call('get');
  expect(long.content[1]?.text).toHaveLength(4_001);
  for (const method of ['get', 'post']) {
    const busy = await startAnswering(429, null, 'Daily cap reached', { 'retry-after': '30' });
    const result = await busy.call(method);
    const waiting = { text: expect.stringContaining('wait 30 seconds') as string };
    expect(result).toMatchObject({ isError: true, content: [waiting, { text: 'Daily cap reached' }] });
    expect(busy.seen).toHaveLength(1);
  }
  const later = await (await startAnswering(503, null, '', { 'retry-after': 'Sat, 21 Nov 2026 15:00:00 GMT' })).call('get');
  expect(later.content[0]?.text).toContain('until 2026-11-21T15:00:00.000Z');
  const elsewhere = await (await startAnswering(302, null, '', { location: 'http://127.0.0.1:1/' })).call('post');
  expect(elsewhere).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('points elsewhere') as string }] });
});

test('T-28: 401 and 403 say what happened to the credential, and in the API’s own words to the caller alone', async () => {
  const echoing: Handler = (request, response) => {
    response
      .writeHead(request.url === '/thing' ? 401 : 500, { 'content-type': 'text/plain' })
      .end(`you sent ${String(request.headers['x-key'])}`);
  };
  const credential = { kind: 'header', header: 'X-Key', prefix: '', reference: 'env:KEY' } as const;
  const api = await startApi(echoing, { credential, environment: { KEY: 'the-secret-key' } });
  const failure: unknown = await api.call('get').catch((error: unknown) => error);
  // what the caller is told is scrubbed on its way: test/call/told.int.test.ts
  expect(failure).toMatchObject({
    code: 'credential_unavailable',
    status: 401,
    told: expect.stringContaining('you sent') as string,
  });
  expect(String(failure)).not.toContain('the-secret-key');
  expect(api.seen).toHaveLength(1);
  expect(api.seen[0]).toMatchObject({ 'x-key': 'the-secret-key' });
  const forbidden = await (await startAnswering(403, 'text/plain', 'needs scope mail.send')).call('get');
  const meaning = { text: expect.stringContaining('does not permit this call') as string };
  expect(forbidden).toMatchObject({ isError: true, content: [meaning, { text: 'needs scope mail.send' }] });
});

test('T-57: an answer that is too large, a dead server and a caller that stops waiting end with their codes', async () => {
  const large = await startApi((_request, response) => void response.end(Buffer.alloc(100_000)), { maxAnswerBytes: 50_000 });
  await expect(large.call('get')).rejects.toMatchObject({ code: 'upstream_too_large' });
  const failing = await startApi(
    (_request, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end(Buffer.alloc(100_000)),
    { maxAnswerBytes: 50_000 },
  );
  await expect(failing.call('get')).rejects.toMatchObject({ code: 'upstream_too_large' });
  const cut = await startApi((request) => void request.socket.destroy());
  await expect(cut.call('post', { body: {} })).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(cut.seen).toHaveLength(1);

  const stop = new AbortController();
  const closed = Promise.withResolvers<void>();
  const hanging = await startApi((request, response) => {
    response.on('close', () => closed.resolve());
    if (request.method) stop.abort(new CallStopped('upstream_timeout'));
  });
  await expect(hanging.call('get', {}, stop.signal)).rejects.toMatchObject({ code: 'upstream_timeout' });
  await closed.promise;
});

test('nothing but tools is offered, and nothing is asked back', async () => {
  const { conversation, seen } = await startAnswering(200, null, '');
  const { signal } = new AbortController();
  expect(conversation.capabilities).toEqual({ tools: {} });
  expect(await conversation.request({ method: 'resources/read', params: {}, signal })).toMatchObject({
    error: { code: -32_601 },
  });
  await conversation.notify('notifications/cancelled');
  await conversation.answer(1, { result: {} });
  expect(seen).toEqual([]);
});

test('the orders API, from its own description', async () => {
  const pilot = await startPilot();
  const definitions = readDescribed(await pilot.description());
  expect([...definitions.keys()].toSorted()).toEqual(['cancelOrder', 'getOrder', 'listOrders', 'replaceOrderNote']);
  const credential = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:TOKEN' } as const;
  const { call } = openRest(pilot.baseUrl, { credential, environment: { TOKEN: pilot.token } });
  const run = (name: string, args: JsonObject) => {
    const definition = definitions.get(name);
    if (!definition) throw new Error(`no tool ${name}`);
    return call(definition, args);
  };
  expect(await run('getOrder', { orderId: '8841' })).toMatchObject({
    result: { structuredContent: { orderId: '8841', status: 'shipped' } },
  });
  expect(await run('listOrders', { status: 'open' })).toMatchObject({
    result: { structuredContent: { orders: [{ orderId: '8842' }, { orderId: '8843' }] } },
  });
  expect(await run('replaceOrderNote', { orderId: '8842', body: { note: 'call back' } })).toMatchObject({
    result: { structuredContent: { note: 'call back' } },
  });
  expect(await run('cancelOrder', { orderId: '8842' })).toMatchObject({
    result: { structuredContent: { status: 'cancelled', note: 'call back' } },
  });
  expect(await run('getOrder', { orderId: '9999' })).toMatchObject({ result: { isError: true } });
  const stranger = openRest(pilot.baseUrl);
  const [getOrder] = [definitions.get('getOrder')];
  if (getOrder)
    await expect(stranger.call(getOrder, { orderId: '8841' })).rejects.toMatchObject({ code: 'credential_unavailable' });
});

/** Those that can be tools; the invoice upload of the orders API cannot. */
function readDescribed(text: string) {
  const description = JSON.parse(text) as { paths: Record<string, unknown> };
  const { '/orders/{orderId}/invoice': _invoice, ...paths } = description.paths;
  return readDefinitions(JSON.stringify({ ...description, paths }));
}

test('cookies of arguments stand behind those of the credential in one header, and none has the name of one of them', async () => {
  const seen: unknown[] = [];
  const api = await startHttp((request, response) => {
    seen.push(request.headers.cookie);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const one = (prefix: string, reference: string) => ({ kind: 'header', header: 'Cookie', prefix, reference }) as const;
  const credential = {
    kind: 'several' as const,
    credentials: [one('sid=', 'env:SID'), one('device=', 'env:DEVICE')],
    headers: [],
  };
  const { call } = openRest(api.url, { credential, environment: { SID: 'held-session-1', DEVICE: 'held-device-2' } });
  const makeCookie = (name: string) => ({ in: 'cookie', argument: name, name, style: 'form', explode: true });
  const define = (...names: string[]) => ({
    name: 'a',
    inputSchema: { type: 'object' as const },
    _meta: {
      'gatehouse/operation': { method: 'GET', path: '/a', parameters: names.map(makeCookie), body: null, responses: [] },
    },
  });
  const own = 'sid=held-session-1; device=held-device-2';
  await call(define('theme', 'debug'), { theme: 'a;b', debug: 1 });
  await call(define('theme', 'Device'), { theme: 'a', Device: 'x' });
  await call(define('theme'), {});
  expect(seen).toEqual([`${own}; theme=a%3Bb; debug=1`, `${own}; theme=a`, own]);
  // a definition that was made otherwise
  expect(await call(define('session'), { session: 'x' })).toMatchObject({ result: { isError: true } });
  expect(seen).toHaveLength(3);
});

test.each([
  ['numbers of many digits', `{"n":[${'1e999,'.repeat(260_000)}0]}`, 'application/json'],
  ['lists', `{"n":[${'[],'.repeat(1_000_001)}0]}`, 'application/json'],
  ['lists, in what is not said to be JSON', `{"n":[${'[],'.repeat(1_000_001)}0]}`, 'application/octet-stream'],
])('T-57: an answer with more %s than are read is its text alone', async (_what, body, type) => {
  const api = await startHttp((_request, response) => void response.writeHead(200, { 'content-type': type }).end(body));
  const { call } = openRest(api.url);
  const operation = { method: 'GET', path: '/a', parameters: [], body: null, responses: [] };
  const definition = { name: 'a', inputSchema: { type: 'object' as const }, _meta: { 'gatehouse/operation': operation } };
  const answer = await call(definition, {});
  if (!('result' in answer)) throw new Error('no result');
  expect(Object.keys(answer.result)).toEqual(['resultType', 'content']);
  const [content] = answer.result['content'] as { text: string }[];
  expect(content?.text === body).toBe(true);
});
