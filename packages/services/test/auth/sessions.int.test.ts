import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import { checkSession } from '../../src/auth/check-session.ts';
import { beginAuthenticator } from '../../src/auth/code/begin-authenticator.ts';
import { confirmAuthenticator } from '../../src/auth/code/confirm-authenticator.ts';
import { openContext, SessionEndedError } from '../../src/auth/open-context.ts';
import { addPasskey } from '../../src/auth/passkey/add-passkey.ts';
import { beginPasskeySignIn } from '../../src/auth/passkey/begin-passkey-sign-in.ts';
import { beginPasskey } from '../../src/auth/passkey/begin-passkey.ts';
import { signInWithPasskey } from '../../src/auth/passkey/sign-in-with-passkey.ts';
import { resetPassword } from '../../src/auth/reset-password.ts';
import { signOutEverywhere } from '../../src/auth/session/sign-out-everywhere.ts';
import { signIn, type SignedIn } from '../../src/auth/sign-in.ts';
import type { ServiceContext } from '../../src/context.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { signOutMember } from '../../src/member/sign-out-member.ts';
import { acceptAs, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { showCode, STEP_MS } from '../support/authenticator-app.ts';
import { PasskeyDevice } from '../support/passkey-device.ts';
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

type Session = Pick<SignedIn, 'sessionId' | 'userId'>;

/** What the session opens: the account, and after that each of the workspaces, of which one that has signed it out ends it. */
async function look({ sessionId, userId }: Session, ...workspaces: ServiceContext[]) {
  const user = await checkSession({ runtime, input: { sessionId, userId } });
  const opened = await Promise.all(workspaces.map(({ tenantSlug }) => openIn({ sessionId, userId }, tenantSlug)));
  return [user !== null, ...opened];
}

const openIn = ({ sessionId, userId }: Session, tenantSlug: string) =>
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

/** A member of one workspace with a session by password, and what the workspace does to be rid of the person. */
async function makeLeaver() {
  const owner = await (await makeWorkspace(world.runtime)).as('owner');
  const email = `${randomUUID()}@example.com`;
  const { membershipId } = await join(owner, email);
  const enter = (code?: string) =>
    signIn({
      runtime,
      input: { email, password: PASSWORD, ip: makeIp(), workspace: owner.tenantSlug, ...(code !== undefined && { code }) },
    });
  return { owner, enter, first: await enter(), remove: () => removeMember({ ctx: owner, input: { membershipId } }) };
}

test('a session by a passkey is over with the membership, as one by password is, and the passkey opens no workspace', async () => {
  const { owner, first, remove } = await makeLeaver();
  const { userId, sessionId } = first;
  const device = new PasskeyDevice();
  const { challenge } = await beginPasskey({ runtime, input: { userId, sessionId, currentPassword: PASSWORD } });
  await addPasskey({ runtime, input: { userId, sessionId, name: 'Phone', answer: device.make(challenge) } });
  async function open(): Promise<Session> {
    const { options, secret } = await beginPasskeySignIn({ runtime, input: { ip: makeIp() } });
    return signInWithPasskey({ runtime, input: { answer: device.sign(options.challenge), secret, ip: makeIp() } });
  }
  const session = await open();
  expect(await look(session, owner)).toEqual([true, true]);
  await remove();
  expect(await look(session, owner)).toEqual([false, false]);
  expect(await look(first, owner)).toEqual([false, false]);
  // the account is the person's own: it is there for whichever workspace invites the person next
  expect(await look(await open(), owner)).toEqual([true, false]);
});

test('a session by password and code is over with the membership, and the two open no other', async () => {
  const { owner, enter, first, remove } = await makeLeaver();
  const { userId } = first;
  const { secret } = await beginAuthenticator({ runtime, input: { userId, currentPassword: PASSWORD } });
  await confirmAuthenticator({ runtime, input: { userId, code: showCode(secret, runtime.now()) } });
  function open(): Promise<Session> {
    world.advanceClock(STEP_MS);
    return enter(showCode(secret, runtime.now()));
  }
  const session = await open();
  expect(await look(session, owner)).toEqual([true, true]);
  await remove();
  expect(await look(session, owner)).toEqual([false, false]);
  await expectRefused('not_permitted', open());
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
