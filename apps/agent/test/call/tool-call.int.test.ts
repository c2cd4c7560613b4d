import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { AuditUnavailable } from '../../src/audit/journal.ts';
import { runDiscovery } from '../../src/discovery/run-discovery.ts';
import { makeUpstreamDeps, startGateway, type GatewaySetup } from '../support/agent/gateway.ts';
import {
  connectV1,
  connectV2,
  buildAuthorization,
  buildLegacyCall,
  buildModernCall,
  buildModernHeaders,
  openSession,
  post,
} from '../support/clients/clients.ts';
import {
  ECHO,
  makeEchoSet,
  registerEchoV1,
  makeServerAt,
  startLegacyUpstream,
  startModernUpstream,
} from '../support/servers/upstreams.ts';

/** What a review would have approved: the definitions as a discovery reports them. */
async function discoverTools(server: SnapshotServer): Promise<ToolDefinition[]> {
  const { scrub, ...deps } = makeUpstreamDeps();
  const control = { onProgress: () => undefined, signal: new AbortController().signal };
  const outcome = await runDiscovery(server, { ...deps, listRefusals: () => [], credentials: scrub }, control);
  if (outcome.status === 'failed') throw new Error(outcome.message);
  return outcome.entries.flatMap((entry) => (entry.kind === 'tool' ? [entry.definition] : []));
}

async function startGatewayTo(url: string, setup: Partial<GatewaySetup> = {}) {
  const server = makeServerAt(url);
  const tools = (await discoverTools(server)).map((definition) => makeTool(server, definition));
  return startGateway({ servers: [server], profiles: [makeProfile(tools)], ...setup });
}

const UPSTREAMS = {
  modern: async () => (await startModernUpstream(makeEchoSet())).url,
  legacy: async () => (await startLegacyUpstream(registerEchoV1)).url,
};
const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x that negotiates': (url: string, secret: string) => connectV2(url, secret, 'auto'),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

for (const [era, startUpstream] of Object.entries(UPSTREAMS)) {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    test(`${name} lists and calls a tool of a ${era} server`, async () => {
      const gateway = await startGatewayTo(await startUpstream());
      const client = await connect(gateway.url, gateway.secret);
      expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['echo']);
      const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
      expect(result).toMatchObject({ content: [{ type: 'text', text: 'hello' }] });

      expect(gateway.journal.finished).toHaveLength(1);
      expect(gateway.journal.begun).toHaveLength(1);
      const record = await gateway.journal.waitForRecord(0);
      expect(record).toMatchObject({
        outcome: 'allowed',
        reasonCode: 'ok',
        advertisedName: 'echo',
        name: 'echo',
        clientName: name === 'client 1.x' ? 'old-client' : 'test-client',
        unknownName: null,
        arguments: { value: { text: 'hello' } },
      });
      expect(gateway.journal.begun[0]).toMatchObject({ callId: record.callId, name: 'echo' });
      expect(record.checks.map(({ check, result: passed }) => `${check} ${passed}`)).toEqual([
        'identity pass',
        name.includes('2026') || name.includes('negotiates') ? 'session skip' : 'session pass',
        'profile pass',
        'catalogue pass',
        'pin pass',
        'arguments pass',
        'rules pass',
        'intent pass',
        'credential skip',
        'upstream pass',
        'response pass',
      ]);
      expect(record.upstreamMs).toBeGreaterThan(0);
      expect(record.durationMs).toBeGreaterThanOrEqual(record.upstreamMs ?? 0);
    });
  }
}

test('the list is exactly what the profile says, in both eras', async () => {
  const { url } = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(url);
  const odd: ToolDefinition = {
    ...ECHO,
    name: 'odd',
    outputSchema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { type: ['string', 'null'], 'x-own': 1 } },
    },
    _meta: { vendor: { nested: [1, null, { deep: true }] } },
    unknownKey: { kept: true },
  };
  const profile = makeProfile([
    makeTool(server, odd, { advertisedName: 'b.renamed', describe: 'In our words' }),
    makeTool(server, ECHO, { advertisedName: 'a' }),
    makeTool(server, { ...ECHO, name: 'off' }, { rule: 'deny' }),
  ]);
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  const expected = [
    { ...ECHO, name: 'a' },
    { ...odd, name: 'b.renamed', description: 'In our words' },
  ];
  const session = await openSession(gateway.url, gateway.secret);
  const legacy: unknown = await (await post(gateway.url, { jsonrpc: '2.0', id: 'x', method: 'tools/list' }, session)).json();
  expect(legacy).toEqual({ jsonrpc: '2.0', id: 'x', result: { tools: expected } });

  const { params } = buildModernCall('-', {});
  const list = { jsonrpc: '2.0', id: 5, method: 'tools/list', params: { _meta: params._meta } };
  const headers = { ...buildAuthorization(gateway.secret), 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
  const modern: unknown = await (await post(gateway.url, list, headers)).json();
  expect(modern).toMatchObject({ id: 5, result: { tools: expected, resultType: 'complete', cacheScope: 'private', ttlMs: 0 } });
  expect(gateway.journal.finished).toEqual([]);
});

test('T-44: an unknown tool, a tool of another profile and the original name of a renamed one are the same error', async () => {
  const { url } = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(url);
  const other = makeProfile([makeTool(server, { ...ECHO, name: 'secret' })], { slug: 'other' });
  const gateway = await startGateway({
    servers: [server],
    profiles: [makeProfile([makeTool(server, ECHO, { advertisedName: 'say' })]), other],
  });
  const session = await openSession(gateway.url, gateway.secret);
  const names = ['no-such-tool', 'secret', 'echo', 'SAY', 'ｓay', 'say\u200b', '__proto__'];
  for (const [index, name] of names.entries()) {
    const error = { code: -32602, message: 'Unknown tool' };
    const legacy: unknown = await (await post(gateway.url, buildLegacyCall(name, { text: 'x' }), session)).json();
    expect(legacy).toEqual({ jsonrpc: '2.0', id: 1, error });
    const headers = {
      ...buildAuthorization(gateway.secret),
      ...buildModernHeaders(`=?base64?${Buffer.from(name).toString('base64')}?=`),
    };
    const modern: unknown = await (await post(gateway.url, buildModernCall(name, { text: 'x' }), headers)).json();
    expect(modern).toEqual({ jsonrpc: '2.0', id: 1, error });
    const record = await gateway.journal.waitForRecord(index * 2);
    expect(record).toMatchObject({
      outcome: 'denied',
      reasonCode: 'tool_unknown',
      unknownName: name,
      name: null,
      serverId: null,
    });
    expect(record.arguments).toEqual({ value: { text: 'x' }, schema: null, marked: [] });
  }
  expect(gateway.journal.finished).toHaveLength(names.length * 2);
  expect(gateway.journal.begun).toEqual([]);
});

test('a denied tool and wrong arguments are answered with what to do, and nothing is sent on', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const denied = makeTool(server, { ...ECHO, name: 'off' }, { rule: 'deny', denyReason: 'Use the form.' });
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, ECHO), denied])] });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  const refused = await client.callTool({ name: 'off', arguments: {} });
  expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Use the form.') }] });
  const wrong = await client.callTool({ name: 'echo', arguments: { text: 5 } });
  expect(wrong).toMatchObject({ isError: true, content: [{ text: '"text" must be a string; a number came.' }] });
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'denied', reasonCode: 'tool_denied', name: 'off' });
  expect(await gateway.journal.waitForRecord(1)).toMatchObject({
    outcome: 'denied',
    reasonCode: 'arguments_invalid',
    upstreamMs: null,
  });
  expect(gateway.journal.begun).toEqual([]);
  expect(upstream.seen).toEqual([]);
});

test('calls wait for their intent; reads of a best-effort profile have none', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const durable = makeProfile([makeTool(server, ECHO)]);
  const tools = [makeTool(server, ECHO), makeTool(server, ECHO, { advertisedName: 'write', risk: 'write' })];
  const lossy = makeProfile(tools, { slug: 'lossy', audit: 'best_effort' });
  const gateway = await startGateway({ servers: [server], profiles: [lossy, durable] });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  await client.callTool({ name: 'echo', arguments: { text: 'a' } });
  expect(gateway.journal.begun).toHaveLength(0);
  expect((await gateway.journal.waitForRecord(0)).checks).toContainEqual({ check: 'intent', result: 'skip' });

  const before = upstream.seen.length;
  const gate = Promise.withResolvers<void>();
  gateway.journal.gate = gate.promise;
  const call = client.callTool({ name: 'write', arguments: { text: 'b' } });
  await expect.poll(() => gateway.journal.begun.length).toBe(1);
  expect(upstream.seen.length).toBe(before);
  gate.resolve();
  expect(await call).toMatchObject({ content: [{ text: 'b' }] });
});

test('a call whose intent cannot be written is refused', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, ECHO)])] });
  gateway.journal.failure = new AuditUnavailable('The disk of this agent is full.');
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  const result = await client.callTool({ name: 'echo', arguments: { text: 'a' } });
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: 'The disk of this agent is full. Ask an administrator of this workspace.' }],
  });
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'denied', reasonCode: 'audit_unavailable' });
  expect(upstream.seen).toEqual([]);
});

test('T-13: an ended lease refuses calls with its reason and a receipt', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, ECHO)])] });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  gateway.publish({}, { notAfter: '2020-01-01T00:00:00.000Z' });
  expect(await client.callTool({ name: 'echo', arguments: { text: 'a' } })).toMatchObject({ isError: true });
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({
    outcome: 'denied',
    reasonCode: 'lease_expired',
    advertisedName: null,
  });
  expect(upstream.seen).toEqual([]);
});
