import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Tool } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';

import { type EntryKind, readEntryName } from '@gatehouse/policy/documents/catalogue-entry';
import { readNumber } from '@gatehouse/policy/documents/exact-number';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { makeProfile, makePrompt, makeServer } from '@gatehouse/policy/testing/build';
import { DiscoveryProgress, DiscoveryResult, type DiscoveryOutcome } from '@gatehouse/protocol/messages';

import { checkServer } from '../../src/config/guardrails/guardrails.ts';
import { runDiscovery, type DiscoveryDeps, type Step } from '../../src/discovery/run-discovery.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { makeUpstreamDeps, type UpstreamSetup } from '../support/agent/upstream-deps.ts';
import { connectV1 } from '../support/clients/clients.ts';
import { makeOrder } from '../support/control-plane/orders.ts';
import { STRICT } from '../support/control-plane/site.ts';
import { startHttpOffer } from '../support/servers/offer.ts';
import { makeEverythingEntry, makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import {
  ECHO,
  makeEchoSet,
  readText,
  registerEchoV1,
  makeServerAt,
  startHttp,
  startLegacyUpstream,
  startModernUpstream,
} from '../support/servers/upstreams.ts';

async function discover(server: SnapshotServer, setup: UpstreamSetup = {}, change: Partial<DiscoveryDeps> = {}) {
  const { scrub, guardrails, ...deps } = makeUpstreamDeps({ servers: [server], ...setup });
  const steps: Step[] = [];
  const outcome = await runDiscovery(
    server,
    {
      ...deps,
      listRefusals: (target) => checkServer(guardrails, target),
      credentials: scrub,
      ...change,
    },
    { onProgress: (step) => steps.push(step), signal: new AbortController().signal },
  );
  const { discoveryId } = makeOrder(server);
  // what the link will send has to be what the hub accepts
  expect(DiscoveryResult.parse({ type: 'discovery-result', discoveryId, outcome })).toBeDefined();
  for (const { inOneText: _text, ...step } of steps)
    DiscoveryProgress.parse({ type: 'discovery-progress', discoveryId, at: new Date().toISOString(), ...step });
  return { outcome, steps, trail: steps.map(({ stage, status }) => `${stage} ${status}`) };
}

/** What was found of one kind. */
function listDefinitions(outcome: DiscoveryOutcome, kind: EntryKind) {
  if (outcome.status === 'failed') throw new Error(outcome.message);
  return outcome.entries.filter((entry) => entry.kind === kind).map(({ definition }) => definition);
}

const ALL_STAGES = ['resolve', 'connect', 'initialize', 'list', 'done'].flatMap((stage) => [
  `${stage} started`,
  `${stage} passed`,
]);

test('a server of the newer protocol passes every stage and shows its tools as it sent them', async () => {
  const odd: Tool = { ...ECHO, name: 'odd', _meta: { own: { key: [1, null] } }, annotations: { destructiveHint: true } };
  const upstream = await startModernUpstream({ ...makeEchoSet(), tools: [ECHO, odd] });
  const { outcome, trail, steps } = await discover(makeServerAt(upstream.url));
  expect(outcome).toMatchObject({
    status: 'succeeded',
    protocolVersion: '2026-07-28',
    serverInfo: { name: 'modern-upstream', version: '2.0.0' },
  });
  expect(listDefinitions(outcome, 'tool')).toEqual([ECHO, odd]);
  expect(trail).toEqual(ALL_STAGES);
  expect(steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.detail).toBe('2 tools');
});

test('the digits of large numbers are reported beside the doubles that everybody reads', async () => {
  const limits = { most: readNumber('18446744073709551615'), beyond: readNumber('1e999') };
  const schema = { type: 'object', properties: { n: { maximum: limits.most, minimum: 1, default: limits.beyond } } };
  const { server } = await startHttpOffer('modern', {
    tools: [{ name: 'sized', inputSchema: schema }],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  });
  const { outcome } = await discover(server);
  const [reported] = listDefinitions(outcome, 'tool');
  expect(JSON.parse(JSON.stringify(reported))).toEqual({
    name: 'sized',
    inputSchema: {
      type: 'object',
      properties: { n: { maximum: 18446744073709552000, minimum: 1, default: Number.MAX_VALUE } },
    },
    'gatehouse/digits': {
      '/inputSchema/properties/n/maximum': '18446744073709551615',
      '/inputSchema/properties/n/default': '1e999',
    },
  });
});

test('a server of the older protocol, with its session ended afterwards', async () => {
  const upstream = await startLegacyUpstream(registerEchoV1);
  const { outcome, trail } = await discover(makeServerAt(upstream.url));
  expect(outcome).toMatchObject({ status: 'succeeded', protocolVersion: '2025-11-25', serverInfo: { name: 'legacy-upstream' } });
  expect(trail).toEqual(ALL_STAGES);
  expect(upstream.seen.at(-1)).toMatchObject({ 'mcp-session-id': expect.any(String) });
});

test('a server over stdio', async () => {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'everything', processes: 'shared' } });
  const { outcome, trail } = await discover(server, { guardrails: withEntries({ everything: makeEverythingEntry() }) });
  expect(listDefinitions(outcome, 'instructions')).toEqual([{ text: expect.any(String) }]);
  expect(listDefinitions(outcome, 'tool').length).toBeGreaterThan(5);
  expect(trail).toEqual(ALL_STAGES);
});

test('a server without tools has none', async () => {
  const upstream = await startLegacyUpstream(
    (server: McpServer) => void server.registerPrompt('hello', {}, () => ({ messages: [] })),
  );
  expect(listDefinitions((await discover(makeServerAt(upstream.url))).outcome, 'tool')).toEqual([]);
});

test('T-50: tools out of bounds are left out and named', async () => {
  const bad = [
    { ...ECHO, name: 'x'.repeat(129) },
    { ...ECHO, name: 'remote', inputSchema: { type: 'object', properties: { a: { $ref: 'http://169.254.169.254/' } } } },
    { ...ECHO, description: 'the second of this name' },
  ];
  const entry = makeScriptEntry('', `globalThis.tools = ${JSON.stringify([ECHO, ...bad])};`);
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'shared' } });
  const { outcome, steps } = await discover(server, { guardrails: withEntries({ script: entry }) });
  expect(listDefinitions(outcome, 'tool')).toEqual([ECHO]);
  const listed = steps.find(({ stage, status }) => stage === 'list' && status === 'passed');
  expect(listed?.detail).toBe('1 tool');
  expect(outcome).toMatchObject({
    leftOut: {
      parts: [
        { name: 'x'.repeat(129), cause: 'unsound' },
        { name: 'remote', pointer: '/inputSchema/properties/a/$ref', keyword: '$ref', cause: 'unsound' },
        { name: 'echo', pointer: null, cause: 'repeated' },
      ],
      more: 0,
    },
  });
  expect(listed?.inOneText).toMatch(
    /^1 tool; left out x{129}: .*; left out remote: .*another document \(at \/inputSchema\/properties\/a\/\$ref\); left out echo: the server defines it twice; the first of them is taken$/,
  );
});

const unreachable = makeServerAt('http://127.0.0.1:9/mcp');

test.each<
  [
    name: string,
    server: () => Promise<SnapshotServer> | SnapshotServer,
    setup: UpstreamSetup,
    code: string,
    last: string,
    text: RegExp,
  ]
>([
  ['out of bounds', () => unreachable, { guardrails: STRICT }, 'guardrail', 'resolve failed', /http\.privateHosts/],
  [
    'no entry',
    () => makeServer({ transport: { kind: 'stdio', entry: 'none', processes: 'shared' } }),
    {},
    'guardrail',
    'resolve failed',
    /no stdio entry "none"/,
  ],
  ['nobody listens', () => unreachable, {}, 'unreachable', 'connect failed', /refused/],
  [
    'no credential',
    () => makeServerAt('http://127.0.0.1:9/mcp', 'env:NOT_SET'),
    {},
    'credential_unavailable',
    'resolve failed',
    /env:NOT_SET is not set/,
  ],
  [
    'an unknown name',
    () => makeServerAt('http://nothing.invalid/mcp'),
    { guardrails: { ...STRICT, http: { hosts: [], privateHosts: ['nothing.invalid'] } } },
    'unreachable',
    'connect failed',
    /host name/,
  ],
  ['401', () => startAnswering(401), {}, 'unauthorized', 'initialize failed', /HTTP 401/],
  ['a web page', () => startAnswering(200, '<html>hello</html>', 'text/html'), {}, 'not_mcp', 'initialize failed', /MCP/],
  ['404', () => startAnswering(404), {}, 'not_mcp', 'initialize failed', /HTTP 404/],
  ['503', () => startAnswering(503), {}, 'unreachable', 'initialize failed', /HTTP 503/],
  ['other JSON', () => startAnswering(200, '{"hello":"world"}', 'application/json'), {}, 'not_mcp', 'initialize failed', /MCP/],
])('a failed discovery says what happened: %s', async (_, server, setup, code, last, text) => {
  const { outcome, trail } = await discover(await server(), setup);
  expect(outcome).toMatchObject({ status: 'failed', code, message: expect.stringMatching(text) });
  expect(trail.at(-1)).toBe(last);
});

async function startAnswering(status: number, body = '', type = 'text/plain'): Promise<SnapshotServer> {
  const http = await startHttp((_request, response) => void response.writeHead(status, { 'content-type': type }).end(body));
  return makeServerAt(http.url);
}

test('a server that never answers is given up at the time limit', async () => {
  const http = await startHttp(() => undefined);
  const { outcome, trail } = await discover(makeServerAt(http.url, undefined, { limits: { startMs: 200 } }));
  const message =
    "Orders was not ready within 200 ms (server limit 'start'). An admin can change it under Servers → Orders → Limits.";
  expect(outcome).toMatchObject({ status: 'failed', code: 'timeout', message });
  expect(trail.at(-1)).toBe('connect failed');
});

/** A handmade server that lists without end. */
async function startEndless(page: (cursor: string | undefined) => object): Promise<SnapshotServer> {
  const http = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(await readText(request));
    const reply = (body: object) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    if (method === 'initialize') {
      return reply({
        result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } },
      });
    }
    if (method === 'tools/list') return reply({ result: page(params?.cursor) });
    if (id === undefined) return void response.writeHead(202).end();
    reply({ error: { code: -32601, message: 'unknown' } });
  });
  return makeServerAt(http.url);
}

test('T-57: of a cursor loop and of too many tools, what was read is offered and said to be incomplete; a huge cursor is given up', async () => {
  let pages = 0;
  const loop = await startEndless(() => ({ tools: [{ ...ECHO, name: `t${(pages += 1)}` }], nextCursor: `page-${pages}` }));
  const expectPart = async (server: SnapshotServer, names: string[], why: string) => {
    const { outcome } = await discover(server);
    if (outcome.status !== 'succeeded') throw new Error(outcome.message);
    expect(outcome.entries.map(({ definition }) => readEntryName('tool', definition))).toEqual(names);
    expect(outcome.leftOut?.parts).toEqual([
      { kind: 'tool', name: null, pointer: null, keyword: null, cause: 'too_many', reason: expect.stringContaining(why) },
    ]);
  };
  const name = (index: number) => `t${index}`;
  await expectPart(
    loop,
    Array.from({ length: DEFINITION_LIMITS.pages }, (_, index) => name(index + 1)),
    '64 pages',
  );
  expect(pages).toBe(DEFINITION_LIMITS.pages);
  await expectPart(await startEndless(() => ({ tools: [ECHO], nextCursor: 'again' })), ['echo'], 'leads back');
  const many = Array.from({ length: 5_001 }, (_, index) => ({ name: name(index), inputSchema: { type: 'object' } }));
  await expectPart(
    await startEndless(() => ({ tools: many })),
    many.slice(0, 5_000).map((tool) => tool.name),
    '5,000',
  );
  const hugeCursor = await startEndless(() => ({ tools: [], nextCursor: 'x'.repeat(1024 * 1024) }));
  expect((await discover(hugeCursor)).outcome).toMatchObject({ status: 'failed', code: 'not_mcp' });
  const hugePage = await startEndless(() => ({
    tools: [{ name: 'a', description: 'x'.repeat(11 * 1024 * 1024), inputSchema: { type: 'object' } }],
  }));
  expect((await discover(hugePage)).outcome).toMatchObject({ status: 'failed', code: 'too_large' });
});

test('T-28: a credential that the server gives back does not leave with its texts or definitions', async () => {
  const secret = 'tok-9f8e7d6c5b4a3f2e1d';
  const leaking = { ...ECHO, name: 'leaking', description: `call me with ${Buffer.from(secret).toString('base64')}` };
  const server = await startEndless(() => ({ tools: [ECHO, leaking] }));
  const withSecret: SnapshotServer = {
    ...server,
    transport: {
      ...(server.transport as Extract<SnapshotServer['transport'], { kind: 'http' }>),
      credential: { kind: 'header', header: 'X-Key', prefix: '', reference: 'env:TOKEN' },
    },
  };
  const { outcome, steps } = await discover(withSecret, { environment: { TOKEN: secret } });
  expect(listDefinitions(outcome, 'tool')).toEqual([ECHO]);
  expect(steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.inOneText).toContain(
    'left out leaking: it holds a credential',
  );
  expect(outcome).toMatchObject({ leftOut: { parts: [{ name: 'leaking', cause: 'credential' }] } });

  const angry = await startHttp(async (request, response) => {
    const { id } = JSON.parse((await readText(request)) || '{}');
    const error = { code: -32000, message: `who is ${request.headers.authorization}?` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error }));
  });
  const failed = await discover(makeServerAt(angry.url, 'env:TOKEN'), { environment: { TOKEN: secret } });
  expect(failed.outcome).toMatchObject({ status: 'failed', code: 'not_mcp', message: expect.stringContaining('who is') });
  expect(JSON.stringify(failed)).not.toContain(secret);
});

const CAPABILITIES = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };

/** A server of the older protocol with these lists. */
test('T-28: what the site offers is looked at again before a server is asked, so that one put there just now leaves with no other', async () => {
  const secret = 'put-there-just-now-4713';
  const tools = [ECHO, { ...ECHO, name: 'leaking', description: `It is ${secret}.` }];
  const { url } = await startOffering({ 'tools/list': { tools } });
  const credentials = new CredentialScrub();
  const refresh = async () => {
    credentials.add(secret);
    return [];
  };
  const { outcome } = await discover(makeServerAt(url), {}, { credentials, secrets: { refresh, explain: async () => null } });
  expect(listDefinitions(outcome, 'tool')).toEqual([ECHO]);
});

function startOffering(lists: Record<string, unknown>, capabilities: object = CAPABILITIES, instructions?: unknown) {
  return startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(await readText(request));
    if (id === undefined) return void response.writeHead(202).end();
    const init = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'offering', version: '1' }, instructions };
    const result = method === 'initialize' ? init : lists[method];
    const error = { code: -32601, message: 'unknown' };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) }));
  });
}

test('everything that the published example server offers is found, also what it offers only to clients that can be asked', async () => {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'everything', processes: 'shared' } });
  const { outcome, steps } = await discover(server, { guardrails: withEntries({ everything: makeEverythingEntry() }) });
  if (outcome.status !== 'succeeded') throw new Error(outcome.message);
  expect(outcome.features).toEqual({ logging: true, completions: true, resourceSubscriptions: true });
  const listNames = (kind: EntryKind) => listDefinitions(outcome, kind).map((definition) => readEntryName(kind, definition));
  const [tools, prompts, resources] = [listNames('tool'), listNames('prompt'), listNames('resource')];
  expect(tools).toEqual(
    expect.arrayContaining(['echo', 'trigger-sampling-request', 'trigger-elicitation-request', 'get-roots-list']),
  );
  expect(prompts).toContain('simple-prompt');
  expect(resources.length).toBeGreaterThan(0);
  expect(listNames('template').join()).toContain('{');
  const found = [`${tools.length} tools`, `${prompts.length} prompts`, `${resources.length} resources`].join(', ');
  expect(steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.detail).toContain(found);
});

test('prompts, resources and templates are taken with the same care as tools: bounds, doubles, held credentials', async () => {
  const secret = 'tok-9f8e7d6c5b4a3f2e1d';
  const upstream = await startOffering({
    'tools/list': { tools: [ECHO] },
    'prompts/list': {
      prompts: [{ name: 'ask', own: 1 }, { name: 'ask' }, { title: 'no name' }, { name: 'leak', description: secret }],
    },
    'resources/list': {
      resources: [
        { uri: 'file:///a', name: 'a' },
        { uri: 'no address', name: 'b' },
        ...Array.from({ length: 1_200 }, (_, n) => ({ uri: `file:///n/${n}`, name: String(n) })),
      ],
    },
    'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'file:///{path}', name: 't' }] },
  });
  const server = makeServerAt(upstream.url, 'env:TOKEN');
  const { outcome, steps } = await discover(server, { environment: { TOKEN: secret } });
  expect(listDefinitions(outcome, 'prompt')).toEqual([{ name: 'ask', own: 1 }]);
  expect(listDefinitions(outcome, 'resource')).toHaveLength(999);
  expect(listDefinitions(outcome, 'template')).toEqual([{ uriTemplate: 'file:///{path}', name: 't' }]);
  expect(JSON.stringify([outcome, steps])).not.toContain(secret);
  const detail = steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.inOneText ?? '';
  expect(detail).toMatch(/^1 tool, 1 prompt, 999 resources, 1 resource template; /);
  expect(detail).toMatch(/left out one of the prompts: the server defines it twice/);
  expect(detail).toMatch(/left out one of the prompts: it holds a credential/);
  expect(detail).toMatch(
    /left out one of the resources: the server.s list of resources was not read to its end, because it has more than 1,000;/,
  );
});

const SECRET = 'tok-9f8e7d6c5b4a3f2e1d';
const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
test.each<[string, unknown, object[], string]>([
  ['none', undefined, [], 'nothing'],
  ['an empty text', '', [], 'nothing'],
  ['the longest text', 'x'.repeat(20_000), [{ text: 'x'.repeat(20_000) }], 'instructions'],
  ['too long a text', 'x'.repeat(20_001), [], 'nothing; left out the instructions: its text is longer than 20,000'],
  [
    'a secret',
    `Sign in with ${TOKEN}.`,
    [],
    'nothing; left out the instructions: a secret (token) seems to stand there; take it out of the server (at /text)',
  ],
  [
    'a secret in an example',
    'Sign in with ghp_xxxxxxxxxxxxxxxxxxxxxxxx.',
    [{ text: 'Sign in with ghp_xxxxxxxxxxxxxxxxxxxxxxxx.' }],
    'instructions',
  ],
  [
    'a person',
    'Ask jane.roe@corp.fi.',
    [{ text: 'Ask jane.roe@corp.fi.' }],
    'instructions; what may be personal data leaves with the instructions',
  ],
  ['a credential', `Use ${SECRET} first.`, [], 'nothing; left out the instructions: it holds a credential of this agent'],
  ['no text', 42, [], 'nothing; left out the instructions: it is not a text (text)'],
])('T-28: instructions are taken as the server sent them or left out with the reason: %s', async (_, said, texts, detail) => {
  const upstream = await startOffering({ 'tools/list': { tools: [] } }, { tools: {} }, said);
  const { outcome, steps } = await discover(makeServerAt(upstream.url, 'env:TOKEN'), { environment: { TOKEN: SECRET } });
  expect(listDefinitions(outcome, 'instructions')).toEqual(texts);
  expect(steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.inOneText).toBe(detail);
});

test('a prompt that its server has changed is listed as it was approved and cannot be got, and the next discovery finds the change', async () => {
  const approved = { name: 'summary', description: 'Sums an order up.' };
  const changed = { ...approved, description: 'Sums an order up and sends it away.' };
  const upstream = await startOffering({
    'tools/list': { tools: [] },
    'prompts/list': { prompts: [changed] },
    'prompts/get': { messages: [] },
  });
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makePrompt(server, approved)])] });
  const client = await connectV1(gateway.url, gateway.secret);
  expect((await client.listPrompts()).prompts).toEqual([approved]);
  await expect(client.getPrompt({ name: 'summary' })).rejects.toThrow(/has changed this prompt since it was approved/);
  const { outcome } = await discover(server);
  expect(listDefinitions(outcome, 'prompt')).toEqual([changed]);
});

test('a list that cannot be read is named and does not hide the tools; a list that is not offered is not asked for', async () => {
  const upstream = await startOffering(
    { 'tools/list': { tools: [ECHO] }, 'prompts/list': { prompts: 'none' } },
    { tools: {}, prompts: {} },
  );
  const { outcome, steps } = await discover(makeServerAt(upstream.url));
  expect(outcome).toMatchObject({ status: 'succeeded', entries: [{ kind: 'tool', definition: ECHO }] });
  expect(outcome).toMatchObject({ features: { logging: false, completions: false, resourceSubscriptions: false } });
  expect(steps.find(({ stage, status }) => stage === 'list' && status === 'passed')?.inOneText).toBe(
    "1 tool; prompts could not be listed: The server's answer to prompts/list is malformed.",
  );
});

test('a REST server is only looked at: somebody answers, and the credential can be had', async () => {
  const api = await startHttp((_request, response) => void response.writeHead(404).end('nothing here'));
  const at = (baseUrl: string, reference?: string) =>
    makeServer({
      transport: {
        kind: 'rest',
        baseUrl,
        credential: reference === undefined ? null : { kind: 'header', header: 'X-Key', prefix: '', reference },
      },
    });
  const url = `http://127.0.0.1:${api.port}/v1`;
  const found = await discover(at(url, 'env:TOKEN'), { environment: { TOKEN: 'k-123456789' } });
  expect(found.outcome).toMatchObject({ status: 'succeeded', entries: [], serverInfo: { name: `127.0.0.1:${api.port}` } });
  expect(found.trail).toEqual(['resolve', 'connect', 'done'].flatMap((stage) => [`${stage} started`, `${stage} passed`]));
  expect(api.seen[0]).not.toHaveProperty('x-key');
  expect((await discover(at(url, 'env:NOT_SET'))).outcome).toMatchObject({ code: 'credential_unavailable' });
  expect((await discover(at('http://127.0.0.1:9/v1'))).outcome).toMatchObject({ code: 'unreachable' });
  expect((await discover(at(url), { guardrails: STRICT })).outcome).toMatchObject({ code: 'guardrail' });
});

test.each(['legacy', 'modern'] as const)('a %s server may call its tools and prompts anything', async (era) => {
  const names = [
    'plain',
    'with.dot',
    'issues/list',
    'repo:get',
    'get user',
    'suche_größe',
    '查询',
    'a@b',
    'ns::call',
    '__proto__',
  ];
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }));
  const prompts = names.map((name) => ({ name }));
  const { server } = await startHttpOffer(era, { tools, prompts, resources: [], resourceTemplates: [] });
  const { outcome, steps } = await discover(server);
  const listNames = (kind: 'tool' | 'prompt') =>
    listDefinitions(outcome, kind).map((definition) => readEntryName(kind, definition));
  expect([listNames('tool'), listNames('prompt')]).toEqual([names, names]);
  expect(JSON.stringify(steps)).not.toContain('left out');
});
