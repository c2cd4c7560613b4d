import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { parse, stringify } from 'yaml';
import { z } from 'zod';

import { root, type Stack } from './stack.ts';

/** The file of the version before protocol 2, unpacked; beside this repository's `node_modules`, because the hub loads from there. */
export function unpackEarlier(name: 'gatehouse-agent' | 'hub'): string {
  const folder = join(root, '.gatehouse', 'earlier');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, gunzipSync(readFileSync(join(root, 'apps/e2e/earlier', `${name}.mjs.gz`))));
  return file;
}

const Guardrails = z.looseObject({ stdio: z.record(z.string(), z.looseObject({})) });

/** The guardrails of the stack's agents as the earlier agent reads them: its entries know no sandbox. Returns the file's path. */
export function writeEarlierGuardrails(stack: Stack): string {
  const guardrails = Guardrails.parse(parse(readFileSync(join(stack.dataDir, 'guardrails.yaml'), 'utf8')));
  const stdio = Object.entries(guardrails.stdio).map(
    ([name, { sandbox: _s, network: _n, read: _r, write: _w, user: _u, ...entry }]) => [name, entry],
  );
  const file = join(stack.dataDir, 'earlier-guardrails.yaml');
  writeFileSync(file, stringify({ ...guardrails, stdio: Object.fromEntries(stdio) }));
  chmodSync(file, 0o444);
  return file;
}

const Credentials = z.object({ hub: z.string() });

export interface EarlierHub {
  address: { host: string; port: number };
  stop(): Promise<void>;
}

/** Starts the earlier hub beside the stack's own, on the same database and under the same public address. Rejects when it ends at once. */
export async function startEarlierHub(stack: Stack, port: number): Promise<EarlierHub> {
  const credentials = Credentials.parse(JSON.parse(readFileSync(join(stack.dataDir, 'postgres', 'credentials.json'), 'utf8')));
  const databaseUrl = Object.assign(new URL(stack.demo.databaseUrl), { username: 'gatehouse_hub', password: credentials.hub });
  const child = spawn(process.execPath, [unpackEarlier('hub')], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      GATEHOUSE_HUB_DATABASE_URL: databaseUrl.href,
      GATEHOUSE_HUB_PORT: String(port),
      GATEHOUSE_HUB_PUBLIC_URL: `ws://127.0.0.1:${stack.relay.port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const address = { host: '127.0.0.1', port };
  while (!(await isReady(port))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The earlier hub ended:\n${output}`);
    await delay(50);
  }
  return {
    address,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  return answer?.ok ?? false;
}
