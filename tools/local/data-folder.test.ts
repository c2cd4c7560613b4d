import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { EmbeddedError } from '@gatehouse/db/embedded-binaries';

import { describeOwner } from '../../packages/db/src/process-owner.mjs';
import { withDataFolder } from './data-folder.ts';
import { describeError } from './describe-error.ts';
import { readSettings } from './settings.ts';

function makeParent(): string {
  const parent = mkdtempSync(join(tmpdir(), 'gatehouse-folder-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return parent;
}

const open = (dataDir: string) => withDataFolder(readSettings({ GATEHOUSE_DATA_DIR: dataDir }), async () => 'opened');
/** How a start in a folder that cannot be had is told. */
const explain = (dataDir: string) =>
  open(dataDir).then(
    () => 'no problem',
    (error: unknown) => describeError(error),
  );

test('a new data folder is out of the sight of git, wherever it lies', async () => {
  const folder = join(makeParent(), 'below', 'data');
  await expect(open(folder)).resolves.toBe('opened');
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  writeFileSync(join(folder, '.gitignore'), '# mine\n');
  await open(folder);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('# mine\n');
});

test('a folder that a running copy uses is refused with the command for a second one', async () => {
  const folder = makeParent();
  const copy = spawn(process.execPath, ['--eval', "console.log('up'); setInterval(() => {}, 1000)"]);
  onTestFinished(() => void copy.kill('SIGKILL'));
  await once(copy.stdout, 'data');
  writeFileSync(join(folder, 'lock'), await describeOwner(copy.pid ?? 0));
  const told = await explain(folder);
  expect(told).toContain(`The data folder ${folder} is in use by a running copy (pid ${copy.pid}).`);
  expect(told).toContain('GATEHOUSE_PORT_BASE=4000 GATEHOUSE_DATA_DIR=.gatehouse-b npm start');
});

test('a folder that cannot be had is told in one sentence', async () => {
  const file = join(makeParent(), 'file');
  writeFileSync(file, '');
  expect(await explain(file)).toMatch(`${file} cannot be used: it is a file, and a folder is needed (EEXIST).`);
  expect(await explain(join(file, 'data'))).toMatch(`${file} cannot be used: it is a file`);
});

test.runIf(process.platform === 'linux')('a folder below /proc is refused at once', async () => {
  expect(await explain('/proc/gatehouse')).toMatch('/proc/gatehouse cannot be used: no folder can be made there (ENOENT).');
});

test.for([
  ['EACCES', 'mkdir', '/data cannot be used: permission is denied (EACCES).'],
  ['EROFS', 'open', '/data cannot be used: the file system is read-only (EROFS).'],
  ['ENOSPC', 'write', 'The disk is full.'],
] as const)('%s of %s is told in one sentence', ([code, syscall, sentence]) => {
  expect(describeError(Object.assign(new Error(code), { code, syscall, path: '/data' }))).toContain(sentence);
});

test('what the embedded PostgreSQL says of itself is a sentence, and a defect keeps its stack', () => {
  expect(describeError(new EmbeddedError('There is none.'))).toBe('There is none.');
  expect(describeError(new TypeError('x is not a function'))).toContain('data-folder.test.ts');
  expect(describeError(Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'open', path: '/x' }))).toContain(' at ');
});
