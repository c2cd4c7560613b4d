import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { describeOwner } from '../../../packages/db/src/process-owner.mjs';
import { root } from '../settings.ts';
import { withProcessLock } from './process-lock.mjs';

function makeLockFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-process-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

/** A process that is not this one. Returns its process id, what a lock of it says, and how to kill it. */
async function startHolder() {
  const child = spawn(process.execPath, ['--eval', "console.log('up'); setInterval(() => {}, 1000)"]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('The holder did not start.');
  const pid = child.pid;
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid, content: await describeOwner(pid), kill };
}

const failIfWaiting = (pid: number) => expect.unreachable(`waits for ${pid}`);
const build = () => Promise.resolve('built');

test('a build waits for the one that runs', async () => {
  const file = makeLockFile();
  const { pid, content, kill } = await startHolder();
  writeFileSync(file, content);
  const order: string[] = [];
  const onWait = vi.fn<(holder: number) => void>();
  const waiting = withProcessLock(file, () => Promise.resolve(order.push('second')), onWait);
  await new Promise((resolve) => setTimeout(resolve, 500));
  order.push('first');
  await kill();
  await waiting;
  expect(order).toEqual(['first', 'second']);
  expect(onWait.mock.calls).toEqual([[pid]]);
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('the lock of a process that was killed holds nobody up', async () => {
  const file = makeLockFile();
  const { content, kill } = await startHolder();
  writeFileSync(file, content);
  await kill();
  await expect(withProcessLock(file, build, failIfWaiting)).resolves.toBe('built');
});

test.for([
  { what: 'empty', content: '' },
  { what: 'without sense', content: 'no process' },
  { what: 'of one that had our process id', content: JSON.stringify({ pid: process.pid, command: 'node another.ts' }) },
  { what: 'of one that had our process id and command line', content: await describeOwner(process.pid) },
  { what: 'of one whose process id another has now', content: JSON.stringify({ pid: process.ppid, command: 'node another.ts' }) },
])('a lock that is $what holds nobody up', async ({ content }) => {
  const file = makeLockFile();
  writeFileSync(file, content);
  await expect(withProcessLock(file, build, failIfWaiting)).resolves.toBe('built');
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('a build that fails frees the lock', async () => {
  const file = makeLockFile();
  await expect(withProcessLock(file, () => Promise.reject(new Error('no')), failIfWaiting)).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test("a lock that became another's is left alone", async () => {
  const file = makeLockFile();
  const { content } = await startHolder();
  await withProcessLock(file, async () => writeFileSync(file, content), failIfWaiting);
  expect(existsSync(file)).toBe(true);
});

test('a build holds the lock until it has ended, also when its launcher was killed', async () => {
  const file = makeLockFile();
  const folder = join(file, '..');
  const ended = join(folder, 'ended');
  const slowEnd = `
    process.on('SIGTERM', () => setTimeout(() => {
      require('node:fs').writeFileSync(${JSON.stringify(ended)}, '');
      process.exit();
    }, 1000));
    setInterval(() => {}, 1000);
    require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'started'))}, '');`;
  const script = `
    const { withProcessLock } = await import(${JSON.stringify(join(root, 'tools/local/processes/process-lock.mjs'))});
    const { run } = await import(${JSON.stringify(join(root, 'tools/local/processes/processes.ts'))});
    const build = { name: 'build', command: [process.execPath, '--eval', ${JSON.stringify(slowEnd)}], env: {} };
    await withProcessLock(${JSON.stringify(file)}, (shareWith) => run({ dataDir: ${JSON.stringify(folder)} }, build, shareWith), () => {});`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
  await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), 20_000);
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  const onWait = vi.fn<(holder: number) => void>();
  await expect(withProcessLock(file, () => Promise.resolve(existsSync(ended)), onWait)).resolves.toBe(true);
  expect(onWait).toHaveBeenCalledTimes(1);
});
