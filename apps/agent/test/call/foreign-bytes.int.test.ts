import fc from 'fast-check';
import { expect, test } from 'vitest';

import { mayHoldHiddenText } from '@gatehouse/policy/findings/hidden-in-results';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, openSession, post } from '../support/clients/clients.ts';
import { jsonObjectText, jsonText } from '../support/json-texts.ts';
import { makeRestServer, readTools } from '../support/servers/rest.ts';
import { makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';

const OPEN = { name: 'open', inputSchema: { type: 'object' as const, additionalProperties: true } };
const SECRET = 'sk-held-by-the-agent-0123456789';

/** A server of either era whose every answer to a call is one text, and the calls as they came. */
async function startRaw(era: 'legacy' | 'modern') {
  const bodies: string[] = [];
  const said = { result: '{}', before: [] as string[] };
  const http = await startHttp(async (request, response) => {
    const body = await readText(request);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body) as { id?: unknown; method: string; params?: { protocolVersion?: string } };
    const reply = (result: string) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'initialize' && era === 'legacy') {
      const { protocolVersion } = params ?? {};
      return void reply(
        JSON.stringify({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'raw', version: '1' } }),
      );
    }
    if (method === 'server/discover' && era === 'modern')
      return void reply(
        '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}',
      );
    if (method === 'tools/list')
      return void reply(JSON.stringify({ resultType: 'complete', tools: [OPEN], ttlMs: 0, cacheScope: 'private' }));
    if (method !== 'tools/call')
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":-32601,"message":"Method not found"}}`);
    bodies.push(body);
    if (said.before.length === 0) return void reply(said.result);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const message of said.before) response.write(`data: ${message}\n\n`);
    response.end(`data: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${said.result.replaceAll(/[\r\n]/g, ' ')}}\n\n`);
  });
  return { ...http, bodies, said };
}

/** The text of a member that is looked for by the letters around it. */
function cut(text: string, before: string, after: string): string {
  const start = text.indexOf(before);
  const end = text.lastIndexOf(after);
  if (start === -1 || end === -1) throw new Error(`${before} or ${after} is missing in ${text}`);
  return text.slice(start + before.length, end);
}

async function startBoth(era: 'legacy' | 'modern') {
  const upstream = await startRaw(era);
  const server = makeServerAt(upstream.url, 'env:SECRET_KEY');
  const tool = makeTool(server, OPEN);
  const pinned = makeTool(server, OPEN, {
    advertisedName: 'pinned',
    arguments: [{ kind: 'pin', argument: '/tenant', value: 'acme' }],
  });
  const restricted = makeTool(server, OPEN, {
    advertisedName: 'restricted',
    arguments: [{ kind: 'restrict', argument: '/tenant', values: ['acme'] }],
  });
  const gateway = await startGateway({
    servers: [server],
    profiles: [makeProfile([tool, pinned, restricted])],
    environment: { SECRET_KEY: SECRET },
  });
  const session = await openSession(gateway.url, gateway.secret);
  const callLegacy = async (args: string, name = 'open', id = '1', meta = '') => {
    const params = `{"name":"${name}","arguments":${args}${meta}}`;
    return (await post(gateway.url, `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`, session)).text();
  };
  const callModern = async (args: string, id = '1') => {
    const call = JSON.stringify(buildModernCall('open', 0))
      .replace('"arguments":0', () => `"arguments":${args}`)
      .replace('"id":1', `"id":${id}`);
    const headers = { ...buildAuthorization(gateway.secret), ...buildModernHeaders('open') };
    return (await post(gateway.url, call, headers)).text();
  };
  return { ...upstream, ...gateway, session, callLegacy, callModern };
}

test.each(['legacy', 'modern'] as const)(
  'T-46: arguments reach a %s server letter for letter as a client of either era wrote them',
  async (era) => {
    const { bodies, callLegacy, callModern, said } = await startBoth(era);
    said.result = '{"content":[]}';
    await fc.assert(
      fc.asyncProperty(jsonObjectText, fc.boolean(), async (args, isModern) => {
        const answer = await (isModern ? callModern(args) : callLegacy(args));
        expect(answer).toContain('"content":[]');
        expect(bodies.pop()).toContain(`"arguments":${args}`);
      }),
      { numRuns: 60 },
    );
  },
  60_000,
);

test.each(['legacy', 'modern'] as const)(
  'T-57: an answer of a %s server that is nested deeper than is read is refused, and its caller is told',
  async (era) => {
    const { callLegacy, said, journal } = await startBoth(era);
    const nest = (levels: number) => `{"content":[],"structuredContent":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    said.result = nest(990);
    expect(await callLegacy('{}')).toContain(nest(990).slice(1));
    for (const levels of [1_100, 50_000]) {
      said.result = nest(levels);
      expect(await callLegacy('{}')).toContain(
        'The server answered with more than is passed on. More than 1,000 levels of objects and lists inside each other are not read in one message.',
      );
    }
    // a request has fewer, and is told which
    expect(await callLegacy(`{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`)).toContain(
      'The text is nested deeper than 64 levels.',
    );
    expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual([
      'ok',
      'upstream_too_large',
      'upstream_too_large',
      'request_malformed',
    ]);
  },
);

const writeRich = (item: string) => `{"list":[${`${item},`.repeat(300_000)}0]}`;

test.each(['1e999', '{"\\u0061":1}'])(
  'T-57: more of %s than are read in one message is refused from clients and servers, and each is told what it was',
  async (item) => {
    const { bodies, callLegacy, said, journal } = await startBoth('legacy');
    const sentence =
      'More than 250,000 numbers of more digits than a double keeps and keys with escapes are not read in one message.';
    expect(await callLegacy(writeRich(item))).toContain(`${sentence} Send less at a time.`);
    expect(bodies).toEqual([]);
    said.result = `{"content":[],"structuredContent":${writeRich(item)}}`;
    expect(await callLegacy('{}')).toContain(`The server answered with more than is passed on. ${sentence} Ask it for less.`);
    // also where the answer comes on a stream that could be taken up again
    said.before = ['{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\nid: 7'];
    expect(await callLegacy('{}')).toContain(sentence);
    expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual([
      'request_too_large',
      'upstream_too_large',
      'upstream_too_large',
    ]);
  },
);

test('a rule on an argument holds for its name in any spelling, whatever names stood in calls before', async () => {
  const { bodies, callLegacy } = await startBoth('legacy');
  for (let times = 0; times < 3; times += 1) await callLegacy('{"spelt":1,"\\\\u0074":2}');
  bodies.length = 0;
  expect(await callLegacy('{"spelt":1,"\\u0074enant":"other"}', 'restricted')).toContain('must be one of');
  expect(bodies).toEqual([]);
});

test.each(['legacy', 'modern'] as const)(
  'a result of a %s server reaches clients of both eras letter for letter',
  async (era) => {
    const { callLegacy, callModern, said } = await startBoth(era);
    await fc.assert(
      fc.asyncProperty(jsonObjectText, jsonText, async (data, other) => {
        // what is hidden from people is marked, which is a rule of its own
        fc.pre(![data, other].some((text) => mayHoldHiddenText(JSON.stringify(JSON.parse(text)))));
        const members = `"content":[{"type":"text", "text":"\\u0041 \\ud83d cut","x":${other}}],"structuredContent":${data},"more" : ${other}`;
        said.result = `{ ${members}\n}`;
        expect(cut(await callLegacy('{}'), '"result":', '}')).toBe(said.result);
        const modern = cut(await callModern('{}'), '"result":', '}');
        const kept = members.replace('"more" : ', '"more":');
        expect(modern).toMatch(/^\{.*,"resultType":"complete","_meta":\{.*\}\}$/s);
        expect(modern.startsWith(`{${kept},"resultType"`), modern).toBe(true);
        said.result = `{"resultType":"complete",${members}}`;
        expect(cut(await callLegacy('{}'), '"result":', '}')).toBe(`{${kept}}`);
      }),
      { numRuns: 40 },
    );
  },
  60_000,
);

test('numbers keep their digits where something beside them is changed', async () => {
  const { bodies, callLegacy, said, journal } = await startBoth('legacy');
  said.result = `{"content":[{"type":"text","text":"${SECRET}"}],"structuredContent":{"id":725653563933458437, "price":12.50,"key":"${SECRET}"},"n" : 1.0}`;
  const args = '{"id":725653563933458437, "price":12.50,"exact":0.1234567890123456789}';
  const answer = await callLegacy(args, 'pinned');
  expect(bodies[0]).toContain(
    `"arguments":{"id":725653563933458437,"price":12.50,"exact":0.1234567890123456789,"tenant":"acme"}`,
  );
  expect(answer).not.toContain(SECRET);
  expect(answer).toContain('"structuredContent":{"id":725653563933458437,"price":12.50,"key":"[redacted:credential]"},"n":1.0');
  expect(JSON.stringify(journal.finished.at(-1)?.arguments)).toContain('725653563933458437');
});

test('a credential is found in a number, in escapes and in a key that stands twice, however they are written', async () => {
  const { callLegacy, said } = await startBoth('legacy');
  const escaped = Array.from(SECRET)
    .map((letter, at) => (at % 2 === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter))
    .join('');
  for (const result of [
    `{"content":[{"type":"text","text":"${escaped}"}]}`,
    `{"content":[{"type":"text","text":"${escaped}","text":"x"}]}`,
    `{"content":[],"structuredContent":{"a":"${SECRET}","a":"x"}}`,
    `{"content":[],"structuredContent":{"${escaped}": 1.0}}`,
    `{"content":[],"structuredContent":[${Array.from(SECRET)
      .map((letter) => `${letter.charCodeAt(0)}.0`)
      .join(' , ')}]}`,
  ]) {
    said.result = result;
    const answer = await callLegacy('{}');
    expect(answer).not.toContain(SECRET);
    expect(answer).not.toContain(escaped);
    expect(JSON.stringify(JSON.parse(answer)), result).not.toContain(
      Array.from(SECRET)
        .map((letter) => letter.charCodeAt(0))
        .join(','),
    );
  }
});

test('ids, progress tokens and what is said before the answer keep their digits', async () => {
  const { callLegacy, callModern, said, bodies } = await startBoth('legacy');
  said.result = '{"content":[]}';
  const progress = (token: string) =>
    `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":0.50, "total":1.0,"seen":725653563933458437}}`;
  said.before = [progress('1764405600000000001'), progress('1764405600000000002')];
  const answer = await callLegacy(
    '{}',
    'open',
    '1764405600000000003',
    ',"_meta":{"progressToken":1764405600000000001,"trace":1.50}',
  );
  expect(bodies.at(-1)).toContain('"_meta":{"progressToken":1764405600000000001,"trace":1.50}');
  expect(answer).toContain(
    '"params":{"progressToken":1764405600000000001,"progress":0.50, "total":1.0,"seen":725653563933458437}',
  );
  expect(answer).not.toContain('1764405600000000002');
  expect(answer).toContain('"id":1764405600000000003,"result":{"content":[]}');
  said.before = [];
  expect(await callModern('{}', '1764405600000000004')).toContain('"id":1764405600000000004,');
});

test('a REST API gets the digits of a caller in path, query, header and body, and its own reach the caller', async () => {
  const seen: string[] = [];
  const text = '{"id": 725653563933458437,"price":12.50,"exact":0.1234567890123456789}';
  const api = await startHttp(async (request, response) => {
    seen.push(`${request.url} ${String(request.headers['x-big'])} ${await readText(request)}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });
  const integer = { schema: { type: 'integer' } };
  const [definition] = readTools({
    '/things/{id}': {
      post: {
        operationId: 'change',
        parameters: [
          { in: 'path', name: 'id', required: true, ...integer },
          { in: 'query', name: 'after', ...integer },
          { in: 'header', name: 'x-big', ...integer },
        ],
        requestBody: { content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } } },
        responses: {},
      },
    },
  }).values();
  if (!definition) throw new Error('no tool');
  const server = makeRestServer(`http://127.0.0.1:${api.port}`);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, definition)])] });
  const session = await openSession(gateway.url, gateway.secret);
  const big = '725653563933458437';
  const params = `{"name":"change","arguments":{"id":${big},"after":${big},"x-big":${big},"body":{"n" : 12.50,"big":[${big}]}}}`;
  const answer = await (
    await post(gateway.url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`, session)
  ).text();
  expect(seen).toEqual([`/things/${big}?after=${big} ${big} {"n" : 12.50,"big":[${big}]}`]);
  expect(answer).toContain(`"structuredContent":${text}`);
});

const writeBits = () => Array.from({ length: 1_000_000 }, (_, at) => ((at * at) % 7 < 3 ? '\u200B' : '\u200C')).join('');
/** Large answers with much that is not seen: `isSame`: nothing of it is a message. */
const UNSEEN: [name: string, result: () => string, isSame: boolean][] = [
  [
    'a space without width in every text of a list',
    () => `{"content":[],"structuredContent":{"a":[${'"\u200B",'.repeat(1_000_000)}""]}}`,
    true,
  ],
  [
    'a space without width in every word',
    () => JSON.stringify({ content: [{ type: 'text', text: 'words\u200B'.repeat(700_000) }] }),
    true,
  ],
  ['letters kept apart', () => JSON.stringify({ content: [{ type: 'text', text: 'a\u200B'.repeat(800_000) }] }), false],
  ['bits', () => JSON.stringify({ content: [{ type: 'text', text: writeBits() }] }), false],
  [
    'turned letters in every text of a list',
    () => `{"content":[],"structuredContent":{"a":[${'"\u202Ea",'.repeat(800_000)}""]}}`,
    false,
  ],
];

test.each(UNSEEN)(
  'T-50: an answer of megabytes comes whole and no larger than it was, to clients of both eras: %s',
  async (_, write, isSame) => {
    const { callLegacy, callModern, said } = await startBoth('modern');
    said.result = write();
    for (const call of [callLegacy, callModern]) {
      const answer = await call('{}');
      expect(() => void JSON.parse(answer)).not.toThrow();
      const content = said.result.slice('{"content":['.length, -1);
      if (isSame) expect(answer.includes(content)).toBe(true);
      else expect(answer.includes(content)).toBe(false);
      expect(Buffer.byteLength(answer)).toBeLessThan(Buffer.byteLength(said.result) + 2_000);
    }
  },
  60_000,
);
