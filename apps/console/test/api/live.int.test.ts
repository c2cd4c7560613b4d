import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeMembership } from '@gatehouse/db/testing';
import { openContext } from '@gatehouse/services/auth/open-context';
import { revokeSession } from '@gatehouse/services/auth/session/revoke-session';
import { inviteMember } from '@gatehouse/services/member/invite-member';
import { removeMember } from '@gatehouse/services/member/remove-member';

import type { Change } from '../../src/server/api/routers/live.ts';
import { CONSOLE_LIMITS } from '../../src/server/limits.ts';
import { accept, makeCaller, type Everything, makeTenantWithEverything, openWorld, type TestWorld, issueToken } from './world.ts';

let world: TestWorld;
let a: Everything;
let b: Everything;
beforeAll(async () => {
  world = await openWorld();
  a = await makeTenantWithEverything(world.fixtures);
  b = await makeTenantWithEverything(world.fixtures);
});
afterAll(() => world.close());

/** The stream of one person, read one change at a time. */
async function listen(tenant: Everything, token = tenant.token) {
  const stop = new AbortController();
  const caller = makeCaller(world.runtime, tenant.slug, token, { stopping: stop.signal });
  const stream = (await caller.live.changes())[Symbol.asyncIterator]();
  const ask = () => {
    const asked = stream.next();
    // the stream may end before anybody looks; whoever looks later still sees how
    asked.catch(() => undefined);
    return asked;
  };
  // The generator subscribes as soon as it is first asked.
  let pending = ask();
  const next = async (): Promise<Change | 'end'> => {
    const { value, done } = await pending;
    pending = done ? pending : ask();
    return done ? 'end' : value;
  };
  const ended = () =>
    pending.then(
      () => 'a change',
      (error: Error) => error.name,
    );
  const end = () => {
    stop.abort();
    return ended();
  };
  return { next, end, ended };
}

const createToken = (tenant: Everything, agentName: string) =>
  makeCaller(world.runtime, tenant.slug, tenant.token).joinToken.create({ siteId: tenant.ids.site, agentName });

test('a change is told to its own tenant and to no other', async () => {
  const [here, there] = [await listen(a), await listen(b)];
  const inB = await createToken(b, 'only-b');
  const inA = await createToken(a, 'only-a');
  expect(await here.next()).toEqual({ kind: 'join_token', id: inA.id });
  expect(await there.next()).toEqual({ kind: 'join_token', id: inB.id });
  expect(await Promise.all([here.end(), there.end()])).toEqual(['AbortError', 'AbortError']);
});

test('a plain member is told no ids and nothing of what the role may not see', async () => {
  const owner = await openContext({ runtime: world.runtime, input: { userId: a.token.uid, tenantSlug: a.slug, requestId: 't' } });
  const email = `plain@${a.slug}.example`;
  await accept(world.runtime, (await inviteMember({ ctx: owner, input: { email, role: 'member' } })).token, 'Plain');
  const stream = await listen(a, await issueToken(world.runtime, email, a.slug));
  await createToken(a, 'unseen');
  await makeCaller(world.runtime, a.slug, a.token).profile.disable({ profileId: a.ids.profile });
  expect(await stream.next()).toEqual({ kind: 'profile', id: '*' });
  expect(await stream.end()).toBe('AbortError');
});

test('the stream ends when the own membership changes, so that the next one proves it anew', async () => {
  const owner = await openContext({ runtime: world.runtime, input: { userId: b.token.uid, tenantSlug: b.slug, requestId: 't' } });
  const email = `leaving@${b.slug}.example`;
  const { token: link } = await inviteMember({ ctx: owner, input: { email, role: 'auditor' } });
  const { membershipId } = await accept(world.runtime, link, 'Leaving');
  const token = await issueToken(world.runtime, email, b.slug);
  const stream = await listen(b, token);
  await removeMember({ ctx: owner, input: { membershipId } });
  expect(await stream.ended()).toBe('AbortError');
  await expect(makeCaller(world.runtime, b.slug, token).live.changes()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a session that was ended is told nothing more', async () => {
  const token = await issueToken(world.runtime, b.email, b.slug);
  const stream = await listen(b, token);
  await revokeSession({ runtime: world.runtime, input: { sessionId: token.sid, userId: token.uid } });
  await createToken(b, 'after-the-end');
  expect(await stream.ended()).toBe('AbortError');
});

test('T-35: who was removed is told nothing more although no hint of that came and the session is good elsewhere, and so is who has another role', async () => {
  const { tenantId } = await openContext({
    runtime: world.runtime,
    input: { userId: a.token.uid, tenantSlug: a.slug, requestId: 't' },
  });
  const { db } = world.fixtures;
  const email = `guest@${a.slug}.example`;
  const { id } = await makeMembership(db, tenantId, { userId: b.token.uid, email, role: 'admin' });
  const change = (data: { role?: 'auditor'; endedAt?: Date; signedOutAt?: Date }) =>
    runInTenant(db, tenantId, (tx) => tx.membership.update({ where: { tenantId_id: { tenantId, id } }, data }));
  const demoted = await listen(a, b.token);
  await change({ role: 'auditor' });
  await createToken(a, 'after-another-role');
  expect(await demoted.ended()).toBe('AbortError');
  const removed = await listen(a, b.token);
  await change({ endedAt: new Date(), signedOutAt: new Date(0) });
  await makeCaller(world.runtime, a.slug, a.token).profile.enable({ profileId: a.ids.profile });
  expect(await removed.ended()).toBe('AbortError');
  await expect(makeCaller(world.runtime, b.slug, b.token).me.get()).resolves.toMatchObject({ role: 'owner' });
});

test('the streams of one session are bounded, and one that ends makes room', async () => {
  const token = await issueToken(world.runtime, a.email, a.slug);
  const open = await Promise.all(Array.from({ length: CONSOLE_LIMITS.streamsPerSession }, () => listen(a, token)));
  const surplus = await listen(a, token);
  expect(await surplus.ended()).toBe('TRPCError');
  await open[0]?.end();
  const next = await listen(a, token);
  await createToken(a, 'room');
  expect(await next.next()).toMatchObject({ kind: 'join_token' });
  await Promise.all([...open, next].map((stream) => stream.end()));
});
