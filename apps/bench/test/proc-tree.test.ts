import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { readAgeMs, readCpuMs, collectTree, readTree, readResidentMb, runsScript } from '../src/processes/proc-tree.ts';

test('a tree is the process, its children and theirs', () => {
  const parents = new Map([
    [1, 0],
    [5, 1],
    [6, 5],
    [7, 6],
    [8, 1],
  ]);
  expect(collectTree(5, parents)).toEqual([5, 6, 7]);
  expect(collectTree(7, parents)).toEqual([7]);
});

test.runIf(process.platform === 'linux')('a real process is found below this one, with its memory and CPU time', async () => {
  const busy =
    'const end = Date.now() + 200; while (Date.now() < end); process.stdout.write("done"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', busy, 'a-marker'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const tree = readTree(process.pid);
  const pid = child.pid ?? 0;
  expect(tree[0]).toBe(process.pid);
  expect(tree).toContain(pid);
  expect(readCpuMs([pid])).toBeGreaterThan(0);
  expect(readAgeMs(pid)).toBeGreaterThan(0);
  expect(readAgeMs(pid)).toBeLessThan(readAgeMs(process.pid));
  expect(readResidentMb([pid])).toBeGreaterThan(10);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(readTree(pid)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a process runs a script when that is its program, not when it only names it',
  async () => {
    const script = join(import.meta.dirname, '..', 'src', 'upstream', 'stdio.ts');
    const runner = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
    const other = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)', '--', script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    onTestFinished(() => [runner, other].forEach((child) => child.kill('SIGKILL')));
    for (const child of [runner, other]) {
      child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
      await once(child.stdout, 'data');
    }
    expect([runner, other].map((child) => runsScript(child.pid ?? 0, script))).toEqual([true, false]);
  },
);
