import { expect, test } from 'vitest';

import { makeProfile, makePrompt, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, parseMessages, post } from '../support/clients/clients.ts';
import { makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { sendJson, type Asked } from '../upstream/handmade.ts';

const TOOL = { name: 'say', inputSchema: { type: 'object' as const } };
const PROMPT = { name: 'hello' };
const [TEXT, AUDIO, LINK] = [
  { type: 'text', text: 'plain' },
  { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav', annotations: { priority: 1 } },
  { type: 'resource_link', uri: 'memo://one', name: 'one', title: 'The one', description: 'a memo' },
];

/** A client of a revision before a server that answers everything with this result, as it is written here. */
async function connect(protocolVersion: string, result: string, hiddenText?: 'strip' | 'mark') {
  const upstream = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method }: Asked = JSON.parse(await readText(request));
    const reply = (own: object) => void sendJson(response, { jsonrpc: '2.0', id, result: { resultType: 'complete', ...own } });
    switch (method) {
      case 'server/discover':
        return reply({ supportedVersions: ['2026-07-28'], capabilities: { tools: {}, prompts: {} } });
      case 'tools/list':
        return reply({ tools: [TOOL], ttlMs: 0, cacheScope: 'private' });
      case 'prompts/list':
        return reply({ prompts: [PROMPT], ttlMs: 0, cacheScope: 'private' });
      case 'initialize':
        return void response.writeHead(404).end();
      default:
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"jsonrpc":"2.0","id":${String(id)},"result":${result}}`);
    }
  });
  const server = makeServerAt(upstream.url);
  const profile = {
    ...makeProfile([makeTool(server, TOOL), makePrompt(server, PROMPT)]),
    ...(hiddenText === 'strip' && { hiddenText }),
  };
  const { url, secret } = await startGateway({ servers: [server], profiles: [profile] });
  const opened = await post(
    url,
    { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion, capabilities: {}, clientInfo: { name: 'old' } } },
    buildAuthorization(secret),
  );
  await opened.text();
  const session = { ...buildAuthorization(secret), 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  return async (method: string, name: string): Promise<Record<string, unknown>> => {
    const text = await (await post(url, { jsonrpc: '2.0', id: 1, method, params: { name } }, session)).text();
    const answer = (text.startsWith('{') ? JSON.parse(text) : parseMessages(text).at(-1)) as { result: Record<string, unknown> };
    return answer.result;
  };
}

const EMBEDDED = {
  type: 'resource',
  resource: { uri: 'answer:/audio-2', mimeType: 'audio/wav', blob: 'UklGRg==' },
  annotations: { priority: 1 },
};
const NAMED = { type: 'text', text: 'The one: memo://one\na memo' };

test.each([
  ['2024-11-05', EMBEDDED, NAMED],
  ['2025-03-26', AUDIO, NAMED],
  ['2025-06-18', AUDIO, LINK],
  ['2025-11-25', AUDIO, LINK],
])('a client of %s gets content of the kinds that it knows', async (version, audio, link) => {
  const call = await connect(version, JSON.stringify({ resultType: 'complete', content: [TEXT, AUDIO, LINK] }));
  expect(await call('tools/call', 'say')).toEqual({ content: [TEXT, audio, link] });
  const messages = [TEXT, AUDIO, LINK].map((content) => ({ role: 'user', content }));
  const get = await connect(version, JSON.stringify({ resultType: 'complete', messages }));
  expect(await get('prompts/get', 'hello')).toEqual({
    messages: [TEXT, audio, link].map((content) => ({ role: 'user', content })),
  });
});

test('data reaches a client of a revision that has none as a text, digit for digit, unless a text is there', async () => {
  const data = '{"id": 725653563933458437, "price": 12.50}';
  for (const [version, content] of [
    ['2025-03-26', [{ type: 'text', text: data }]],
    ['2025-06-18', []],
  ] as const) {
    const call = await connect(version, `{"resultType":"complete","content":[],"structuredContent":${data}}`);
    expect((await call('tools/call', 'say'))['content']).toEqual(content);
  }
  const said = await connect(
    '2024-11-05',
    `{"resultType":"complete","content":[${JSON.stringify(TEXT)}],"structuredContent":${data}}`,
  );
  expect((await said('tools/call', 'say'))['content']).toEqual([TEXT]);
});

/** As a server writes it whose JSON is ASCII: tags that say "hi", and a space of no width. */
const ESCAPED = '"a\\udb40\\udc68\\udb40\\udc69b\\u200bc"';

test.each([
  ['strip', '["abc",12.50]'],
  ['mark', '["a[hidden text removed: 3 characters here and after]bc",12.50]'],
] as const)(
  'T-50: data that reaches a client as a text has no hidden text in it, however it was escaped: %s',
  async (handling, shown) => {
    const call = await connect(
      '2025-11-25',
      `{"resultType":"complete","content":[],"structuredContent":[${ESCAPED},12.50]}`,
      handling,
    );
    expect(await call('tools/call', 'say')).toEqual({ content: [{ type: 'text', text: shown }] });
  },
);
