import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { startOpsServer } from '../src/ops-server.ts';
import { checkReadiness, type Dependency, findOpsAnswer } from '../src/ops.ts';

async function start(dependencies: readonly Dependency[]) {
  const log = pino({ level: 'silent' });
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    version: { name: 'worker', version: '1.2.3' },
    checkReadiness: () => checkReadiness(dependencies, log),
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' },
    log,
  });
  onTestFinished(server.close);
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
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
