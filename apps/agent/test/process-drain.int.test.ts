import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';

import { expect, onTestFinished, test, vi } from 'vitest';

import { makeProfile, makeTool, makeClientKey } from '@gatehouse/policy/testing/build';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { Recording } from '@gatehouse/protocol/testing/recording';

import { makeHome, runAgent, waitUntilReady, type AgentHome } from './support/agent/agent-process.ts';
import {
  buildAuthorization,
  buildLegacyCall,
  buildModernCall,
  buildModernHeaders,
  openSession,
  post,
} from './support/clients/clients.ts';
import { Authority, writePair } from './support/network/certificates.ts';
import { ECHO, makeServerAt, startModernUpstream } from './support/servers/upstreams.ts';

// each test starts processes, several of them one after the other
vi.setConfig({ testTimeout: 180_000 });

const SECOND = { ...ECHO, name: 'big' };

/** A running agent whose tool `echo` waits until the test lets it go, or until the agent gives it up. */
async function makeSite(environment: Record<string, string> = {}) {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const began = new Recording<string>('call at the upstream');
  const ended = new Recording<string>('call given up at the upstream');
  const release = Promise.withResolvers<void>();
  const upstream = await startModernUpstream({
    tools: [ECHO, SECOND],
    async call(name, { text }, signal) {
      if (name === 'big') return { content: [{ type: 'text', text: 'x'.repeat(8_000_000) }] };
      began.add(String(text));
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([release.promise, aborted]);
      if (signal.aborted) ended.add(String(text));
      return { content: [{ type: 'text', text: 'done' }] };
    },
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, ECHO, { logArguments: ['/text'] }), makeTool(server, SECOND)]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  const home = await makeHome({ environment });
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  return { hub, home, secret, began, ended, release, url: `${home.url}/p/support/mcp` };
}

async function start(home: AgentHome) {
  const agent = await runAgent(home, 'run');
  await waitUntilReady(home, ({ status }) => status === 'ok');
  return agent;
}

const call = (url: string, secret: string, text: string, name = 'echo') =>
  post(url, buildModernCall(name, { text }), { ...buildAuthorization(secret), ...buildModernHeaders(name) });

function listen(url: string, secret: string) {
  const message = buildModernCall('', {});
  const params = { _meta: message.params._meta, notifications: { toolsListChanged: true } };
  const headers = { ...buildAuthorization(secret), 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
  return post(url, { ...message, method: 'subscriptions/listen', params }, headers);
}

test('SIGTERM: calls under way end, new ones are told to come back, streams end as the protocol says', async () => {
  const { hub, home, secret, url, began, release } = await makeSite({ GATEHOUSE_DRAIN_SECONDS: '600' });
  const agent = await start(home);
  const session = await openSession(url, secret);
  const stream = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } });
  const subscription = await listen(url, secret);
  const inSession = post(url, buildLegacyCall('echo', { text: 'legacy' }), session);
  const stateless = call(url, secret, 'modern');
  await began.waitForCount(2);

  agent.child.kill('SIGTERM');
  await waitUntilReady(home, ({ status }) => status === 'draining');
  expect((await fetch(`${home.url}/readyz`)).status).toBe(503);
  const refused = await call(url, secret, 'late');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
  expect((await post(url, initialize, buildAuthorization(secret))).status).toBe(503);
  expect((await post(url, buildLegacyCall('echo', { text: 'late' }, 2), session)).status).toBe(503);

  release.resolve();
  expect(await (await inSession).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  expect(await (await stateless).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  expect(await subscription.text()).toMatch(/"result":\{/);
  await stream.text();
  expect(await agent.ended).toBe(0);

  await start(home);
  const receipts = await hub.receipts.stored.waitForCount(2);
  expect(receipts.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed']);
  expect(began.all).toEqual(expect.arrayContaining(['legacy', 'modern']));
  expect(began.all).toHaveLength(2);
});

test('a call that outlasts the drain is cancelled at the upstream and has its receipt', async () => {
  const { hub, home, secret, url, began, ended } = await makeSite({ GATEHOUSE_DRAIN_SECONDS: '1' });
  const agent = await start(home);
  const stuck = call(url, secret, 'stuck').catch(() => null);
  await began.waitForCount(1);
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
  await ended.waitForCount(1);
  await stuck;
  await start(home);
  const [receipt] = await hub.receipts.stored.waitForCount(1);
  expect(receipt).toMatchObject({ reasonCode: 'cancelled', arguments: { logged: [{ value: 'stuck' }] } });
});

test('a second signal ends the process at once', async () => {
  const { home, secret, url, began } = await makeSite({ GATEHOUSE_DRAIN_SECONDS: '3600' });
  const agent = await start(home);
  const stuck = call(url, secret, 'stuck').catch(() => null);
  await began.waitForCount(1);
  agent.child.kill('SIGTERM');
  await waitUntilReady(home, ({ status }) => status === 'draining');
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(1);
  await stuck;
});

function readResidentMb(pid: number | undefined): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

test.skipIf(process.platform !== 'linux')('clients that do not read cost bounded memory', async () => {
  const { home, secret, url } = await makeSite();
  const agent = await start(home);
  expect((await (await call(url, secret, '', 'big')).text()).length).toBeGreaterThan(8_000_000);
  const before = readResidentMb(agent.child.pid);
  const body = JSON.stringify(buildModernCall('big', { text: '' }));
  const head = Object.entries({
    host: new URL(url).host,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(body.length),
    ...buildAuthorization(secret),
    ...buildModernHeaders('big'),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  // each asks forty times at once and reads nothing: 640 MB, if all were answered and kept
  for (let client = 0; client < 2; client += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`POST /p/support/mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`.repeat(40));
  }
  let peak = 0;
  for (let look = 0; look < 10; look += 1) {
    await call(url, secret, '', 'big').then((answer) => answer.text());
    peak = Math.max(peak, readResidentMb(agent.child.pid));
  }
  expect(peak).toBeLessThan(before + 250);
});

test.skipIf(process.platform !== 'linux')('an upstream that sends a gigabyte costs bounded memory', async () => {
  const sent = { bytes: 0 };
  const cut = new Recording<number>('connection that the agent cut');
  const flood = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    response.once('close', () => cut.add(sent.bytes));
    const push = (): void => {
      if (response.destroyed || sent.bytes >= 1024 ** 3) return void response.end();
      sent.bytes += chunk.length;
      response.write(chunk, push);
    };
    push();
  });
  await new Promise<void>((resolve) => flood.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void flood.close());
  const address = flood.address();
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const server = makeServerAt(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/mcp`);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  const home = await makeHome();
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  const agent = await start(home);
  const before = readResidentMb(agent.child.pid);
  const answer = await (await call(`${home.url}/p/support/mcp`, secret, 'x')).json();
  expect(answer).toMatchObject({ result: { isError: true } });
  const [bytes] = await cut.waitForCount(1);
  expect(bytes).toBeLessThan(64 * 1024 * 1024);
  expect(readResidentMb(agent.child.pid)).toBeLessThan(before + 150);
});

test('over TLS: the name that people are told, status by the certificate of the file, and one line for what is wrong', async () => {
  const authority = await Authority.create();
  const files = writePair(await authority.issue({ names: ['agent.example'] }));
  const tls = { GATEHOUSE_TLS_CERT_FILE: files.certFile, GATEHOUSE_TLS_KEY_FILE: files.keyFile };
  const { home, hub } = await makeSite({ ...tls, GATEHOUSE_PUBLIC_HOSTS: 'agent.example,10.0.0.7:7300' });
  const endpoints = new Recording<string>('heartbeat');
  hub.script.handleHeartbeat = (connection, { endpointUrl }) => {
    endpoints.add(endpointUrl);
    connection.send({ type: 'heartbeat-ack', serverTime: new Date().toISOString() });
  };
  const agent = await runAgent(home, 'up');
  await agent.waitForOutput(/✓ profiles {2}https:\/\/agent\.example\/p\/support\/mcp/);
  expect(await endpoints.waitForFirst()).toBe('https://agent.example');
  const status = await runAgent(home, 'status', '--json');
  expect(await status.ended).toBe(0);
  expect(JSON.parse(status.readOutput())).toMatchObject({
    tls: { error: null },
    profiles: [{ url: 'https://agent.example/p/support/mcp' }],
  });

  const other = writePair(await authority.issue({ names: ['agent.example'] }));
  const broken = { ...home, environment: { ...home.environment, GATEHOUSE_TLS_KEY_FILE: other.keyFile } };
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
  const failed = await runAgent(broken, 'run');
  expect(await failed.ended).toBe(1);
  expect(failed.readOutput()).toMatch(/^GATEHOUSE_TLS_KEY_FILE: \S+ is not the key of the certificate in \S+\n$/);
});
