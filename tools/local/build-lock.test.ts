import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { withBuildLock } from './build-lock.ts';

function makeLockFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-build-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

test('a build waits for the one that runs', async () => {
  const file = makeLockFile();
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const running = withBuildLock(file, () => first.promise.then(() => order.push('first')));
  const waiting = withBuildLock(file, () => Promise.resolve(order.push('second')));
  first.resolve();
  await Promise.all([running, waiting]);
  expect(order).toEqual(['first', 'second']);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that was killed holds nobody up', async () => {
  const file = makeLockFile();
  const killed = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  writeFileSync(file, String(killed.pid));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await expect(withBuildLock(file, () => Promise.resolve('built'))).resolves.toBe('built');
});

test('a build that fails frees the lock', async () => {
  const file = makeLockFile();
  await expect(withBuildLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});
