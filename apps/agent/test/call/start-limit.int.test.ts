import { createServer } from 'node:net';

import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';

import { formatLimit } from '@gatehouse/policy/documents/server-limits';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway, type UpstreamSetup } from '../support/agent/gateway.ts';
import { connectV1 } from '../support/clients/clients.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { readText, startHttp } from '../support/servers/upstreams.ts';

const TOOL = { name: 'run', inputSchema: { type: 'object' as const } };
const describeLate = (ms: number) =>
  `Orders was not ready within ${formatLimit(ms)} (server limit 'start'). An admin can change it under Servers → Orders → Limits.`;
const buildRefusal = (text: string) => ({ isError: true, content: [{ type: 'text', text }] });

/** What a client reads that calls a tool of this server. */
async function call(given: Partial<SnapshotServer>, setup: Omit<UpstreamSetup, 'servers'> = {}) {
  const server = makeServer({ name: 'Orders', ...given });
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, TOOL)])], ...setup });
  const client = await connectV1(gateway.url, gateway.secret);
  return client.callTool({ name: 'run' });
}

const buildHttp = (url: string) => ({ kind: 'http', url, credential: null }) as const;
const STDIO = { kind: 'stdio', entry: 'orders', processes: 'shared' } as const;

test('a connection that is not made is waited for as long as its server may take to start, whatever the agent allows by itself', async () => {
  // takes the connection, and says nothing of TLS
  const mute = createServer((socket) => onTestFinished(() => void socket.destroy()));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void mute.close());
  const address = mute.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const transport = buildHttp(`https://127.0.0.1:${port}/mcp`);
  const result = await call({ transport, limits: { startMs: 3_500 } }, { connectTimeoutMs: 100 });
  expect(result).toMatchObject(buildRefusal(describeLate(3_500)));
});

test('all that makes a server ready has the time of one limit together', async () => {
  const server = await startHttp(async (request, response) => {
    const { id, method, params } = JSON.parse(await readText(request));
    // no step takes as long as the limit allows, all together do
    if (method === 'server/discover' || method === 'initialize') await new Promise((resolve) => setTimeout(resolve, 700));
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1' },
      },
      'tools/list': { tools: [TOOL] },
      'tools/call': { content: [] },
    };
    const said = results[method] ? { result: results[method] } : { error: { code: -32601, message: 'unknown' } };
    response.writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json' });
    response.end(id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, ...said }));
  });
  const result = await call({ transport: buildHttp(server.url), limits: { startMs: 1_000 } });
  expect(result).toMatchObject(buildRefusal(describeLate(1_000)));
});

test('a program of the older protocol that leaves the newer one unanswered is ready in a short time to start', async () => {
  const entry = makeScriptEntry('reply("done")', "globalThis.silent = ['server/discover'];");
  const result = await call({ transport: STDIO, limits: { startMs: 15_000 } }, { guardrails: withEntries({ orders: entry }) });
  expect(result).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
});

/** A program that speaks the newer protocol alone. `onAsked` is the body of a function of `(method, results)`: what is false is not answered. */
function makeModernEntry(before: string, onAsked: string) {
  const script = `
const { createInterface: listen } = await import('node:readline');
const { existsSync, writeFileSync } = await import('node:fs');
${before}
const results = {
  'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, resultType: 'complete' },
  'tools/list': { tools: [${JSON.stringify(TOOL)}], ttlMs: 1000, cacheScope: 'private', resultType: 'complete' },
  'tools/call': { content: [{ type: 'text', text: 'done' }], resultType: 'complete' },
};
const onAsked = (method) => { ${onAsked} };
listen({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (onAsked(method) === false || id === undefined) return;
  const said = results[method] ? { result: results[method] } : { error: { code: -32601, message: 'unknown' } };
  const isOver = results[method]?.resultType === 'input_required';
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...said }) + '\\n', () => isOver && process.exit());
});
await new Promise(() => {});`;
  return withEntries({ orders: makeScriptEntry('', script) });
}

test('a program of the newer protocol alone that is slow to start is not taken for one of the older', async () => {
  // says nothing before it was asked for both protocols, as one does that is still being downloaded
  const guardrails = makeModernEntry('let isUp = false;', "isUp ||= method === 'initialize'; return isUp;");
  const result = await call({ transport: STDIO, limits: { startMs: 15_000 } }, { guardrails });
  expect(result).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
});

test('where a server has to start again between two rounds of a call, that is no silence of the call', async () => {
  const before = `
const isAgain = existsSync('was-here');
writeFileSync('was-here', '');
if (isAgain) await new Promise((resolve) => setTimeout(resolve, 1_500));`;
  // asks in its first life, and ends
  const question = {
    method: 'elicitation/create',
    params: { message: 'Sure?', requestedSchema: { type: 'object', properties: {} } },
  };
  const asking = { resultType: 'input_required', inputRequests: { sure: question } };
  const guardrails = makeModernEntry(before, `if (!isAgain) results['tools/call'] = ${JSON.stringify(asking)};`);
  const server = makeServer({ name: 'Orders', transport: STDIO, limits: { silenceMs: 500 } });
  const profile = makeProfile([makeTool(server, TOOL)]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], guardrails });
  const client = await connectV1(gateway.url, gateway.secret, { elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, async () => {
    // it has ended, and may be started again
    const listHealth = () => gateway.upstreams.listHealth();
    await expect.poll(listHealth).toMatchObject([{ connections: 0, retryAt: null }]);
    return { action: 'accept', content: {} };
  });
  expect(await client.callTool({ name: 'run' })).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
});
