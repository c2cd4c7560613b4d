import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { withDatabase } from '@gatehouse/db/schema-engine';
import { makeMembership, makeTenant, openTestDatabase } from '@gatehouse/db/testing';

import { runCli } from './run-cli.ts';

const database = await openTestDatabase();
const { id: tenantId } = await makeTenant(database.db, { slug: 'acme' });
await makeMembership(database.db, tenantId);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-backup-'));
const name = `gatehouse_cli_restored_${process.pid}`;
const owner = await database.connectOwner();
await owner.query(`CREATE DATABASE ${name}`);
afterAll(async () => {
  await owner.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await database.drop();
  rmSync(folder, { recursive: true });
});

const env = { DATABASE_URL: database.ownerUrl, GATEHOUSE_BACKUP_KEY: randomBytes(32).toString('base64') };
const target = { ...env, DATABASE_URL: withDatabase(database.ownerUrl, name) };
const out = join(folder, 'gatehouse.backup');

test('a backup goes into a file of its own, is looked at, and comes into an empty database', async () => {
  const made = await runCli(['backup', '--out', out], env);
  expect(made).toMatchObject({ code: 0, stdout: `${out}\n`, stderr: expect.stringMatching(/^\d+ rows of \d+ tables as of /) });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const again = await runCli(['backup', '--out', out], env);
  expect([again.code, again.stderr]).toEqual([1, `${out} cannot be written: there is one already.\n`]);

  const { DATABASE_URL: _, ...withoutDatabase } = env;
  const checked = await runCli(['restore', '--from', out, '--check', '--json'], withoutDatabase);
  expect(JSON.parse(checked.stdout)).toMatchObject({ sealed: true, rows: expect.any(Number) });
  const restored = await runCli(['restore', '--from', out], target);
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('The database is as the backup has it.') });
  expect(restored.stderr).toContain('Everybody signs in anew.');
  const full = await runCli(['restore', '--from', out], target);
  expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('The database holds data.')]);
  expect((await runCli(['restore', '--from', out, '--replace'], target)).code).toBe(0);
});

test('without a file the backup is all of standard output, and what is to be read is on standard error', async () => {
  const { GATEHOUSE_BACKUP_KEY: _, ...plain } = env;
  const { code, stdout, stderr } = await runCli(['backup'], plain, 'latin1');
  expect([code, stderr]).toEqual([0, expect.stringContaining('It is not sealed')]);
  const file = join(folder, 'piped.backup');
  writeFileSync(file, stdout, 'latin1');
  expect(await runCli(['restore', '--from', file, '--check'], {})).toMatchObject({ code: 0 });

  writeFileSync(file, readFileSync(file).subarray(0, -10));
  const cut = await runCli(['restore', '--from', file, '--check'], {});
  expect([cut.code, cut.stderr]).toEqual([
    1,
    'The file ends in the middle: it was cut off, or the backup did not come to its end.\n',
  ]);
});

test('a backup that does not come to its end leaves no file', async () => {
  const { code, stderr } = await runCli(['backup', '--out', join(folder, 'none')], {
    ...env,
    DATABASE_URL: database.urls.worker,
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining('gatehouse_worker is held to single workspaces')]);
  expect(() => statSync(join(folder, 'none'))).toThrow('ENOENT');
});

test.each([
  [['backup', '--json'], 2, '--json prints JSON where the backup would go'],
  [['restore'], 2, '--from: is needed'],
  [['restore', '--from', out, '--check', '--replace'], 2, '--check changes nothing'],
  [['restore', '--from', join(folder, 'no-such')], 1, 'no-such'],
])('what is missing or wrong is said: %j', async (args, code, sentence) => {
  const ran = await runCli(args, env);
  expect([ran.code, ran.stdout + ran.stderr]).toEqual([code, expect.stringContaining(sentence)]);
});

test('a key that is none is said before anything is read', async () => {
  const { code, stderr } = await runCli(['backup', '--out', join(folder, 'x')], { ...env, GATEHOUSE_BACKUP_KEY: 'short' });
  expect([code, stderr]).toEqual([1, expect.stringContaining('GATEHOUSE_BACKUP_KEY: must be')]);
});
