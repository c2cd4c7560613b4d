import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';

import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeMembership, makeUser } from '@gatehouse/db/testing';
import { SmtpServer } from '@gatehouse/process/testing/smtp-server';
import { openSmtp } from '@gatehouse/services/mail/smtp-transport';
import { sendInvitation } from '@gatehouse/services/member/send-invitation';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';

import { readEnv } from '../src/env.ts';
import { runJob } from '../src/jobs.ts';
import { createWorkerMetrics } from '../src/runtime/metrics.ts';
import { startSystemWorker } from '../src/runtime/system-worker.ts';
import { makeTenantWithSite, openDeps, type Deps } from './support.ts';

let world: Deps;
let page: Runtime;
let smtp: SmtpServer;
beforeAll(async () => {
  world = await openDeps();
  smtp = await SmtpServer.start();
  page = await openRuntime({
    ...world.store,
    appDatabaseUrl: world.database.urls.console,
    signingKek: world.signingKek,
    hubPublicUrl: 'ws://127.0.0.1:3001',
    sendsMail: true,
    log: world.log,
  });
});
afterAll(async () => {
  await page.close();
  await smtp.stop();
  await world.close();
});

const FROM = 'Gatehouse <gatehouse@acme.example>';
const openLocal = () => {
  const opened = openSmtp({ url: `smtp://127.0.0.1:${smtp.port}`, from: FROM });
  onTestFinished(() => opened.close());
  return opened;
};

/** An owner invites somebody by mail. */
async function invite(email: string): Promise<{ tenantId: string; readWaiting: () => Promise<number> }> {
  const { tenantId } = await makeTenantWithSite(world);
  const user = await makeUser(world.database.db);
  const { id: membershipId } = await makeMembership(world.database.db, tenantId, {
    userId: user.id,
    email: user.email,
    role: 'owner',
  });
  const actor = { kind: 'person', userId: user.id, membershipId, role: 'owner' } as const;
  const ctx = { runtime: page, tenantId, tenantSlug: 'acme', actor, requestId: randomUUID() };
  await sendInvitation({ ctx, input: { email, role: 'member' } });
  return { tenantId, readWaiting: () => runInTenant(world.database.db, tenantId, (tx) => tx.mail.count()) };
}

/** The worker's deps with a log that can be read, and what the environment says of mail. */
function listen(post: ReturnType<typeof openLocal>['post'] | null) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const { deps } = world;
  const settings = { ...deps.runtime.settings, consoleUrl: 'https://console.example' };
  const runtime = { ...deps.runtime, settings, log: pino({ level: 'trace' }, stream) };
  return { deps: { ...deps, runtime, post }, lines };
}

test('what waits in the outbox goes to the mail server, from and to whom it should, and stands in no log', async () => {
  const email = `ada-${randomUUID()}@acme.example`;
  const { tenantId, readWaiting } = await invite(email);
  const { deps, lines } = listen(openLocal().post);
  expect(await runJob(deps, 'send-mails', { tenantId })).toEqual({ sent: 1, failed: 0, dropped: 0 });
  expect(await readWaiting()).toBe(0);
  const mail = smtp.taken.find(({ to }) => to.includes(email));
  expect(mail).toMatchObject({ from: 'gatehouse@acme.example', to: [email] });
  const [, token = ''] = /https:\/\/console\.example\/invitation#([\w-]{43})/.exec(mail?.text.replaceAll('=\n', '') ?? '') ?? [];
  expect(token).toHaveLength(43);
  expect(lines.join('')).not.toContain(token);
});

test('what a mail server refuses waits for its time, and the log says that without what was sent', async () => {
  const { tenantId, readWaiting } = await invite(`ben-${randomUUID()}@acme.example`);
  const { deps, lines } = listen(openLocal().post);
  smtp.refusal = '451 4.7.1 come back later';
  onTestFinished(() => void (smtp.refusal = null));
  expect(await runJob(deps, 'send-mails', { tenantId })).toMatchObject({ sent: 0, failed: 1 });
  expect(await readWaiting()).toBe(1);
  expect(lines.join('')).toContain('a mail was not taken');
  expect(lines.join('')).not.toMatch(/invitation#/);
});

test('a worker that is told of no mail server keeps what waits', async () => {
  const { tenantId, readWaiting } = await invite(`cleo-${randomUUID()}@acme.example`);
  expect(await runJob(listen(null).deps, 'send-mails', { tenantId })).toMatchObject({ failed: 1 });
  expect(await readWaiting()).toBe(1);
});

test('a mail server elsewhere that offers no TLS is told nothing', async () => {
  const before = smtp.taken.length;
  // every address of this machine, by a name that is not only its own
  const elsewhere = openSmtp({ url: `smtp://gatehouse:secret@0.0.0.0:${smtp.port}`, from: FROM });
  onTestFinished(() => elsewhere.close());
  await expect(elsewhere.post({ to: 'ada@acme.example', subject: 'x', text: 'x' })).rejects.toThrow();
  await expect(elsewhere.probe()).rejects.toThrow();
  expect(smtp.taken).toHaveLength(before);
  expect(smtp.said.filter((line) => /^(?:MAIL|AUTH)/i.test(line) && line.includes('secret'))).toEqual([]);
  await openLocal().probe();
});

test('from the act to the mail server by the queue, without anybody asking', async () => {
  const email = `dia-${randomUUID()}@acme.example`;
  await invite(email);
  const { deps } = listen(openLocal().post);
  const { store, log } = world;
  const worker = startSystemWorker({ store, deps, metrics: createWorkerMetrics(), concurrency: 2, log });
  onTestFinished(() => worker.close());
  await deps.runtime.queues.schedule('sweep-tenants', { job: 'send-mails' }, { id: 'send-mails', everyMs: 5_000 });
  await expect.poll(() => smtp.taken.some(({ to }) => to.includes(email)), { timeout: 30_000 }).toBe(true);
});

test('a worker starts with all that mail needs, or with none of it', () => {
  const base = {
    GATEHOUSE_WORKER_DATABASE_URL: world.database.urls.worker,
    GATEHOUSE_SIGNING_KEK: world.signingKek.toString('base64'),
  };
  const mail = {
    GATEHOUSE_SMTP_URL: 'smtps://gatehouse:secret@mail.example',
    GATEHOUSE_MAIL_FROM: FROM,
    NEXTAUTH_URL: 'https://console.example',
  };
  expect(readEnv({ ...base, ...mail })).toMatchObject(mail);
  expect(readEnv(base).GATEHOUSE_SMTP_URL).toBeUndefined();
  for (const name of ['GATEHOUSE_SMTP_URL', 'GATEHOUSE_MAIL_FROM', 'NEXTAUTH_URL'] as const) {
    expect(() => readEnv({ ...base, ...mail, [name]: undefined })).toThrow(`${name}: is needed to send mail`);
  }
  for (const from of ['Gatehouse', 'a@b\r\nBcc: c@d.example', 'A <a@b.example>, c@d.example']) {
    expect(() => readEnv({ ...base, ...mail, GATEHOUSE_MAIL_FROM: from })).toThrow('GATEHOUSE_MAIL_FROM: must be an address');
  }
  expect(() => readEnv({ ...base, ...mail, GATEHOUSE_SMTP_URL: 'http://mail.example' })).toThrow('smtp:// or smtps://');
});
