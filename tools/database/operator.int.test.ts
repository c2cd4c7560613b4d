import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

import pino from 'pino';
import { afterAll, expect, test } from 'vitest';

import { createTestDatabase } from '@gatehouse/db/testing';
import { acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { resetPassword } from '@gatehouse/services/auth/reset-password';
import { openRuntime } from '@gatehouse/services/runtime';

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

const exec = promisify(execFile);
const env = {
  PATH: process.env.PATH,
  DATABASE_URL: database.ownerUrl,
  NEXTAUTH_URL: 'https://console.example',
  GATEHOUSE_SIGNING_KEK: randomBytes(32).toString('base64'),
};

/** What `npm run operator -- ...` prints, or how it fails. */
async function run(...args: string[]): Promise<string> {
  const { stdout } = await exec(process.execPath, [join(import.meta.dirname, 'operator.ts'), ...args], { env });
  return stdout.trim();
}

/** The secret of a link that was printed, which opens this page of the console. */
function readToken(link: string, page: string): string {
  const { origin, pathname, hash } = new URL(link);
  expect([origin, pathname]).toEqual(['https://console.example', page]);
  return hash.slice(1);
}

const WORKSPACE = ['workspace', '--slug', 'acme', '--name', 'Acme', '--owner', 'ada@acme.example'];
const ip = '127.0.0.1';

test('a workspace is made, and its first owner joins by the link that is printed', { timeout: 60_000 }, async () => {
  const token = readToken(await run(...WORKSPACE), '/invitation');
  const account = { kind: 'new', name: 'Ada', newPassword: 'correct horse battery' } as const;
  expect(await acceptInvitation({ runtime, input: { token, ip, account } })).toMatchObject({ tenantSlug: 'acme' });
  await expect(run(...WORKSPACE)).rejects.toThrow('acme');

  const reset = readToken(await run('link', '--workspace', 'acme', '--email', 'ada@acme.example'), '/reset');
  expect(await resetPassword({ runtime, input: { token: reset, ip, newPassword: 'another good password' } })).toMatchObject({
    email: 'ada@acme.example',
  });
  const invited = await run('link', '--workspace', 'acme', '--email', 'ben@acme.example', '--role', 'reviewer');
  expect(readToken(invited, '/invitation')).toHaveLength(43);
});

test.each([
  [[], 'Use one of'],
  [['link', '--workspace', 'acme'], 'email'],
  [['workspace', '--slug', 'A B', '--name', 'x', '--owner', 'y'], 'slug'],
  [['link', '--password', 'x'], '--password'],
])('what is missing or wrong is said: %j', async (args, sentence) => {
  await expect(run(...args)).rejects.toThrow(sentence);
});
