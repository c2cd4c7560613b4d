import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInLookup, runInTenant } from '@gatehouse/db/tenant';

import { acceptInvitation } from '../../src/auth/accept-invitation.ts';
import { checkSession } from '../../src/auth/check-session.ts';
import { beginAuthenticator } from '../../src/auth/code/begin-authenticator.ts';
import { readLink } from '../../src/auth/read-link.ts';
import { requestReset } from '../../src/auth/request-reset.ts';
import { resetPassword } from '../../src/auth/reset-password.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import type { ServiceContext } from '../../src/context.ts';
import { sweepTenants } from '../../src/jobs/sweep-tenants.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { sendMails } from '../../src/mail/send-mails.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { listInvitations } from '../../src/member/list-invitations.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { renewInvitation } from '../../src/member/renew-invitation.ts';
import { resendInvitation } from '../../src/member/resend-invitation.ts';
import { sendInvitation } from '../../src/member/send-invitation.ts';
import { sendReset } from '../../src/member/send-reset.ts';
import { withdrawInvitation } from '../../src/member/withdraw-invitation.ts';
import { acceptAs, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { CONSOLE_URL, expectRefused, getRuntimeOf, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
const withMail = <Ctx extends { runtime: ServiceContext['runtime'] }>(ctx: Ctx): Ctx => ({
  ...ctx,
  runtime: { ...ctx.runtime, settings: { ...ctx.runtime.settings, sendsMail: true } },
});
const runtime = withMail({ runtime: getRuntimeOf(world.runtime, 'person') }).runtime;
afterAll(() => world.close());

const NEW = 'another long password';
const makeEmail = () => `person-${randomUUID()}@example.com`;

async function makePlace() {
  const workspace = await makeWorkspace(world.runtime);
  const owner = withMail(await workspace.as('owner'));
  const posted: Mail[] = [];
  const worker = workspace.asSystem('send-mails');
  const send = (post: ((mail: Mail) => Promise<void>) | null = async (mail) => void posted.push(mail)) =>
    sendMails({ ctx: worker, post });
  const readMails = () => runInTenant(world.runtime.db, owner.tenantId, (tx) => tx.mail.findMany());
  const ask = (email: string) => requestReset({ runtime, input: { email, workspace: owner.tenantSlug, ip: makeIp() } });
  return { owner, posted, send, readMails, ask };
}

/** The secret of the link that a mail brings. */
function readToken({ text }: Mail): string {
  const [, token] = /\/(?:invitation|reset)#([\w-]{43})\n/.exec(text) ?? [];
  if (token === undefined) throw new Error(`No link in ${text}`);
  return token;
}

const readLast = (mails: Mail[]): Mail => {
  const mail = mails.at(-1);
  if (!mail) throw new Error('Nothing was sent');
  return mail;
};

const joinBy = (token: string) =>
  acceptInvitation({
    runtime,
    input: { token, ip: makeIp(), account: { kind: 'new', name: 'Nea Newcomer', newPassword: PASSWORD } },
  });
const resetBy = (token: string) => resetPassword({ runtime, input: { token, ip: makeIp(), newPassword: NEW } });
const enter = (owner: ServiceContext, email: string, password: string) =>
  signIn({ runtime, input: { email, password, ip: makeIp(), workspace: owner.tenantSlug } });

test('an invitation goes by mail: nobody of the workspace has its link, which proves the address', async () => {
  const { owner, posted, send, readMails } = await makePlace();
  const email = makeEmail();
  const { id } = await sendInvitation({ ctx: owner, input: { email, role: 'builder' } });
  const [waiting] = (await listInvitations({ ctx: owner })).rows;
  expect(waiting).toMatchObject({ id, mail: 'waiting', invitedBy: { id: expect.any(String) } });
  expect(await send()).toEqual({ sent: 1, failed: 0, dropped: 0 });
  expect(await readMails()).toEqual([]);
  const mail = readLast(posted);
  expect(mail.to).toBe(email);
  expect(mail.text).toContain(`${CONSOLE_URL}/invitation#`);
  const token = readToken(mail);
  expect((await listInvitations({ ctx: owner })).rows).toMatchObject([{ mail: 'sent' }]);
  expect(await readLink({ runtime, input: { token, kind: 'invitation', ip: makeIp() } })).toMatchObject({ email, byMail: true });
  const { membershipId } = await joinBy(token);
  const member = (await listMembers({ ctx: owner })).rows.find((each) => each.id === membershipId);
  expect(member?.link).toMatchObject({ byMail: true, madeBy: null, invitedBy: { id: waiting?.invitedBy?.id } });
  const proven = await runInLookup(world.runtime.db, { lookup: email }, (tx) => tx.userEmail.findUnique({ where: { email } }));
  expect(proven).not.toBeNull();
  // not once more
  expect(await send()).toEqual({ sent: 0, failed: 0, dropped: 0 });
});

test('what waits in the outbox and in the log opens nothing', async () => {
  const { owner, posted, send } = await makePlace();
  const { id } = await sendInvitation({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  const readHash = () =>
    runInTenant(world.runtime.db, owner.tenantId, (tx) =>
      tx.accountToken.findUniqueOrThrow({ where: { tenantId_id: { tenantId: owner.tenantId, id } } }),
    );
  const before = await readHash();
  await send();
  const after = await readHash();
  expect(after.tokenHash).not.toBe(before.tokenHash);
  expect(JSON.stringify([before, after, await readAudit(owner, id)])).not.toContain(readToken(readLast(posted)));
});

test('an act that fails leaves no mail, and an installation without a mail server sends none', async () => {
  const { owner, readMails } = await makePlace();
  const email = makeEmail();
  await sendInvitation({ ctx: owner, input: { email, role: 'member' } });
  await expectRefused('conflict', sendInvitation({ ctx: owner, input: { email, role: 'member' } }));
  expect(await readMails()).toHaveLength(1);
  const without = { ...owner, runtime: getRuntimeOf(world.runtime, 'person') };
  await expectRefused('precondition', sendInvitation({ ctx: without, input: { email: makeEmail(), role: 'member' } }));
  await expectRefused(
    'precondition',
    requestReset({ runtime: without.runtime, input: { email, workspace: null, ip: makeIp() } }),
  );
});

test('a mail server that refuses is asked again later, each time with another link, and given up in the end', async () => {
  const { owner, posted, send } = await makePlace();
  const { id } = await sendInvitation({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  const tried: Mail[] = [];
  const meanwhile: unknown[] = [];
  const listStates = async () => (await listInvitations({ ctx: owner })).rows.map(({ mail }) => mail);
  const refuse = async (mail: Mail) => {
    tried.push(mail);
    meanwhile.push(...(await listStates()));
    throw new Error('451 later');
  };
  expect(await send(refuse)).toMatchObject({ failed: 1 });
  // an attempt that is being made has not failed
  expect(meanwhile).toEqual(['waiting']);
  expect(await listStates()).toEqual(['late']);
  // not before its time
  expect(await send(refuse)).toMatchObject({ failed: 0 });
  world.advanceClock(60_000);
  expect(await send()).toMatchObject({ sent: 1 });
  await expectRefused('expired', joinBy(readToken(readLast(tried))));
  await joinBy(readToken(readLast(posted)));

  const other = await sendInvitation({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    expect(await send(attempt % 2 ? refuse : null), `attempt ${attempt}`).toMatchObject({ failed: 1 });
    world.advanceClock(attempt ** 2 * 60_000);
  }
  expect(await send()).toEqual({ sent: 0, failed: 0, dropped: 0 });
  expect((await listInvitations({ ctx: owner })).rows).toMatchObject([{ id: other.id, mail: 'failed' }]);
  await resendInvitation({ ctx: owner, input: { invitationId: other.id } });
  expect(await send()).toMatchObject({ sent: 1 });
  expect(id).not.toBe(other.id);
});

test('an invitation that is withdrawn, or made a link to hand over, is not sent', async () => {
  const { owner, posted, send } = await makePlace();
  const first = await sendInvitation({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  await withdrawInvitation({ ctx: owner, input: { invitationId: first.id } });
  const second = await sendInvitation({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  const { token } = await renewInvitation({ ctx: owner, input: { invitationId: second.id } });
  expect(await send()).toMatchObject({ sent: 0 });
  expect(posted).toEqual([]);
  const { membershipId } = await joinBy(token);
  const member = (await listMembers({ ctx: owner })).rows.find((each) => each.id === membershipId);
  expect(member?.link).toMatchObject({ byMail: false, madeBy: { id: expect.any(String) } });
});

test('who asks for a new password gets a mail where there is such a member, and the answer is the same where there is none', async () => {
  const { owner, posted, send, readMails, ask } = await makePlace();
  const [email, nobody] = [makeEmail(), makeEmail()];
  const { membershipId } = await join(owner, email);
  const session = await enter(owner, email, PASSWORD);
  expect(await ask(email)).toBe(await ask(nobody));
  expect(await ask(email)).toBeUndefined();
  // one row each, and nothing tells them apart
  const rows = await readMails();
  expect(rows.map(({ kind, accountTokenId, attempts }) => ({ kind, accountTokenId, attempts }))).toEqual(
    Array.from({ length: 2 }, () => ({ kind: 'reset', accountTokenId: null, attempts: 0 })),
  );
  expect(await send()).toEqual({ sent: 1, failed: 0, dropped: 1 });
  expect(posted.map(({ to }) => to)).toEqual([email]);
  expect(await readMails()).toEqual([]);
  const joined = await resetBy(readToken(readLast(posted)));
  expect(joined).toMatchObject({ membershipId, email });
  expect(await checkSession({ runtime, input: session })).toBeNull();
  await expectRefused('not_permitted', enter(owner, email, PASSWORD));
  expect((await enter(owner, email, NEW)).userId).toBe(session.userId);
  await expectRefused('expired', resetBy(readToken(readLast(posted))));
  const acts = await readAudit(owner, membershipId);
  expect(acts.map(({ action, actorKind }) => `${actorKind} ${action}`)).toEqual([
    'person member.join',
    'system member.create_reset_link',
    'person member.reset_password',
  ]);
});

test('a mailed reset is for the account, in all its workspaces; one where they know it by two addresses is not made', async () => {
  const [one, other] = [await makePlace(), await makePlace()];
  const email = makeEmail();
  await join(one.owner, email);
  const { token } = await inviteMember({ ctx: other.owner, input: { email, role: 'member' } });
  const { membershipId } = await acceptAs(runtime, token, one.owner.tenantSlug, PASSWORD, NEW);
  await one.ask(email);
  await one.send();
  const chosen = 'a password of one evening';
  await resetPassword({ runtime, input: { token: readToken(readLast(one.posted)), ip: makeIp(), newPassword: chosen } });
  for (const { owner } of [one, other]) await enter(owner, email, chosen);
  const { tenantId } = other.owner;
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data: { email: makeEmail() } }),
  );
  await one.ask(email);
  expect(await one.send()).toEqual({ sent: 0, failed: 0, dropped: 1 });
});

test('a mailbox alone opens no account that asks for a code: the code is asked for after the reset too', async () => {
  const { owner, posted, send, ask } = await makePlace();
  const email = makeEmail();
  await join(owner, email);
  const { userId } = await enter(owner, email, PASSWORD);
  await beginAuthenticator({ runtime, input: { userId, currentPassword: PASSWORD } });
  const confirmedAt = new Date();
  await runInLookup(world.runtime.db, { userId }, (tx) => tx.authenticator.updateMany({ data: { confirmedAt } }));
  await ask(email);
  await send();
  await resetBy(readToken(readLast(posted)));
  expect((await expectRefused('precondition', enter(owner, email, NEW))).field).toBe('code');
});

test('an admin sends a reset; it lives an hour, a second one ends the first, and what another has in hand stays', async () => {
  const { owner, posted, send } = await makePlace();
  const { membershipId } = await join(owner, makeEmail());
  const inHand = await createResetLink({ ctx: owner, input: { membershipId } });
  await sendReset({ ctx: owner, input: { membershipId } });
  await send();
  const first = readToken(readLast(posted));
  await sendReset({ ctx: owner, input: { membershipId } });
  await send();
  await expectRefused('expired', resetBy(first));
  await readLink({ runtime, input: { token: inHand.token, kind: 'reset', ip: makeIp() } });
  world.advanceClock(61 * 60_000);
  await expectRefused('expired', resetBy(readToken(readLast(posted))));
});

test('of one address three resets are taken in an hour, and of who asks twenty', async () => {
  const { owner, ask } = await makePlace();
  const email = makeEmail();
  for (let count = 0; count < 3; count += 1) await ask(email);
  await expectRefused('rate_limited', ask(email));
  const ip = makeIp();
  const from = () => requestReset({ runtime, input: { email: makeEmail(), workspace: owner.tenantSlug, ip } });
  for (let count = 0; count < 20; count += 1) await from();
  await expectRefused('rate_limited', from());
  await requestReset({ runtime, input: { email: makeEmail(), workspace: 'no-such-place', ip: makeIp() } });
});

test('the sweep looks at workspaces that have a mail to send, and at no others', async () => {
  const [busy, quiet] = [await makePlace(), await makePlace()];
  const queued: string[] = [];
  const worker = getRuntimeOf(world.runtime, 'system');
  const enqueueForTenant = async (name: string, tenantId: string) => void queued.push(`${name} ${tenantId}`);
  const sweeping = { ...worker, queues: { ...worker.queues, enqueueForTenant } };
  const sweep = async () => {
    queued.length = 0;
    await sweepTenants({ runtime: sweeping, input: { job: 'send-mails' } });
    return queued.includes(`send-mails ${busy.owner.tenantId}`);
  };
  expect(await sweep()).toBe(false);
  await sendInvitation({ ctx: busy.owner, input: { email: makeEmail(), role: 'member' } });
  expect(await sweep()).toBe(true);
  expect(queued).not.toContain(`send-mails ${quiet.owner.tenantId}`);
  const refuse = () => Promise.reject(new Error('451 later'));
  await busy.send(refuse);
  expect(await sweep()).toBe(false);
  world.advanceClock(60_000);
  expect(await sweep()).toBe(true);
  await busy.send();
  expect(await sweep()).toBe(false);
});
