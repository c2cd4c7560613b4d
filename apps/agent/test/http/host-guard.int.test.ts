import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { startMcpListener, type McpListenerOptions } from '../../src/clients/server.ts';
import { CurrentConfig } from '../../src/config/current.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createAgentOps } from '../../src/ops/ops-handler.ts';
import type { AgentStatus } from '../../src/ops/readiness.ts';
import { UpstreamPool } from '../../src/upstream/pool.ts';
import { makeUpstreamDeps } from '../support/agent/gateway.ts';
import { MemoryJournal } from '../support/agent/memory-journal.ts';
import { openRaw, sendRaw, parseStatus } from '../support/clients/raw-client.ts';
import { Authority, writePair } from '../support/network/certificates.ts';

const authority = await Authority.create();
const files = await authority.issue({ names: ['localhost', '127.0.0.1', 'agent.example'] });

const STATUS: AgentStatus = {
  status: 'offline',
  agent: { name: 'secret-name', site: 'helsinki', tenant: 'acme', version: '1' },
  control: { phase: 'waiting', since: '2026-11-21T10:00:00Z', error: null, clockSkewMs: null, url: 'wss://control.example' },
  config: { version: 0, notAfter: null, refusal: 'none' },
  audit: { bufferedReceipts: 0, lostReceipts: 0, refusedReceipts: 0, error: null },
  servers: [],
  profiles: [],
  tls: null,
};

/** An agent without configuration: whoever comes in is told so with 503. */
async function listen(scheme: 'http' | 'https', options: Partial<McpListenerOptions> = {}) {
  const current = new CurrentConfig();
  const deps = makeUpstreamDeps();
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const ops = createAgentOps({ registry: createMetrics().registry, token: null, log });
  ops.report(() => STATUS);
  const listener = await startMcpListener({
    host: '127.0.0.1',
    port: 0,
    tls: scheme === 'https' ? writePair(files) : null,
    publicHosts: ['agent.example', 'other.example:8443'],
    ops: ops.handle,
    agentVersion: '1',
    current,
    journal: new MemoryJournal(),
    upstreams: new UpstreamPool({ ...deps, scrub: (text) => deps.scrub.scrubText(text), current, now: () => new Date() }),
    scrub: deps.scrub,
    log,
    now: () => new Date(),
    ...options,
  });
  onTestFinished(() => listener.close());
  const ask = (target: string, headers: string) => {
    const request = `POST ${target} HTTP/1.1\r\n${headers}connection: close\r\ncontent-length: 0\r\n\r\n`;
    return sendRaw(listener.url, request, authority.pem);
  };
  const get = (target: string, headers: string) =>
    sendRaw(listener.url, `GET ${target} HTTP/1.1\r\n${headers}connection: close\r\n\r\n`, authority.pem);
  return { listener, ask, get, logged, port: new URL(listener.url).port };
}

const ENDPOINT = '/p/support/mcp';

for (const scheme of ['http', 'https'] as const) {
  test(`T-38: only requests to our own names are let in over ${scheme}`, async () => {
    const { ask, port } = await listen(scheme);
    const other = String(Number(port) === 65_535 ? 1 : Number(port) + 1);
    const hosts: [host: string, status: number][] = [
      [`127.0.0.1:${port}`, 503],
      [`localhost:${port}`, 503],
      [`LOCALHOST:${port}`, 503],
      ['agent.example', 503],
      ['Agent.Example:443', 503],
      ['other.example:8443', 503],
      ['other.example', 403],
      ['agent.example:8443', 403],
      ['evil.test', 403],
      [`evil.test:${port}`, 403],
      [`localhost.evil.test:${port}`, 403],
      [`[::1]:${port}`, 403],
      [`[::ffff:127.0.0.1]:${port}`, 403],
      [`localhost.:${port}`, 403],
      [`127.0.0.1.:${port}`, 403],
      [`127.1:${port}`, 403],
      [`2130706433:${port}`, 403],
      [`0.0.0.0:${port}`, 403],
      [`127.0.0.1:${other}`, 403],
      ['127.0.0.1', 403],
      [`user@127.0.0.1:${port}`, 403],
      ['', 403],
    ];
    for (const [host, status] of hosts)
      expect(parseStatus(await ask(ENDPOINT, `host: ${host}\r\n`)), `Host ${host}`).toBe(status);
    expect(parseStatus(await ask(ENDPOINT, ''))).toBe(403);
    const twice = await ask(ENDPOINT, `host: 127.0.0.1:${port}\r\nhost: evil.test\r\n`);
    expect([400, 403]).toContain(parseStatus(twice));
    expect(parseStatus(await ask(`${scheme}://evil.test${ENDPOINT}`, `host: 127.0.0.1:${port}\r\n`))).toBe(400);
  });

  test(`T-38: only a page of our own may ask over ${scheme}`, async () => {
    const { ask, port } = await listen(scheme);
    const otherScheme = scheme === 'http' ? 'https' : 'http';
    const origins: [origin: string, status: number][] = [
      [`${scheme}://127.0.0.1:${port}`, 503],
      [`${scheme}://LOCALHOST:${port}`, 503],
      ['https://agent.example', 503],
      ['https://other.example:8443', 503],
      ['null', 403],
      ['', 403],
      ['https://evil.test', 403],
      ['http://agent.example', 403],
      [`${otherScheme}://127.0.0.1:${port}`, 403],
      [`${scheme}://127.0.0.1:1`, 403],
      [`${scheme}://127.0.0.1`, 403],
      [`${scheme}://[::1]:${port}`, 403],
      [`${scheme}://localhost.:${port}`, 403],
      [`${scheme}://localhost.evil.test:${port}`, 403],
      [`file://127.0.0.1:${port}`, 403],
      [`${scheme}://127.0.0.1:${port}/`, 403],
    ];
    const host = `host: 127.0.0.1:${port}\r\n`;
    for (const [origin, status] of origins) {
      expect(parseStatus(await ask(ENDPOINT, `${host}origin: ${origin}\r\n`)), `Origin ${origin}`).toBe(status);
    }
    const twice = `${host}origin: ${scheme}://127.0.0.1:${port}\r\norigin: https://evil.test\r\n`;
    expect(parseStatus(await ask(ENDPOINT, twice))).toBe(403);
  });

  test(`a header behind two thousand others is checked as well over ${scheme}`, async () => {
    const { ask, port } = await listen(scheme);
    const filler = 'a:\r\n'.repeat(2_500);
    expect(parseStatus(await ask(ENDPOINT, `host: 127.0.0.1:${port}\r\n${filler}origin: https://evil.test\r\n`))).toBe(403);
    expect(parseStatus(await ask(ENDPOINT, `host: 127.0.0.1:${port}\r\n${filler}`))).toBe(503);
  });
}

test('probes by address learn whether the agent is ready and nothing else', async () => {
  const { get, port } = await listen('http');
  const pod = 'host: 10.2.3.4:7300\r\n';
  expect(parseStatus(await get('/healthz', pod))).toBe(200);
  const ready = await get('/readyz', pod);
  expect(parseStatus(ready)).toBe(503);
  expect(ready).toContain('{"status":"offline"}');
  expect(ready).not.toContain('secret-name');
  expect(await get('/readyz', `host: 127.0.0.1:${port}\r\n`)).toContain('secret-name');
  expect(await get('/readyz', `host: 127.0.0.1:${port}\r\norigin: https://evil.test\r\n`)).not.toContain('secret-name');
  for (const path of ['/metrics', '/version', ENDPOINT, '/', '/healthz/'])
    expect(parseStatus(await get(path, pod)), path).toBe(403);
});

test('T-39: a token in the address is refused and not logged', async () => {
  const { ask, get, logged, port } = await listen('http');
  for (const query of ['?access_token=canary-token', '?canary-token', '/?key=canary-token']) {
    const answer = await ask(`${ENDPOINT}${query}`, `host: 127.0.0.1:${port}\r\nauthorization: Bearer x\r\n`);
    expect(parseStatus(answer), query).toBe(400);
    expect(answer).not.toContain('canary-token');
    expect(parseStatus(await get(`${ENDPOINT}${query}`, `host: 127.0.0.1:${port}\r\naccept: text/html\r\n`))).toBe(400);
  }
  expect(logged.join('')).not.toContain('canary-token');
});

test('bad inputs 18 and 31: what two parsers could read in two ways is refused and the connection closed', async () => {
  const { listener, port } = await listen('http');
  const host = `host: 127.0.0.1:${port}\r\n`;
  const requests = [
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}content-length: +5\r\n\r\nhello`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}mcp-session-id: a\rb\r\n\r\n`,
    `POST ${ENDPOINT} HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`,
  ];
  for (const request of requests) expect(parseStatus(await sendRaw(listener.url, request)), request).toBe(400);
  const large = await sendRaw(listener.url, `POST ${ENDPOINT} HTTP/1.1\r\n${host}mcp-session-id: ${'s'.repeat(20_000)}\r\n\r\n`);
  expect(parseStatus(large)).toBe(431);
  const { socket, closed } = openRaw(listener.url);
  socket.write(`POST ${ENDPOINT} HTTP/1.1\r\n${host}content-length: 0\r\nconnection: close\r\n\r\n`);
  expect(parseStatus(await closed)).toBe(503);
});
