import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { GroupCommit } from '../src/relay/group-commit.ts';

test('what was appended is in the file when its promise resolves, in order, also what came during a commit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal');
  const journal = new GroupCommit(path);
  const first = journal.append(Buffer.from('a'));
  const during = first.then(() => journal.append(Buffer.from('c')));
  await journal.append(Buffer.from('b'));
  expect(readFileSync(path, 'utf8').slice(0, 2)).toBe('ab');
  await during;
  expect(readFileSync(path, 'utf8')).toBe('abc');
  journal.close();
});

test.runIf(process.platform === 'linux')('a write that the disk does not take rejects, and so does the next', async () => {
  const journal = new GroupCommit('/dev/full');
  await expect(journal.append(Buffer.from('a'))).rejects.toThrow(/ENOSPC/);
  await expect(journal.append(Buffer.from('b'))).rejects.toThrow(/ENOSPC/);
  journal.close();
});
