import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { openDeps, type Deps } from './support.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LogLine = z.looseObject({ msg: z.string() });

let world: Deps;
beforeAll(async () => {
  world = await openDeps();
});
afterAll(async () => {
  await world.close();
});

function startWorker(env: Record<string, string>) {
  const started = spawn(process.execPath, [main], {
    env: {
      GATEHOUSE_WORKER_DATABASE_URL: world.database.urls.worker,
      GATEHOUSE_SIGNING_KEK: world.signingKek.toString('base64'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void started.kill('SIGKILL'));
  return started;
}

test('the process starts, answers for itself, and SIGTERM ends it with 0', async () => {
  const started = startWorker({ GATEHOUSE_WORKER_PORT: '0' });
  const exited = once(started, 'exit');
  const lines: z.infer<typeof LogLine>[] = [];
  const port = await new Promise<unknown>((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)));
    createInterface({ input: started.stdout }).on('line', (line) => {
      const entry = LogLine.parse(JSON.parse(line));
      lines.push(entry);
      if (entry.msg === 'worker started') resolve(entry.port);
    });
  });
  const get = (path: string) => fetch(`http://127.0.0.1:${String(port)}${path}`);
  expect((await get('/readyz')).status).toBe(200);
  expect(await (await get('/version')).json()).toMatchObject({ name: 'worker' });
  expect(await (await get('/metrics')).text()).toContain('gatehouse_jobs_total');
  started.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(lines.at(-1)?.msg).toBe('worker stopped');
});

test('a worker whose Redis is away says so from the start', async () => {
  const [port, away] = [await findFreePort(), await findFreePort()];
  const started = startWorker({ GATEHOUSE_WORKER_PORT: String(port), REDIS_URL: `redis://127.0.0.1:${away}` });
  started.stdout.resume();
  const ask = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  const readiness = await vi.waitUntil(ask, { timeout: 20_000, interval: 100 });
  expect([readiness.status, await readiness.json()]).toEqual([503, { status: 'not ready', away: ['redis', 'queue'] }]);
});
