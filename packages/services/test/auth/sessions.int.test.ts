import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import { checkSession } from '../../src/auth/check-session.ts';
import { openContext, SessionEndedError } from '../../src/auth/open-context.ts';
import { resetPassword } from '../../src/auth/reset-password.ts';
import { signOutEverywhere } from '../../src/auth/session/sign-out-everywhere.ts';
import { signIn, type SignedIn } from '../../src/auth/sign-in.ts';
import type { ServiceContext } from '../../src/context.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { signOutMember } from '../../src/member/sign-out-member.ts';
import { acceptAs, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { expectRefused, getRuntimeOf, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

vi.mock('node:crypto', async (load) => (await import('../support/cheap-scrypt.ts')).makeCheap(await load()));

const OWN = 'a password of my own';
const world = await openWorld();
afterAll(() => world.close());
const runtime = getRuntimeOf(world.runtime, 'person');

/** A person who is a member of two workspaces by one account. */
async function makeMemberOfTwo() {
  const [here, there] = [await makeWorkspace(world.runtime), await makeWorkspace(world.runtime)];
  const [owner, other] = [await here.as('owner'), await there.as('owner')];
  const email = `${randomUUID()}@example.com`;
  const { membershipId } = await join(owner, email);
  const { token } = await inviteMember({ ctx: other, input: { email, role: 'member' } });
  const joined = await acceptAs(runtime, token, here.tenant.slug, PASSWORD, OWN);
  return {
    here,
    owner,
    other,
    membershipId,
    otherMembershipId: joined.membershipId,
    open: () => openSession(email, there.tenant.slug),
  };
}

const openSession = (email: string, workspace: string) =>
  signIn({ runtime, input: { email, password: OWN, ip: makeIp(), workspace } });

/** What the session opens: the account, and each of the workspaces. */
const look = async ({ sessionId, userId }: SignedIn, ...workspaces: ServiceContext[]) =>
  Promise.all([
    checkSession({ runtime, input: { sessionId, userId } }).then((user) => user !== null),
    ...workspaces.map(({ tenantSlug }) => openIn({ sessionId, userId }, tenantSlug)),
  ]);

const openIn = ({ sessionId, userId }: Pick<SignedIn, 'sessionId' | 'userId'>, tenantSlug: string) =>
  openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId: 'r' } }).then(
    () => true,
    (error: unknown) => (error instanceof SessionEndedError ? 'ended' : false),
  );

test('who signs out everywhere has no session left, and nobody else loses one', async () => {
  const { owner, other, open } = await makeMemberOfTwo();
  const neighbour = await makeMemberOfTwo();
  const [laptop, phone, foreign] = [await open(), await open(), await neighbour.open()];
  await signOutEverywhere({ runtime, input: { userId: laptop.userId } });
  expect(await look(laptop, owner, other)).toEqual([false, 'ended', 'ended']);
  expect(await look(phone)).toEqual([false]);
  expect(await look(foreign, neighbour.owner)).toEqual([true, true]);
});

test('who is signed out of one workspace stays in the other, until the session comes back here', async () => {
  const { owner, other, membershipId, open } = await makeMemberOfTwo();
  const session = await open();
  await signOutMember({ ctx: owner, input: { membershipId } });
  expect(await look(session, other)).toEqual([true, true]);
  expect(await look(session, owner)).toEqual([true, 'ended']);
  // it was ended by that, so that the sign-in page asks for the password instead of leading back
  expect(await look(session, other)).toEqual([false, 'ended']);
  expect(await look(await open(), owner, other)).toEqual([true, true, true]);
  expect((await readAudit(owner, membershipId)).map(({ action }) => action)).toContain('member.sign_out');
});

test('a session that opens no workspace any more is over, its account included', async () => {
  const { owner, other, membershipId, otherMembershipId, open } = await makeMemberOfTwo();
  const session = await open();
  await removeMember({ ctx: owner, input: { membershipId } });
  expect(await look(session, owner, other)).toEqual([true, false, true]);
  await signOutMember({ ctx: other, input: { membershipId: otherMembershipId } });
  expect(await look(session)).toEqual([false]);
  await removeMember({ ctx: other, input: { membershipId: otherMembershipId } });
  expect(await look(session)).toEqual([false]);
});

test('a new password by a link ends the sessions that there were', async () => {
  const { owner, other, membershipId, open } = await makeMemberOfTwo();
  const session = await open();
  const { token } = await createResetLink({ ctx: owner, input: { membershipId } });
  expect(await look(session, owner)).toEqual([true, true]);
  await resetPassword({ runtime, input: { token, ip: makeIp(), newPassword: 'yet another password' } });
  expect(await look(session, owner, other)).toEqual([false, 'ended', 'ended']);
  expect(await look(await open(), other)).toEqual([true, true]);
});

test('only who manages members signs one out, nobody of another workspace, and an owner only an owner', async () => {
  const { here, owner, other, membershipId, open } = await makeMemberOfTwo();
  const session = await open();
  const input = { membershipId };
  await expectRefused('not_permitted', signOutMember({ ctx: await here.as('reviewer'), input }));
  await expectRefused('not_found', signOutMember({ ctx: other, input }));
  const ownerId = owner.actor.kind === 'person' ? owner.actor.membershipId : '';
  await expectRefused('not_permitted', signOutMember({ ctx: await here.as('admin'), input: { membershipId: ownerId } }));
  expect(await look(session, owner, other)).toEqual([true, true, true]);
});
