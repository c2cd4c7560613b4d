import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { createTestDatabase } from '@gatehouse/db/testing';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { SmtpServer } from '@gatehouse/process/testing/smtp-server';

import { runCli } from './run-cli.ts';

const database = await createTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-check-'));
const bundle = join(folder, 'gatehouse-agent.mjs');
writeFileSync(bundle, '');
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const good = {
  DATABASE_URL: database.ownerUrl,
  GATEHOUSE_CONSOLE_DATABASE_URL: database.urls.console,
  GATEHOUSE_HUB_DATABASE_URL: database.urls.hub,
  GATEHOUSE_WORKER_DATABASE_URL: database.urls.worker,
  GATEHOUSE_SIGNING_KEK: randomBytes(32).toString('base64'),
  GATEHOUSE_HUB_PUBLIC_URL: 'wss://hub.example',
  GATEHOUSE_TRUSTED_PROXIES: '1',
  GATEHOUSE_AGENT_BUNDLE: bundle,
  NEXTAUTH_URL: 'https://console.example',
  NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
};

interface Report {
  ok: boolean;
  findings: { level: string; of: string; text: string }[];
}

async function check(env: Record<string, string | undefined>, ...args: string[]): Promise<Report & { code: number }> {
  const { code, stdout } = await runCli(['config', 'check', '--json', ...args], env);
  return { code, ...(JSON.parse(stdout) as Report) };
}

/** Of one level, as one text. */
const say = ({ findings }: Report, level: string) =>
  findings.flatMap((finding) => (finding.level === level ? [`${finding.of}: ${finding.text}`] : [])).join('\n');

test('what fits is said to fit, and the key is tried on the keys of the workspaces', async () => {
  const before = await check(good);
  expect([before.code, before.ok, say(before, 'problem')]).toEqual([0, true, '']);
  expect(say(before, 'warning')).toContain('there is no workspace yet');
  const create = ['tenant', 'create', '--slug', 'acme', '--name', 'Acme', '--owner', 'ada@acme.example'];
  expect((await runCli(create, good)).code).toBe(0);
  const after = await check(good);
  expect([after.code, say(after, 'problem'), say(after, 'warning')]).toEqual([0, '', '']);
  expect(say(after, 'ok')).toContain('GATEHOUSE_SIGNING_KEK opens the signing keys');
});

test('every problem is told at once, none with the value of a secret', async () => {
  const owner = await database.connectOwner();
  await owner.query('GRANT CREATE ON SCHEMA public TO gatehouse_hub');
  await owner.query(`DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`);
  const open = join(folder, 'secret');
  const secret = randomBytes(32).toString('base64url');
  writeFileSync(open, secret);
  chmodSync(open, 0o644);
  const worker = new URL(database.urls.worker);
  worker.password = 'wrong-password';
  const { NEXTAUTH_SECRET: _, ...rest } = good;
  const report = await check({
    ...rest,
    NEXTAUTH_SECRET_FILE: open,
    NEXTAUTH_URL: 'http://console.example/path',
    GATEHOUSE_CONSOLE_PORT: 'many',
    GATEHOUSE_WORKER_CONCURRENCY: '0',
    GATEHOUSE_HUB_PUBLIC_URL: 'ws://hub.example',
    GATEHOUSE_SIGNING_KEK: randomBytes(32).toString('base64'),
    GATEHOUSE_WORKER_DATABASE_URL: worker.href,
    GATEHOUSE_AGENT_BUNDLE: '/nowhere/agent.mjs',
    REDIS_URL: `redis://127.0.0.1:${await findFreePort()}`,
  });
  expect(report.code).toBe(1);
  const problems = say(report, 'problem');
  for (const sentence of [
    'console: GATEHOUSE_CONSOLE_PORT: must be a number',
    'worker: GATEHOUSE_WORKER_CONCURRENCY: must be at least 1',
    'worker: PostgreSQL does not let gatehouse_worker in',
    'hub: the role gatehouse_hub may make tables in the schema public',
    'database: a migration is missing',
    'keys: GATEHOUSE_SIGNING_KEK does not open the signing keys of acme',
    'redis: the server of REDIS_URL does not answer',
    'addresses: GATEHOUSE_HUB_PUBLIC_URL must begin with wss://',
    'files: GATEHOUSE_AGENT_BUNDLE: there is no /nowhere/agent.mjs',
  ]) {
    expect(problems).toContain(sentence);
  }
  expect(say(report, 'warning')).toContain(`everybody on this machine can read ${open}`);
  expect(JSON.stringify(report)).not.toContain(secret);
  expect(JSON.stringify(report)).not.toContain('wrong-password');
});

test('one process is looked at alone, with the variables of a file', async () => {
  const file = join(folder, 'hub.env');
  writeFileSync(file, `# hub\nGATEHOUSE_HUB_DATABASE_URL=${database.urls.hub}\nGATEHOUSE_HUB_PORT=much\n`);
  const report = await check({}, '--process', 'hub', '--env', file);
  expect(say(report, 'problem')).toContain('hub: GATEHOUSE_HUB_PORT: must be a number');
  expect(say(report, 'problem')).not.toMatch(/^(?:console|worker):/m);
  const absent = await runCli(['config', 'check', '--env', join(folder, 'absent')]);
  expect([absent.code, absent.stderr]).toEqual([2, expect.stringContaining('there is no such file')]);
});

test('the mail server is tried as the worker would: connection, sign-in and TLS, and a mail where one is asked for; no secret is printed', async () => {
  const smtp = await SmtpServer.start();
  const [password, port] = ['s3cret-of-mail', await findFreePort()];
  const tell = (url: string) => ({
    ...good,
    GATEHOUSE_MAIL_FROM: 'Gatehouse <gatehouse@acme.example>',
    GATEHOUSE_SMTP_URL: url,
  });
  const at = (host: string) => tell(`smtp://gatehouse:${password}@${host}`);
  const say = async (env: Record<string, string>, ...args: string[]) => {
    const report = await check(env, '--process', 'worker', ...args);
    expect(JSON.stringify(report)).not.toContain(password);
    return report.findings.flatMap(({ of, level, text }) => (of === 'mail' ? [`${level} ${text}`] : []));
  };
  try {
    smtp.signIn = '235 welcome';
    const here = `127.0.0.1:${smtp.port}`;
    expect(await say(at(here), '--mail', 'ada@acme.example')).toEqual([
      `ok the mail server at ${here} takes the worker`,
      `ok the mail server at ${here} took a test mail for ada@acme.example; look whether it arrives`,
    ]);
    expect(smtp.taken).toMatchObject([{ to: ['ada@acme.example'], from: 'gatehouse@acme.example' }]);
    smtp.refusal = `550 no such sender ${password}`;
    expect((await say(at(here), '--mail', 'ada@acme.example')).at(-1)).toMatch(
      /^problem .*refuses the mail: look at GATEHOUSE_MAIL_FROM.*\(EMESSAGE 550\)$/,
    );
    smtp.signIn = `535 5.7.8 ${password} is wrong`;
    expect(await say(at(here))).toEqual([expect.stringMatching(/^problem .*does not take user and password.*\(EAUTH 535\)$/)]);
    expect(await say(at(`127.0.0.1:${port}`))).toEqual([
      expect.stringMatching(/^problem .*is not reached: look at host and port/),
    ]);
    // every address of this machine, by a name that is not only its own
    expect(await say(at(`0.0.0.0:${smtp.port}`))).toEqual([
      expect.stringMatching(/^problem .*offers no TLS by STARTTLS.*\(ETLS/),
    ]);
    expect(await say({ ...good }, '--mail', 'ada@acme.example')).toContain(
      'problem a test mail is asked for, and the worker is told of no mail server',
    );
    expect(smtp.taken).toHaveLength(1);
  } finally {
    await smtp.stop();
  }
});
