import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { startOpsServer } from '../src/ops-server.ts';
import { checkReadiness, type Dependency, findOpsAnswer } from '../src/ops.ts';

async function startPort(dependencies: readonly Dependency[] = [], token: string | null = null) {
  const log = pino({ level: 'silent' });
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    version: { name: 'worker', version: '1.2.3' },
    checkReadiness: () => checkReadiness(dependencies, log),
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' },
    token,
    log,
  });
  onTestFinished(server.close);
  return server.port;
}

async function start(...options: Parameters<typeof startPort>) {
  const port = await startPort(...options);
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

test('health, version and metrics are answered, other paths and methods are not', async () => {
  const get = await start([{ name: 'postgres', check: async () => undefined }]);
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect(await (await get('/version')).json()).toEqual({ name: 'worker', version: '1.2.3' });
  const metrics = await get('/metrics');
  expect([metrics.headers.get('content-type'), await metrics.text()]).toEqual(['text/plain; version=0.0.4', 'up 1\n']);
  expect((await get('/readyz?verbose')).status).toBe(200);
  expect((await get('/')).status).toBe(404);
  expect((await get('//')).status).toBe(404);
  expect((await get('/healthz', { method: 'POST' })).status).toBe(404);
});

test('while the process cannot work it is alive but not ready, and says what is away and nothing of the cause', async () => {
  const refuse = () => Promise.reject(new Error('password authentication failed for user "gatehouse_hub"'));
  const get = await start([
    { name: 'postgres', check: refuse },
    { name: 'redis', check: async () => 'PONG' },
    { name: 'queue', check: () => new Promise(() => {}) },
  ]);
  expect((await get('/healthz')).status).toBe(200);
  const readiness = await get('/readyz');
  expect([readiness.status, await readiness.json()]).toEqual([503, { status: 'not ready', away: ['postgres', 'queue'] }]);
});

test('T-57: however many probe at the same time, a dependency is asked once until it has answered', async () => {
  const log = pino({ level: 'silent' });
  const { promise, resolve } = Promise.withResolvers<void>();
  let checks = 0;
  const check = () => {
    checks += 1;
    return promise;
  };
  const dependencies = [{ name: 'postgres', check }];
  const probes = Array.from({ length: 20 }, () => checkReadiness(dependencies, log));
  await Promise.resolve();
  expect(checks).toBe(1);
  resolve();
  expect((await Promise.all(probes)).every(({ isReady }) => isReady)).toBe(true);
  await checkReadiness(dependencies, log);
  expect(checks).toBe(2);
});

test('who asks from elsewhere needs the token for metrics and version, and is told of readiness only the status', async () => {
  const elsewhere = [
    { 'x-forwarded-for': '10.1.2.3' },
    { forwarded: 'for=10.1.2.3' },
    { via: '1.1 proxy' },
    { 'x-real-ip': '::1' },
  ];
  const token = 'a-token-of-operations';
  for (const set of [null, token]) {
    const get = await start([], set);
    for (const headers of elsewhere) {
      for (const path of ['/metrics', '/version']) {
        const wrong = ['', 'Bearer', 'Bearer ', 'Bearer null', `Bearer ${token}x`, `Basic ${token}`];
        for (const authorization of wrong)
          expect((await get(path, { headers: { ...headers, authorization } })).status, `${path} ${authorization}`).toBe(404);
        const shown = await get(path, { headers: { ...headers, authorization: `Bearer ${token}` } });
        expect(shown.status, path).toBe(set === null ? 404 : 200);
      }
      for (const path of ['/healthz', '/readyz']) expect((await get(path, { headers })).status, path).toBe(200);
    }
    expect((await get('/metrics')).status).toBe(200);
  }
});

test('a proxy on this machine that names another host, speaks HTTP/1.0 or adds any header of its own is somebody else', async () => {
  const port = await startPort();
  const ask = async (head: string) => (await sendRaw(port, `${head}\r\nConnection: close\r\n\r\n`)).slice(9, 12);
  const here = `Host: 127.0.0.1:${port}`;
  for (const path of ['/metrics', '/version']) {
    for (const host of ['127.0.0.1', `127.0.0.1:${port}`, 'localhost', `LOCALHOST:${port}`, `[::1]:${port}`, '127.9.9.9'])
      expect(await ask(`GET ${path} HTTP/1.1\r\nHost: ${host}`), host).toBe('200');
    for (const host of ['ops.example', `ops.example:${port}`, '10.1.2.3', 'localhost.ops.example', '127.0.0.1.ops.example', ''])
      expect(await ask(`GET ${path} HTTP/1.1\r\nHost: ${host}`), host).toBe('404');
    expect(await ask(`GET ${path} HTTP/1.0\r\n${here}`)).toBe('404');
    const added = [
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'X-Forwarded-Port',
      'X-Original-Forwarded-For',
      'X-Client-IP',
      'CF-Connecting-IP',
    ];
    for (const name of added) expect(await ask(`GET ${path} HTTP/1.1\r\n${here}\r\n${name}: x`), name).toBe('404');
  }
  expect(await ask('GET /healthz HTTP/1.0\r\nHost: ops.example')).toBe('200');
});

test('a probe is told the status and nothing else', async () => {
  const report = { status: 'degraded', agent: 'helsinki-1' };
  const version = { name: 'agent', version: '1.2.3' };
  const metrics = { contentType: 'text/plain', metrics: async () => 'up 1\n' };
  const find = (path: string, scope: 'all' | 'probes') =>
    findOpsAnswer({ version, checkReadiness: () => ({ isReady: true, report }), metrics }, path, scope);
  expect(await find('/readyz', 'all')?.()).toMatchObject({ status: 200, body: JSON.stringify(report) });
  expect(await find('/readyz', 'probes')?.()).toMatchObject({ status: 200, body: '{"status":"degraded"}' });
  expect(['/healthz', '/version', '/metrics', '/'].map((path) => find(path, 'probes') !== null)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
