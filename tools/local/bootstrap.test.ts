import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test, vi } from 'vitest';

import { root } from './settings.ts';

/** Stands for npm: leaves a mark for every run, and fails when another one is under way. */
const NPM = `
const { appendFileSync, mkdirSync, rmdirSync } = require('node:fs');
mkdirSync('installing');
appendFileSync('runs', 'x');
setTimeout(() => rmdirSync('installing'), 1000);`;

/** A clone of what the installation needs, with nothing installed but the Node that an installation brings. */
function makeClone(): string {
  const clone = mkdtempSync(join(tmpdir(), 'gatehouse-bootstrap-'));
  onTestFinished(() => rmSync(clone, { recursive: true, maxRetries: 5 }));
  const files = ['bootstrap', 'processes/leash', 'processes/process-lock'].map((name) => `tools/local/${name}.mjs`);
  for (const file of [...files, 'packages/db/src/process-owner.mjs', 'package-lock.json']) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
  mkdirSync(join(clone, 'tools/database'));
  writeFileSync(join(clone, 'tools/database/generate.ts'), '');
  writeFileSync(join(clone, 'npm.cjs'), NPM);
  mkdirSync(join(clone, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(clone, 'node_modules/.bin/node'));
  return clone;
}

function startBootstrap(clone: string) {
  const env = { ...process.env, npm_execpath: join(clone, 'npm.cjs') };
  const child = spawn(process.execPath, [join(clone, 'tools/local/bootstrap.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { child, ended };
}

test('of two that start in one folder one installs, and the other waits and says so', async () => {
  const clone = makeClone();
  const both = await Promise.all([startBootstrap(clone).ended, startBootstrap(clone).ended]);
  expect(both.map(([code, , errors]) => [code, errors])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(both.filter(([, output]) => /Waits for another installation in this folder \(pid \d+\)/.test(output))).toHaveLength(1);
  expect(readFileSync(join(clone, 'runs'), 'utf8')).toBe('x');
});

test('an installation that was killed holds nobody up', async () => {
  const clone = makeClone();
  const { child, ended } = startBootstrap(clone);
  await vi.waitUntil(() => existsSync(join(clone, 'runs')), 20_000);
  child.kill('SIGKILL');
  await ended;
  rmSync(join(clone, 'installing'), { recursive: true });
  expect((await startBootstrap(clone).ended)[0]).toBe(0);
});
