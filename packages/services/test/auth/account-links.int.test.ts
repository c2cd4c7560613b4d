import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInLookup } from '@gatehouse/db/tenant';

import { acceptInvitation } from '../../src/auth/accept-invitation.ts';
import { changePassword } from '../../src/auth/change-password.ts';
import { checkSession } from '../../src/auth/check-session.ts';
import { openContext, PasswordDueError } from '../../src/auth/open-context.ts';
import { readLink } from '../../src/auth/read-link.ts';
import { resetPassword } from '../../src/auth/reset-password.ts';
import { signIn, type SignedIn } from '../../src/auth/sign-in.ts';
import { ServiceError } from '../../src/errors.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { PASSWORD, accept, acceptAs, changeRole, enter, join, makeIp } from '../support/accounts.ts';
import { expectRefused, getRuntimeOf, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
const runtime = getRuntimeOf(world.runtime, 'person');
afterAll(() => world.close());

const OTHER = 'another long password';
const makeEmail = () => `person-${randomUUID()}@example.com`;
const makeOwner = async () => (await makeWorkspace(world.runtime)).as('owner');
const invite = async (email = makeEmail()) => {
  const owner = await makeOwner();
  return { owner, email, ...(await inviteMember({ ctx: owner, input: { email, role: 'member' } })) };
};
const read = (token: string, kind: 'invitation' | 'reset' = 'invitation', ip = makeIp()) =>
  readLink({ runtime, input: { token, kind, ip } });
const readCodes = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.map((outcome) =>
    outcome.status === 'fulfilled'
      ? 'done'
      : outcome.reason instanceof ServiceError
        ? outcome.reason.code
        : String(outcome.reason),
  );

test('a link says what it is for and works once; a used, another kind of, and an invented one get one answer', async () => {
  const { token, email, owner } = await invite();
  expect(await read(token)).toMatchObject({ workspace: 'Acme', email, role: 'member' });
  const messages = [(await expectRefused('expired', read(token, 'reset'))).message];
  const { membershipId } = await accept(runtime, token);
  for (const dead of [token, randomBytes(32).toString('base64url'), '', 'x'.repeat(200)]) {
    messages.push((await expectRefused('expired', read(dead))).message);
    messages.push((await expectRefused('expired', accept(runtime, dead))).message);
  }
  const reset = await createResetLink({ ctx: owner, input: { membershipId } });
  messages.push((await expectRefused('expired', accept(runtime, reset.token))).message);
  const taken = resetPassword({ runtime, input: { token, ip: makeIp(), newPassword: OTHER } });
  messages.push((await expectRefused('expired', taken)).message);
  expect(new Set(messages).size).toBe(1);
});

test('an invitation that a hundred follow at the same time makes one member', async () => {
  const { token, owner, email } = await invite();
  // From four addresses, of which the queue of hashes lets eight each come as far as the link.
  const ips = [makeIp(), makeIp(), makeIp(), makeIp()];
  const account = { kind: 'new', name: 'Nea Newcomer', newPassword: PASSWORD } as const;
  const follow = (_: unknown, index: number) =>
    acceptInvitation({ runtime, input: { token, ip: ips[index % ips.length] ?? '', account } });
  const outcomes = readCodes(await Promise.allSettled(Array.from({ length: 100 }, follow)));
  expect(outcomes.filter((code) => code === 'done')).toHaveLength(1);
  expect(new Set(outcomes)).toEqual(new Set(['done', 'expired', 'unavailable']));
  expect((await listMembers({ ctx: owner })).rows.filter((member) => member.email === email)).toHaveLength(1);
});

test('a link is too old after its time', async () => {
  const own = await openWorld();
  const owner = await (await makeWorkspace(own.runtime)).as('owner');
  const { membershipId } = await join(owner, makeEmail());
  const invitation = await inviteMember({ ctx: owner, input: { email: makeEmail(), role: 'member' } });
  const reset = await createResetLink({ ctx: owner, input: { membershipId } });
  own.advanceClock(24 * 3_600_000);
  await expectRefused('expired', readLink({ runtime: own.runtime, input: { token: reset.token, kind: 'reset', ip: makeIp() } }));
  await readLink({ runtime: own.runtime, input: { token: invitation.token, kind: 'invitation', ip: makeIp() } });
  own.advanceClock(6 * 24 * 3_600_000);
  await expectRefused('expired', accept(own.runtime, invitation.token));
  await own.close();
});

test('who invents links is stopped; who has one is not counted', async () => {
  const { token } = await invite();
  const ip = makeIp();
  for (let count = 0; count < 40; count += 1) await read(token, 'invitation', ip);
  const outcomes = readCodes(await Promise.allSettled(Array.from({ length: 40 }, () => read('invented', 'invitation', ip))));
  expect(outcomes.filter((code) => code === 'expired')).toHaveLength(30);
  expect(outcomes.filter((code) => code === 'rate_limited')).toHaveLength(10);
  await read(token);
});

test('T-57: a network whose addresses invent links is stopped whatever address comes next, and its neighbours are read', async () => {
  for (const [network, next, neighbour] of [
    ['198.18.40.0/24', '198.18.40.201', '198.18.41.1'],
    ['2001:db8:40::/48', '2001:db8:40:ffff::1', '2001:db8:41::1'],
  ] as const) {
    const { token } = await invite();
    for (let count = 0; count < 300; count += 1) await world.runtime.throttle.consume('account_link_network', [network]);
    await expectRefused('rate_limited', read(token, 'invitation', next));
    expect(await read(token, 'invitation', neighbour)).toMatchObject({ workspace: 'Acme' });
  }
});

test('passwords that are tried through invitations of one workspace are counted, and those that strangers try keep nobody from joining', async () => {
  const { token, email, owner } = await invite();
  const elsewhere = await makeOwner();
  await join(elsewhere, email, 'member', PASSWORD);
  const workspace = elsewhere.tenantSlug;
  const account = { kind: 'existing', workspace, password: 'a wrong password', newPassword: OTHER } as const;
  const tryOnce = () => acceptInvitation({ runtime, input: { token, ip: makeIp(), account } });
  for (let count = 0; count < 9; count += 1) await runtime.throttle.consume('sign_in_known', [owner.tenantId, email, workspace]);
  await expectRefused('not_permitted', tryOnce());
  await expectRefused('rate_limited', tryOnce());
  await runtime.throttle.reset('sign_in_known', [owner.tenantId, email, workspace]);

  for (let count = 0; count < 50; count += 1) await runtime.throttle.consume('sign_in_person', [email]);
  await expectRefused('rate_limited', signIn({ runtime, input: { email, password: PASSWORD, ip: makeIp(), workspace } }));
  await acceptAs(runtime, token, workspace, PASSWORD, OTHER);
  await runtime.throttle.reset('sign_in_person', [email]);
  expect(await enter(runtime, owner.tenantSlug, email, OTHER)).toMatchObject({ tenantId: owner.tenantId });
});

test('a reset gives a member another account; an earlier link, and one for a role that the member had, work no more', async () => {
  const owner = await makeOwner();
  const { membershipId, email } = await join(owner, makeEmail(), 'admin');
  const before = await enter(runtime, owner.tenantSlug, email, PASSWORD);
  const { token } = await createResetLink({ ctx: owner, input: { membershipId } });
  const second = await createResetLink({ ctx: owner, input: { membershipId } });
  const reset = (given: string) => resetPassword({ runtime, input: { token: given, ip: makeIp(), newPassword: OTHER } });
  await expectRefused('expired', reset(token));
  // until then the password of before is one to change
  await expectRefused('precondition', enter(runtime, owner.tenantSlug, email, PASSWORD));
  await reset(second.token);
  await expectRefused('expired', reset(second.token));
  await expectRefused('not_permitted', enter(runtime, owner.tenantSlug, email, PASSWORD));
  expect((await enter(runtime, owner.tenantSlug, email, OTHER)).actor).toMatchObject({ membershipId, role: 'admin' });
  if (before.actor.kind !== 'person') throw new Error('Not a person');
  const { userId } = before.actor;
  const again = openContext({ runtime, input: { userId, tenantSlug: owner.tenantSlug, requestId: 'r' } });
  await expectRefused('not_found', again);
  const third = await createResetLink({ ctx: owner, input: { membershipId } });
  await changeRole({ ctx: owner, input: { membershipId, role: 'owner' } });
  await expectRefused('expired', reset(third.token));
});

test('a person changes the own password with the present one; every other session ends', async () => {
  const { tenantSlug, email } = await join(await makeOwner(), makeEmail());
  const open = () => signIn({ runtime, input: { email, password: PASSWORD, ip: makeIp(), workspace: tenantSlug } });
  const [here, there] = [await open(), await open()];
  const change = (currentPassword: string, newPassword: string) =>
    changePassword({
      runtime,
      input: { userId: here.userId, sessionId: here.sessionId, currentPassword, newPassword },
    });
  expect((await expectRefused('not_permitted', change('a wrong password', OTHER))).field).toBe('currentPassword');
  expect((await expectRefused('invalid', change(PASSWORD, PASSWORD))).field).toBe('newPassword');
  await expectRefused('invalid', change(PASSWORD, 'short'));
  const both = readCodes(await Promise.allSettled([change(PASSWORD, OTHER), change(PASSWORD, `${OTHER} too`)]));
  expect(both.toSorted()).toEqual(['conflict', 'done']);
  const isLive = async ({ sessionId, userId }: SignedIn) =>
    (await checkSession({ runtime, input: { sessionId, userId } })) !== null;
  expect([await isLive(here), await isLive(there)]).toEqual([true, false]);
  await expectRefused('not_permitted', open());
  await runtime.throttle.reset('password_change', [here.userId]);
  for (let count = 0; count < 9; count += 1) await runtime.throttle.consume('password_change', [here.userId]);
  await expectRefused('not_permitted', change('a wrong password', PASSWORD));
  await expectRefused('rate_limited', change('a wrong password', PASSWORD));
});

test('wherever a password is set, one that is easy to guess is refused at its field, and the link goes on working', async () => {
  const { owner, email, token } = await invite();
  const expectRefusedPassword = async (work: Promise<unknown>) =>
    expect((await expectRefused('invalid', work)).field).toBe('newPassword');
  await expectRefusedPassword(accept(runtime, token, 'passwordpassword'));
  await expectRefusedPassword(accept(runtime, token, `${email} ${owner.tenantSlug} 1`));
  const { membershipId, tenantSlug } = await accept(runtime, token);
  const elsewhere = await inviteMember({ ctx: await makeOwner(), input: { email, role: 'member' } });
  await expectRefusedPassword(acceptAs(runtime, elsewhere.token, tenantSlug, PASSWORD, 'nea newcomer 2026'));
  const reset = await createResetLink({ ctx: owner, input: { membershipId } });
  const choose = (newPassword: string) => resetPassword({ runtime, input: { token: reset.token, ip: makeIp(), newPassword } });
  await expectRefusedPassword(choose('qwertyuiopasdfgh'));
  await choose(OTHER);
  const { userId, sessionId } = await signIn({
    runtime,
    input: { email, password: OTHER, ip: makeIp(), workspace: tenantSlug },
  });
  const change = { userId, sessionId, currentPassword: OTHER, newPassword: `Nea Newcomer ${tenantSlug}` };
  await expectRefusedPassword(changePassword({ runtime, input: change }));
});

test('a password that somebody else chose opens nothing until the person has chosen one', async () => {
  const { tenantSlug, email } = await join(await makeOwner(), makeEmail());
  const { userId, sessionId } = await signIn({
    runtime,
    input: { email, password: PASSWORD, ip: makeIp(), workspace: tenantSlug },
  });
  await runInLookup(world.runtime.db, { userId }, (tx) => tx.user.updateMany({ data: { passwordDue: true } }));
  const open = () => openContext({ runtime, input: { userId, tenantSlug, requestId: 'r' } });
  await expect(open()).rejects.toBeInstanceOf(PasswordDueError);
  expect(await checkSession({ runtime, input: { sessionId, userId } })).toMatchObject({ passwordDue: true });
  await changePassword({ runtime, input: { userId, sessionId, currentPassword: PASSWORD, newPassword: OTHER } });
  expect(await open()).toMatchObject({ tenantSlug });
});
