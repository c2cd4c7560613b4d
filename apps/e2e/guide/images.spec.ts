import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';
import { z } from 'zod';

import { startEmbeddedPostgres } from '@gatehouse/db/embedded';
import { findFreePort } from '@gatehouse/process/testing/free-port';

import { root } from '../src/stack.ts';
import { Images, type Stage } from './image.ts';
import { Person } from './person.ts';

const PROCESSES = ['console', 'hub', 'worker'] as const;
const WITH_ID = z.looseObject({ id: z.uuid() });

function stop(child: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

test('what the container files build in a clean folder starts, is well by its own health check, and takes an agent', async () => {
  // where nothing is built yet, everything is built here
  test.setTimeout(1_200_000);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-images-'));
  chmodSync(folder, 0o755);
  const running: ChildProcess[] = [];
  const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres'), port: await findFreePort(), durable: false });
  try {
    // what is built here already of the same files is not built twice
    const images = new Images(folder, { TURBO_CACHE_DIR: join(root, '.turbo/cache'), npm_config_prefer_offline: 'true' });
    const stages = await test.step('build', async () => ({
      console: await images.build('control-plane.Dockerfile', 'console'),
      hub: await images.build('control-plane.Dockerfile', 'hub'),
      worker: await images.build('control-plane.Dockerfile', 'worker'),
      agent: await images.build('agent.Dockerfile', 'agent'),
    }));

    const ports = {
      console: await findFreePort(),
      hub: await findFreePort(),
      worker: await findFreePort(),
      agent: await findFreePort(),
    };
    const [keys, env] = [join(folder, 'keys'), join(folder, 'env')];
    mkdirSync(env);
    execFileSync(join(stages.worker.folder, 'usr/local/bin/gatehouse'), ['keys', 'generate', '--out', keys]);
    const writeUrl = (name: string, user: string, password: string) => {
      const url = Object.assign(new URL(postgres.ownerUrl), { username: user, password });
      writeFileSync(join(env, name), url.href);
    };
    for (const name of PROCESSES) writeUrl(name, `gatehouse_${name}`, randomBytes(24).toString('hex'));
    writeFileSync(join(env, 'owner'), postgres.ownerUrl);
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${stages.worker.user}:${stages.worker.user}`, keys, env]);
    const urls = Object.fromEntries(
      PROCESSES.map((name) => [`GATEHOUSE_${name.toUpperCase()}_DATABASE_URL_FILE`, join(env, name)]),
    );
    const shared = {
      ...urls,
      ...Object.fromEntries(PROCESSES.map((name) => [`GATEHOUSE_${name.toUpperCase()}_PORT`, String(ports[name])])),
      ...Object.fromEntries(PROCESSES.map((name) => [`GATEHOUSE_${name.toUpperCase()}_HOST`, '127.0.0.1'])),
      GATEHOUSE_HUB_PUBLIC_URL: `ws://127.0.0.1:${ports.hub}`,
      GATEHOUSE_SIGNING_KEK_FILE: join(keys, 'signing-kek'),
      NEXTAUTH_SECRET_FILE: join(keys, 'nextauth-secret'),
      NEXTAUTH_URL: `http://127.0.0.1:${ports.console}`,
    };
    const command = (...words: string[]) =>
      images.run(stages.worker, ['/usr/local/bin/gatehouse', ...words], { ...shared, DATABASE_URL_FILE: join(env, 'owner') });
    await command('migrate');

    const isWell = (stage: Stage, port: number) => async () => {
      const health = (stage.health ?? []).map((word) => (/^\d+$/.test(word) ? String(port) : word));
      return images.run(stage, health, { GATEHOUSE_LISTEN: `127.0.0.1:${port}` }).then(
        () => true,
        () => false,
      );
    };
    for (const name of PROCESSES) expect(await isWell(stages[name], ports[name])(), `${name}, before it starts`).toBe(false);
    for (const name of PROCESSES) running.push(images.start(stages[name], shared));
    for (const name of PROCESSES) await expect.poll(isWell(stages[name], ports[name]), { timeout: 60_000 }).toBe(true);

    const link = await command('tenant', 'create', '--slug', 'acme', '--name', 'Acme', '--owner', 'ada@acme.example');
    const ada = await Person.join(link.trim(), { name: 'Ada', email: 'ada@acme.example', workspace: 'acme' });
    const { id: siteId } = await ada.change(WITH_ID, 'site.create', { name: 'Headquarters' });
    const JoinToken = z.looseObject({ id: z.uuid(), token: z.string() });
    const { id, token } = await ada.change(JoinToken, 'joinToken.create', { siteId, agentName: 'hq-01' });
    const guardrails = join(stages.agent.folder, 'etc/gatehouse-agent');
    mkdirSync(guardrails, { recursive: true });
    writeFileSync(join(guardrails, 'guardrails.yaml'), 'http: { privateHosts: [] }\n', { mode: 0o444 });
    const told = { GATEHOUSE_ENROLL_TOKEN: token, GATEHOUSE_LISTEN: `127.0.0.1:${ports.agent}` };
    running.push(images.start(stages.agent, told));
    await expect.poll(isWell(stages.agent, ports.agent), { timeout: 60_000 }).toBe(true);
    const Joined = z.looseObject({ connectedAt: z.unknown() });
    await expect.poll(async () => (await ada.read(Joined, 'joinToken.get', { id })).connectedAt ?? null).not.toBeNull();
    await ada.close();

    // what stops a container is the same signal
    for (const child of running.toReversed()) expect(await stop(child)).toBe(0);

    // the same processes out of a clone that is built, without any image
    const clone = await images.build('control-plane.Dockerfile', 'build');
    for (const name of PROCESSES) {
      const child = images.start({ ...clone, workdir: '/src', cmd: ['npm', 'run', '--silent', `start:${name}`] }, shared);
      running.push(child);
      await expect.poll(isWell(stages[name], ports[name]), { timeout: 60_000 }).toBe(true);
      // the process that npm started ends, not npm alone
      await stop(child);
      expect(await isWell(stages[name], ports[name])(), `${name}, after it was stopped`).toBe(false);
    }
  } finally {
    for (const child of running) child.kill('SIGKILL');
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
