import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import type { Role } from '@gatehouse/db/client';
import { makeUser } from '@gatehouse/db/testing';

import { hasManyWorkspaces } from '../../src/auth/find-account.ts';
import { openContext } from '../../src/auth/open-context.ts';
import { hashPassword } from '../../src/auth/password.ts';
import { resetPassword } from '../../src/auth/reset-password.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { accept, acceptAs, enter, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { expectRefused, getRuntimeOf, makeWorkspace, openWorld } from '../support/world.ts';

vi.mock('node:crypto', async (load) => (await import('../support/cheap-scrypt.ts')).makeCheap(await load()));

const world = await openWorld();
const runtime = getRuntimeOf(world.runtime, 'person');
const owner = await world.database.connectOwner();
afterAll(() => world.close());

const KNOWN_TO_E = 'a password that E chose';
const OWN = 'a password of the person alone';
const makeEmail = () => `new.cfo-${randomUUID()}@acme.example`;
const makeOwner = async () => (await makeWorkspace(world.runtime)).as('owner');
const makeBoth = async () => ({ acme: await makeOwner(), e: await makeOwner() });
const invite = async (ctx: ServiceContext, email: string, role: Role = 'admin') =>
  (await inviteMember({ ctx, input: { email, role } })).token;

const openAll = (password: string, email: string, { acme, e }: Record<'acme' | 'e', ServiceContext>) =>
  Promise.all(
    [acme, e].map(({ tenantSlug }) =>
      enter(runtime, tenantSlug, email, password).then(
        () => true,
        () => false,
      ),
    ),
  );

test('T-35: who typed an address first, and made an account of it, gets nothing of the workspace that invites it later', async () => {
  const both = await makeBoth();
  const email = makeEmail();
  await join(both.e, email, 'member', KNOWN_TO_E);
  const token = await invite(both.acme, email);
  expect(await openAll(KNOWN_TO_E, email, both)).toEqual([false, true]);
  await accept(runtime, token, OWN);
  expect(await openAll(KNOWN_TO_E, email, both)).toEqual([false, true]);
  expect(await openAll(OWN, email, both)).toEqual([true, false]);
});

test('T-35: nor when the person joins with the very account that was made for them elsewhere', async () => {
  const both = await makeBoth();
  const email = makeEmail();
  await join(both.e, email, 'member', KNOWN_TO_E);
  const before = await signIn({ runtime, input: { email, password: KNOWN_TO_E, ip: makeIp(), workspace: both.e.tenantSlug } });
  await expectRefused('invalid', acceptAs(runtime, await invite(both.acme, email), both.e.tenantSlug, KNOWN_TO_E, KNOWN_TO_E));
  const owner = await makeOwner();
  await acceptAs(runtime, await invite(owner, email), both.e.tenantSlug, KNOWN_TO_E, OWN);
  expect(await openAll(KNOWN_TO_E, email, { acme: owner, e: both.e })).toEqual([false, false]);
  expect(await openAll(OWN, email, { acme: owner, e: both.e })).toEqual([true, true]);
  const { userId, sessionId } = before;
  for (const tenantSlug of [owner.tenantSlug, both.e.tenantSlug]) {
    await expectRefused('not_permitted', openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId: 'r' } }));
  }
});

test('T-35: a reset by one workspace opens that workspace alone', async () => {
  const both = await makeBoth();
  const email = makeEmail();
  const { membershipId } = await join(both.e, email, 'member', KNOWN_TO_E);
  const joined = await acceptAs(runtime, await invite(both.acme, email), both.e.tenantSlug, KNOWN_TO_E, OWN);
  const made = await createResetLink({ ctx: both.e, input: { membershipId } });
  const taken = 'chosen by whoever has the link';
  await resetPassword({ runtime, input: { token: made.token, ip: makeIp(), newPassword: taken } });
  expect(await openAll(taken, email, both)).toEqual([false, true]);
  expect(await openAll(OWN, email, both)).toEqual([true, false]);
  expect(getActorId((await enter(runtime, both.e.tenantSlug, email, taken)).actor)).toBe(membershipId);
  expect(getActorId((await enter(runtime, both.acme.tenantSlug, email, OWN)).actor)).toBe(joined.membershipId);
});

test('T-35: an invitation answers and writes the same whether the address has an account elsewhere or not', async () => {
  const { acme, e } = await makeBoth();
  const [known, unknown] = [makeEmail(), makeEmail()];
  await join(e, known, 'member', KNOWN_TO_E);
  const before = await countRows();
  const answers = [];
  for (const email of [known, unknown]) {
    const answer = await inviteMember({ ctx: acme, input: { email, role: 'admin' } });
    answers.push(Object.entries(answer).map(([key, value]) => [key, typeof value, String(value).length]));
    answers.push(await readTokens(email, acme).then((rows) => rows.map((row) => Object.keys(row).length)));
    // Who has the link in hand hears no more: a wrong password and an account that there is not are one answer.
    const error = await expectRefused('not_permitted', acceptAs(runtime, answer.token, e.tenantSlug, 'a wrong password', OWN));
    answers.push([error.message, error.field]);
  }
  expect(answers.slice(0, 3)).toEqual(answers.slice(3));
  expect(await countRows()).toEqual({
    ...before,
    account_token: before.account_token! + 2,
    admin_audit: before.admin_audit! + 2,
  });
  expect((await listMembers({ ctx: acme })).rows.map(({ email }) => email)).not.toContain(known);
});

test('T-35: an address means the member of the workspace that is asked for, else who proved it, and never who was invited first', async () => {
  const { acme, e } = await makeBoth();
  const email = makeEmail();
  await join(e, email, 'member', KNOWN_TO_E);
  await join(acme, email, 'member', OWN);
  const attempt = (password: string, workspace: string | null) =>
    signIn({ runtime, input: { email, password, ip: makeIp(), workspace } }).then(
      ({ userId }) => userId,
      () => null,
    );
  const mine = await attempt(OWN, acme.tenantSlug);
  expect(mine).not.toBeNull();
  expect(await attempt(KNOWN_TO_E, e.tenantSlug)).not.toBeNull();
  for (const [password, workspace] of [
    [KNOWN_TO_E, acme.tenantSlug],
    [OWN, e.tenantSlug],
    [OWN, 'nowhere'],
    [KNOWN_TO_E, 'nowhere'],
    [OWN, null],
    [KNOWN_TO_E, null],
  ] as const)
    expect(await attempt(password, workspace)).toBeNull();
  await makeUser(world.runtime.db, { email, passwordHash: await hashPassword(PASSWORD, 'test') });
  expect(await attempt(PASSWORD, null)).not.toBeNull();
  expect(await attempt(PASSWORD, acme.tenantSlug)).toBeNull();
});

test('where there is one workspace nobody has to name it', async () => {
  const own = await openWorld();
  const { runtime: alone } = own;
  const workspace = await makeWorkspace(alone);
  const email = makeEmail();
  const { tenantSlug } = await join(await workspace.as('owner'), email);
  expect(await hasManyWorkspaces(alone)).toBe(false);
  const attempt = () => signIn({ runtime: alone, input: { email, password: PASSWORD, ip: makeIp() } });
  const { userId } = await attempt();
  expect(await openContext({ runtime: alone, input: { userId, tenantSlug, requestId: 'r' } })).toMatchObject({ tenantSlug });
  await makeWorkspace(alone);
  expect(await hasManyWorkspaces(alone)).toBe(true);
  await expectRefused('not_permitted', attempt());
  await own.close();
});

/** The rows of a table for every table of people, as a superuser counts them. */
async function countRows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ['"user"', 'user_email', 'membership', 'account_token', 'console_session', 'admin_audit']) {
    const { rows } = await owner.query<{ count: number }>(`select count(*)::int as count from ${table}`);
    counts[table] = rows[0]?.count ?? 0;
  }
  return counts;
}

async function readTokens(email: string, { tenantId }: ServiceContext): Promise<{ id: string }[]> {
  const sql = 'select * from account_token where tenant_id = $1 and email = $2 and used_at is null';
  return (await owner.query<{ id: string }>(sql, [tenantId, email])).rows;
}
