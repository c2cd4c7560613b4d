import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pino from 'pino';
import { afterAll, expect, onTestFinished, test } from 'vitest';

import { createTestDatabase } from '@gatehouse/db/testing';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { checkSession } from '@gatehouse/services/auth/check-session';
import { resetPassword } from '@gatehouse/services/auth/reset-password';
import { signIn } from '@gatehouse/services/auth/sign-in';
import { openRuntime } from '@gatehouse/services/runtime';

import { runCli } from './run-cli.ts';

const database = await createTestDatabase();
const runtime = await openRuntime({
  appDatabaseUrl: database.urls.console,
  hubPublicUrl: 'ws://127.0.0.1:3001',
  log: pino({ level: 'silent' }),
  poolSize: 2,
});
afterAll(async () => {
  await runtime.close();
  await database.drop();
});

const env = {
  DATABASE_URL: database.ownerUrl,
  NEXTAUTH_URL: 'https://console.example',
  GATEHOUSE_SIGNING_KEK: randomBytes(32).toString('base64'),
};
const ip = '127.0.0.1';
const CREATE = ['tenant', 'create', '--slug', 'acme', '--name', 'Acme', '--owner', 'ada@acme.example'];

/** The secret of the link that is all of standard output, which opens this page of the console. */
function readToken({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }, page: string): string {
  expect([code, stderr]).toEqual([0, expect.stringContaining('Works once')]);
  const { origin, pathname, hash } = new URL(stdout.trim());
  expect([origin, pathname]).toEqual(['https://console.example', page]);
  return hash.slice(1);
}

test('a workspace is made, its first owner joins by the link, and a reset ends the sessions and gives a new password', async () => {
  const token = readToken(await runCli(CREATE, env), '/invitation');
  const account = { kind: 'new', name: 'Ada', newPassword: 'correct horse battery' } as const;
  expect(await acceptInvitation({ runtime, input: { token, ip, account } })).toMatchObject({ tenantSlug: 'acme' });
  const again = await runCli(CREATE, env);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('acme')]);

  const who = { email: 'ada@acme.example', workspace: 'acme', ip, userAgent: 'test' };
  const { userId, sessionId } = await signIn({ runtime, input: { ...who, password: 'correct horse battery' } });
  expect(await checkSession({ runtime, input: { userId, sessionId } })).toBeTruthy();
  const reset = await runCli(['user', 'reset', '--workspace', 'acme', '--email', 'ada@acme.example'], env);
  expect(reset.stderr).toContain('One session was ended.');
  expect(await checkSession({ runtime, input: { userId, sessionId } })).toBeFalsy();
  const opened = { token: readToken(reset, '/reset'), ip, newPassword: 'another good password' };
  expect(await resetPassword({ runtime, input: opened })).toMatchObject({ email: 'ada@acme.example' });
  await signIn({ runtime, input: { ...who, password: 'another good password' } });

  const json = await runCli(
    ['user', 'invite', '--workspace', 'acme', '--email', 'ben@acme.example', '--role', 'reviewer', '--json'],
    env,
  );
  expect(JSON.parse(json.stdout)).toMatchObject({ link: expect.stringContaining('/invitation#') });
});

test.each([
  [[], 2, 'gatehouse COMMAND --help'],
  [['tenant', 'destroy'], 2, 'There is no command tenant destroy'],
  [['user', 'invite', '--workspace', 'acme'], 2, '--email: is needed'],
  [['tenant', 'create', '--slug', 'A B', '--name', 'x', '--owner', 'y'], 2, '--slug'],
  [['user', 'reset', '--password', 'x'], 2, "Unknown option '--password'"],
  [['user', 'reset', '--workspace', 'acme', '--email', 'nobody@acme.example'], 1, 'is no member of acme'],
  [['user', 'reset', '--workspace', 'other', '--email', 'nobody@acme.example'], 1, 'There is no workspace other'],
])('what is missing or wrong is said: %j', async (args, code, sentence) => {
  const ran = await runCli(args, env);
  expect([ran.code, ran.stdout + ran.stderr]).toEqual([code, expect.stringContaining(sentence)]);
});

test('a workspace is suspended, goes on, and is written into a file that is never written over', async () => {
  const of = ['--workspace', 'acme'];
  expect(await runCli(['tenant', 'suspend', ...of], env)).toMatchObject({ code: 0, stdout: 'acme is suspended.\n' });
  expect(await runCli(['tenant', 'suspend', ...of], env)).toMatchObject({ code: 1, stderr: 'Acme is suspended already.\n' });
  expect(await runCli(['tenant', 'resume', ...of], env)).toMatchObject({ code: 0, stdout: 'acme goes on.\n' });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'acme.jsonl');
  expect(await runCli(['tenant', 'export', ...of, '--out', out], env)).toMatchObject({ code: 0, stdout: `${out}\n` });
  expect(readFileSync(out, 'utf8')).toContain('{"table":"membership"');
  const again = await runCli(['tenant', 'export', ...of, '--out', out], env);
  expect([again.code, again.stderr]).toEqual([1, `${out} cannot be written: there is one already.\n`]);
});

test('every variable that a command lacks is named, and with --json too', async () => {
  const { code, stdout } = await runCli([...CREATE, '--json'], { NEXTAUTH_URL: 'x' });
  expect(code).toBe(1);
  const { problems } = JSON.parse(stdout) as { problems: string[] };
  expect(problems.map((problem) => problem.replace(/:.*/, '')).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'DATABASE_URL',
    'GATEHOUSE_SIGNING_KEK',
    'NEXTAUTH_URL',
  ]);
});
