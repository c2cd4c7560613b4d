import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { makeFolders } from '../src/folders.ts';

function makeTempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-folders-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('missing folders are made, for this user alone, and those that exist are kept', () => {
  const top = makeTempDir();
  const path = join(top, 'a/b');
  makeFolders(path);
  makeFolders(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  writeFileSync(join(top, 'file'), '');
  expect(() => makeFolders(join(top, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolders(join(top, 'file/a'))).toThrow(/EEXIST/);
});

test.skipIf(!existsSync('/proc/self'))('where no folder can be made it is refused, and nothing hangs', () => {
  const source = JSON.stringify(new URL('../src/folders.ts', import.meta.url).href);
  const script = `const { makeFolders } = await import(${source}); makeFolders('/proc/gatehouse/a')`;
  // in a process of its own, which can be ended: what hangs here takes no signal
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  });
  expect(child.signal).toBeNull();
  expect(child.stderr).toMatch(/ENOENT/);
});
