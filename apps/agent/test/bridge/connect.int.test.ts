import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';

import { makeProfile, makeTool, makeClientKey } from '@gatehouse/policy/testing/build';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { Recording } from '@gatehouse/protocol/testing/recording';

import { buildBundle, makeHome, runAgent, waitUntilReady } from '../support/agent/agent-process.ts';
import { Authority, writePair } from '../support/network/certificates.ts';
import { ECHO, makeServerAt, startHttp, startLegacyUpstream, startModernUpstream } from '../support/servers/upstreams.ts';

// each test starts processes, several of them one after the other
vi.setConfig({ testTimeout: 180_000 });

const WAIT = { ...ECHO, name: 'wait' };

/** A running agent with one profile in front of a real server. */
async function makeSite(environment: Record<string, string> = {}) {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const began = new Recording<string>('call at the server');
  const ended = new Recording<string>('call given up at the server');
  const upstream = await startModernUpstream({
    tools: [ECHO, WAIT],
    async call(name, { text }, signal) {
      if (name === 'wait') {
        began.add(String(text));
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        ended.add(String(text));
      }
      return { content: [{ type: 'text', text: String(text) }] };
    },
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, ECHO), makeTool(server, WAIT)]);
  const { secret, key } = makeClientKey(profile);
  const publish = (overrides = {}) =>
    hub.publish({ servers: [server], profiles: [{ ...profile, ...overrides }], clientKeys: [key] });
  publish();
  const home = await makeHome({ environment });
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  return { hub, home, secret, began, ended, publish, profile };
}

async function serve(site: Awaited<ReturnType<typeof makeSite>>) {
  const agent = await runAgent(site.home, 'run');
  await waitUntilReady(site.home, ({ status }) => status === 'ok');
  return { agent, url: `${site.home.url}/p/support/mcp` };
}

async function buildCommand(url: string, key: string, env: Record<string, string> = {}) {
  const path = process.env['PATH'] ?? '';
  return {
    command: process.execPath,
    args: [await buildBundle(), 'connect', url],
    env: { PATH: path, GATEHOUSE_CLIENT_KEY: key, ...env },
    stderr: 'pipe' as const,
  };
}

async function connectOld(url: string, key: string, capabilities = {}) {
  const transport = new StdioV1(await buildCommand(url, key));
  const client = new ClientV1({ name: 'old-client', version: '1' }, { capabilities });
  onTestFinished(() => client.close());
  return { client, transport, open: () => client.connect(transport as Parameters<ClientV1['connect']>[0]) };
}

async function connectNew(url: string, key: string, mode: VersionNegotiationMode, env: Record<string, string> = {}) {
  const changed = new Recording<true>('change of the list of tools');
  const listChanged = { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed.add(true) } };
  const client = new Client({ name: 'new-client', version: '1' }, { versionNegotiation: { mode }, listChanged });
  onTestFinished(() => client.close());
  await client.connect(new StdioClientTransport(await buildCommand(url, key, env)));
  return { client, changed };
}

const formatEcho = (text: string) => ({ content: [{ type: 'text', text }] });

test('the older SDK lists and calls, and goes on in the same process when the agent was restarted', async () => {
  const site = await makeSite();
  const first = await serve(site);
  const { client, open } = await connectOld(first.url, site.secret);
  const changed = new Recording<true>('change of the list of tools');
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.add(true));
  await open();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'wait']);
  expect(await client.callTool({ name: 'echo', arguments: { text: 'one' } })).toMatchObject(formatEcho('one'));

  first.agent.child.kill('SIGKILL');
  await first.agent.ended;
  const during = client.callTool({ name: 'echo', arguments: { text: 'two' } });
  await serve(site);
  expect(await during).toMatchObject(formatEcho('two'));
  await changed.waitForCount(1);
  expect(await client.callTool({ name: 'echo', arguments: { text: 'three' } })).toMatchObject(formatEcho('three'));
  site.publish({ entries: site.profile.entries.slice(0, 1) });
  await changed.waitForCount(2);
  expect((await client.listTools()).tools).toHaveLength(1);
});

for (const mode of ['legacy', 'auto', { pin: '2026-07-28' }] satisfies VersionNegotiationMode[]) {
  const label = typeof mode === 'string' ? mode : mode.pin;
  test(`the newer SDK (${label}) lists, calls, cancels, hears of changes and survives a restart`, async () => {
    const site = await makeSite();
    const first = await serve(site);
    const { client, changed } = await connectNew(first.url, site.secret, mode);
    expect((await client.listTools()).tools).toHaveLength(2);
    expect(await client.callTool({ name: 'echo', arguments: { text: 'ä\n"\u2028' } })).toMatchObject(formatEcho('ä\n"\u2028'));

    const cancel = new AbortController();
    const waiting = client.callTool({ name: 'wait', arguments: { text: 'cancel me' } }, { signal: cancel.signal });
    await site.began.waitForCount(1);
    cancel.abort();
    await expect(waiting).rejects.toThrow();
    await site.ended.waitForCount(1);

    first.agent.child.kill('SIGKILL');
    await first.agent.ended;
    await serve(site);
    await changed.waitForCount(1);
    expect(await client.callTool({ name: 'echo', arguments: { text: 'after' } })).toMatchObject(formatEcho('after'));
    const before = changed.all.length;
    site.publish({ entries: site.profile.entries.slice(0, 1) });
    await changed.waitForCount(before + 1);
  });
}

test('requests and progress of the server reach the client and its answers go back', async () => {
  const noticed = Promise.withResolvers<void>();
  const server = await startLegacyUpstream((instance) => {
    instance.registerTool('ask', { inputSchema: {} }, async () => {
      const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
      const answer = await instance.server.elicitInput({ message: 'Who?', requestedSchema });
      return { content: [{ type: 'text', text: JSON.stringify(answer.content) }] };
    });
    instance.registerTool('slow', { inputSchema: { text: z.string() } }, async ({ text }, { sendNotification, _meta }) => {
      const progressToken = _meta?.progressToken ?? 0;
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } });
      await noticed.promise;
      return { content: [{ type: 'text', text }] };
    });
  });
  const { client, open } = await connectOld(server.url, 'mcp_any', { elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Aino' } }));
  await open();
  expect(await client.callTool({ name: 'ask', arguments: {} })).toMatchObject(formatEcho('{"name":"Aino"}'));
  const onprogress = () => noticed.resolve();
  const result = await client.callTool({ name: 'slow', arguments: { text: 'x' } }, undefined, { onprogress });
  expect(result).toMatchObject(formatEcho('x'));
});

/** The bridge spoken to by hand. */
async function startBridge(url: string, env: Record<string, string>) {
  const { command: file, args } = await buildCommand(url, '');
  const child = spawn(file, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = new Recording<string>('line of the bridge');
  let [buffer, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (buffer + text).split('\n');
    buffer = parts.pop() ?? '';
    for (const part of parts) lines.add(part);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, lines, readErrors: () => errors, ended, say: (line: string) => void child.stdin.write(`${line}\n`) };
}

test('a client of the older protocol may send more before its session is open: all of it goes into the session', async () => {
  const site = await makeSite();
  const { url } = await serve(site);
  const bridge = await startBridge(url, { GATEHOUSE_CLIENT_KEY: site.secret });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'eager', version: '1' } };
  for (const message of [
    { id: 1, method: 'initialize', params },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/list' },
  ]) {
    bridge.say(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
  const answers = (await bridge.lines.waitForCount(2)).map((line) => JSON.parse(line) as unknown);
  expect(answers).toMatchObject([
    { id: 1, result: { protocolVersion: '2025-11-25' } },
    { id: 2, result: { tools: [{}, {}] } },
  ]);
  bridge.child.stdin.end();
  expect([await bridge.ended, bridge.readErrors()]).toEqual([0, '']);
});

test('texts go through unchanged, and the newer protocol gets its headers', async () => {
  const seen: { headers: Record<string, unknown>; body: string }[] = [];
  const answer = '{"jsonrpc":"2.0",\n "id":7,\r\n "result":{"big":9007199254740993,"s":"a\\nb"}}';
  const http = await startHttp(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  const bridge = await startBridge(http.url, { GATEHOUSE_CLIENT_KEY: 'mcp_key' });
  const meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';
  const call = `{"id":7, "jsonrpc":"2.0","method":"tools/call","params":{"name":"löschen","arguments":{"n":9007199254740993},${meta}}}`;
  bridge.say(call);
  expect(await bridge.lines.waitForFirst()).toBe('{"jsonrpc":"2.0",  "id":7,  "result":{"big":9007199254740993,"s":"a\\nb"}}');
  expect(seen[0]?.body).toBe(call);
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer mcp_key',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': `=?base64?${Buffer.from('löschen').toString('base64')}?=`,
  });
  bridge.say('not json');
  expect(await bridge.lines.waitForFirst((line) => line.includes('-32700'))).toContain('"id":null');
  bridge.child.stdin.end();
  expect(await bridge.ended).toBe(0);
});

test('arguments that a tool wants repeated as headers are, also when the client never listed the tools', async () => {
  const tool = {
    name: 'find',
    inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
  };
  const methods: unknown[] = [];
  const http = await startHttp((request, response) => {
    methods.push(request.headers['mcp-method']);
    const isCall = request.headers['mcp-method'] === 'tools/call';
    const good = !isCall || request.headers['mcp-param-region'] === 'north';
    const id = isCall ? 1 : 'gatehouse-connect';
    const answer = good
      ? { result: isCall ? { ok: true } : { tools: [tool] } }
      : { error: { code: -32020, message: 'mismatch' } };
    response.writeHead(good ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  const bridge = await startBridge(http.url, { GATEHOUSE_CLIENT_KEY: 'mcp_key' });
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  const params = { name: 'find', arguments: { region: 'north' }, _meta };
  bridge.say(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
  expect(JSON.parse(await bridge.lines.waitForFirst())).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
  expect(methods).toEqual(['tools/call', 'tools/list', 'tools/call']);
  expect(bridge.lines.all).toHaveLength(1);
});

test('a number of more digits than a double keeps is repeated in its header and in the id of an answer as it is', async () => {
  const tool = {
    name: 'find',
    inputSchema: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
  };
  const seen: unknown[] = [];
  const http = await startHttp((request, response) => {
    const isCall = request.headers['mcp-method'] === 'tools/call';
    if (isCall) seen.push(request.headers['mcp-param-n']);
    const good = !isCall || request.headers['mcp-param-n'] !== undefined;
    response.writeHead(good ? 200 : 400, { 'content-type': 'application/json' });
    if (good && isCall) return void response.end('{"jsonrpc":"2.0","id":9007199254740996,"result":{}}');
    const answer = good ? '"result":{"tools":[TOOL]}' : '"error":{"code":-32020,"message":"mismatch"}';
    response.end(
      `{"jsonrpc":"2.0","id":${isCall ? '9007199254740995' : '"gatehouse-connect"'},${answer.replace('TOOL', JSON.stringify(tool))}}`,
    );
  });
  const bridge = await startBridge(http.url, { GATEHOUSE_CLIENT_KEY: 'mcp_key' });
  const _meta = '{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';
  const params = `{"name":"find","arguments":{"n":9007199254740993},"_meta":${_meta}}`;
  bridge.say(`{"jsonrpc":"2.0","id":9007199254740995,"method":"tools/call","params":${params}}`);
  // the answer is to another id, which is the same double
  expect(await bridge.lines.waitForFirst((line) => line.includes('mismatch'))).toContain('"id":9007199254740995');
  expect(seen).toEqual([undefined, '9007199254740993']);
});

test('a refused key is told to the client and on standard error, and the key itself to nobody', async () => {
  const site = await makeSite();
  const { url } = await serve(site);
  const wrong = 'mcp_wrong_key_canary';
  const bridge = await startBridge(url, { GATEHOUSE_CLIENT_KEY: wrong });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
  bridge.say(JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'initialize', params }));
  expect(JSON.parse(await bridge.lines.waitForFirst())).toMatchObject({
    id: 'x',
    error: { message: expect.stringContaining('not known') },
  });
  bridge.child.stdin.end();
  expect(await bridge.ended).toBe(0);
  expect(bridge.readErrors()).toMatch(/^gatehouse-agent connect: This client key is not known here\./);
  expect(bridge.readErrors() + bridge.lines.all.join('')).not.toContain(wrong);
});

test('what is wrong is said in one line before anything is sent', async () => {
  const fails = async (url: string, env: Record<string, string>) => {
    const bridge = await startBridge(url, env);
    expect(await bridge.ended).toBe(1);
    expect(bridge.lines.all).toEqual([]);
    return bridge.readErrors();
  };
  const key = { GATEHOUSE_CLIENT_KEY: 'mcp_key' };
  expect(await fails('http://127.0.0.1:1/p/a/mcp', {})).toMatch(
    /^GATEHOUSE_CLIENT_KEY: is needed, here or as GATEHOUSE_CLIENT_KEY_FILE[^\n]*\n$/,
  );
  expect(await fails('http://agent.example/p/a/mcp', key)).toMatch(/^agent\.example is not reached over https[^\n]*\n$/);
  expect(await fails('https://agent.example/p/a/mcp?key=mcp_key', key)).toMatch(/^The address must not hold[^\n]*\n$/);
  expect(await fails('agent', key)).toMatch(/is no address[^\n]*\n$/);
  const missing = { GATEHOUSE_CLIENT_KEY_FILE: '/nowhere/key' };
  expect(await fails('https://agent.example/p/a/mcp', missing)).toMatch(
    /^GATEHOUSE_CLIENT_KEY_FILE: \/nowhere\/key cannot be read\n$/,
  );
});

test('over TLS with the own authority, and not without it', async () => {
  const authority = await Authority.create();
  const files = writePair(await authority.issue({ names: ['127.0.0.1'] }));
  const site = await makeSite({ GATEHOUSE_TLS_CERT_FILE: files.certFile, GATEHOUSE_TLS_KEY_FILE: files.keyFile });
  const agent = await runAgent(site.home, 'up');
  await agent.waitForOutput(/✓ control/);
  const url = `${site.home.url.replace('http:', 'https:')}/p/support/mcp`;
  const ca = writePair({ cert: authority.pem, key: '' }).certFile;
  const { client } = await connectNew(url, site.secret, 'auto', { GATEHOUSE_CA_FILE: ca });
  expect((await client.listTools()).tools).toHaveLength(2);

  const blind = await startBridge(url, { GATEHOUSE_CLIENT_KEY: site.secret });
  blind.say('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}');
  expect(await blind.lines.waitForFirst()).toContain('certificate is not trusted');
  blind.child.stdin.end();
  expect(await blind.ended).toBe(0);
});
