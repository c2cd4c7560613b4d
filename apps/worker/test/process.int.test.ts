import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { openDeps, type Deps } from './support.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LogLine = z.looseObject({ msg: z.string() });

let world: Deps;
let child: ChildProcess | undefined;
beforeAll(async () => {
  world = await openDeps();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.close();
});

test('the process starts, answers for itself, and SIGTERM ends it with 0', async () => {
  const started = spawn(process.execPath, [main], {
    env: {
      GATEHOUSE_WORKER_DATABASE_URL: world.database.urls.worker,
      GATEHOUSE_SIGNING_KEK: world.signingKek.toString('base64'),
      GATEHOUSE_WORKER_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
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
