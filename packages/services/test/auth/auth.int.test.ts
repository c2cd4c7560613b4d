import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInLookup } from '@gatehouse/db/tenant';
import { makeMembership, makeUser } from '@gatehouse/db/testing';

import { checkCredentials } from '../../src/auth/check-credentials.ts';
import { checkSession } from '../../src/auth/check-session.ts';
import { listTenants } from '../../src/auth/list-tenants.ts';
import { openContext } from '../../src/auth/open-context.ts';
import { HASH_LIMITS, hashPassword } from '../../src/auth/password.ts';
import { listSessions } from '../../src/auth/session/list-sessions.ts';
import { revokeSession } from '../../src/auth/session/revoke-session.ts';
import { signOut } from '../../src/auth/session/sign-out.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import { ServiceError } from '../../src/errors.ts';
import { RateLimitError } from '../../src/throttle/throttle.ts';
import { makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const PASSWORD = 'correct horse battery';
const DAY_MS = 24 * 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const passwordHash = await hashPassword(PASSWORD, 'test');

const readCode = (error: unknown) => (error instanceof ServiceError ? error.code : 'failed');
const attempt = (email: string, password = PASSWORD, ip = '192.0.2.1', deviceId: string | null = null) =>
  signIn({ runtime: world.runtime, input: { email, password, ip, userAgent: 'Firefox', deviceId } });

test('the right password opens a session that can be seen, checked and ended', async () => {
  const { runtime } = world;
  const user = await makeUser(runtime.db, { passwordHash });
  const session = await attempt(` ${user.email.toUpperCase()} `);
  expect(session).toMatchObject({ userId: user.id, email: user.email, name: user.name });
  const { sessionId } = session;
  const check = () => checkSession({ runtime, input: { sessionId, userId: user.id } });
  expect(await check()).toEqual({ userId: user.id, sessionId, name: user.name, passwordDue: false, timeZone: null });
  const sessions = await listSessions({ runtime, input: { userId: user.id } });
  expect(sessions).toMatchObject([{ id: sessionId, ip: '192.0.2.1', userAgent: 'Firefox' }]);
  await signOut({ runtime, input: { userId: user.id, sessionId } });
  expect(await check()).toBeNull();
  expect(await listSessions({ runtime, input: { userId: user.id } })).toEqual([]);
});

test('unknown address, wrong password, no password and disabled person get one answer', async () => {
  const { runtime } = world;
  const known = await makeUser(runtime.db, { passwordHash });
  const without = await makeUser(runtime.db);
  const disabled = await makeUser(runtime.db, { passwordHash, disabledAt: new Date() });
  const messages = [];
  for (const [email, password] of [
    ['nobody@example.com', PASSWORD],
    [known.email, 'wrong password here'],
    [without.email, PASSWORD],
    [disabled.email, PASSWORD],
  ] as const) {
    messages.push((await expectRefused('not_permitted', attempt(email, password))).message);
  }
  expect(new Set(messages).size).toBe(1);
});

test('too many attempts on one person from one address are refused, also with the right password', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  const ip = '192.0.2.77';
  for (let count = 0; count < 10; count += 1)
    await expectRefused('not_permitted', attempt(user.email, 'wrong password here', ip));
  const error = await expectRefused('rate_limited', attempt(user.email, PASSWORD, ip));
  expect(error instanceof RateLimitError && error.retryAfterMs).toBeGreaterThan(0);
  await expect(attempt(user.email, PASSWORD, '192.0.2.78')).resolves.toMatchObject({ userId: user.id });
});

test('too many attempts on one person are refused from any address, so a made-up address buys nothing', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  // a try counts as what is counted here at once, without the cost of a hash
  for (let count = 0; count < 44; count += 1) await world.runtime.throttle.consume('sign_in_person', [user.email]);
  for (let count = 0; count < 6; count += 1)
    await expectRefused('not_permitted', attempt(user.email, 'wrong password here', `198.51.100.${count}`));
  await expectRefused('rate_limited', attempt(user.email, PASSWORD, '203.0.113.1'));
});

test('50 wrong passwords of strangers do not keep the person out of a browser that is known for the account', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  const device = randomUUID();
  for (let count = 0; count < 50; count += 1) await world.runtime.throttle.consume('sign_in_person', [user.email]);
  await expectRefused('rate_limited', attempt(user.email, PASSWORD, '203.0.113.2'));
  await expect(attempt(user.email, PASSWORD, '203.0.113.2', device)).resolves.toMatchObject({ userId: user.id });
});

test('a known browser may guess no more than any other', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  const device = randomUUID();
  for (let count = 0; count < 10; count += 1)
    await expectRefused('not_permitted', attempt(user.email, 'wrong password here', `198.18.8.${count}`, device));
  await expectRefused('rate_limited', attempt(user.email, PASSWORD, '203.0.113.3', device));
});

test('one host that tries many accounts is stopped, whatever it tries, and however many addresses its IPv6 network has', async () => {
  const tries = (make: (index: number) => string) =>
    Promise.allSettled(
      Array.from({ length: 130 }, (_, index) => attempt(`${randomUUID()}@example.com`, 'one password', make(index))),
    );
  for (const outcomes of [await tries(() => '198.18.9.1'), await tries((index) => `2001:db8:9:9::${index.toString(16)}`)]) {
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? readCode(outcome.reason) : 'passed'));
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(100);
    expect(codes).not.toContain('passed');
  }
});

test('T-57: sign-ins with invented addresses leave another person near the front of the queue', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  const flood = Array.from({ length: 30 }, (_, index) =>
    attempt(`nobody-${index}@example.com`, 'x', '198.18.10.1').then(
      () => 'passed',
      (error: unknown) => readCode(error),
    ),
  );
  const session = await attempt(user.email, PASSWORD, '198.18.10.2');
  expect(session.userId).toBe(user.id);
  const codes = await Promise.all(flood);
  expect(codes).toContain('unavailable');
  expect(codes.filter((code) => code === 'not_permitted').length).toBeGreaterThanOrEqual(HASH_LIMITS.perOrigin);
});

test('T-57: a network that tries accounts is stopped whatever address it uses, and its neighbours sign in', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  for (const [network, next] of [
    ['198.18.20.0/24', '198.18.20.201'],
    ['2001:db8:20::/48', '2001:db8:20:ffff::1'],
  ] as const) {
    for (let count = 0; count < 300; count += 1) await world.runtime.throttle.consume('sign_in_network', [network]);
    await expectRefused('rate_limited', attempt(user.email, PASSWORD, next));
  }
  await attempt(user.email, PASSWORD, '198.18.21.1');
  await attempt(user.email, PASSWORD, '2001:db8:21::1');
});

test('T-57: one address that goes on when it is stopped uses up nothing of its network, and nobody is nearer to a lock for a full queue', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  for (let count = 0; count < 30; count += 1) await world.runtime.throttle.consume('sign_in_address', ['198.18.22.1']);
  for (let count = 0; count < 310; count += 1) await expectRefused('rate_limited', attempt(user.email, 'x', '198.18.22.1'));
  const codes = await Promise.all(
    Array.from({ length: 30 }, () => attempt(user.email, 'x', '198.18.22.2').then(() => 'passed', readCode)),
  );
  expect(new Set(codes)).toEqual(new Set(['unavailable', 'not_permitted', 'rate_limited']));
  await attempt(user.email, PASSWORD, '198.18.22.3');
});

test('an office that signs in well is not taken for a host that tries accounts', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  for (let count = 0; count < 29; count += 1) await world.runtime.throttle.consume('sign_in_address', ['198.18.11.1']);
  await attempt(user.email, PASSWORD, '198.18.11.1');
  await attempt(user.email, PASSWORD, '198.18.11.1');
});

test('a success forgets the failures before it', async () => {
  const user = await makeUser(world.runtime.db, { passwordHash });
  const ip = '192.0.2.80';
  for (let round = 0; round < 2; round += 1) {
    for (let count = 0; count < 6; count += 1)
      await expectRefused('not_permitted', attempt(user.email, 'wrong password here', ip));
    await attempt(user.email, PASSWORD, ip);
  }
});

test('T-57: who has another account of the same address elsewhere gets no further guesses by signing in to that', async () => {
  const { runtime } = world;
  const [acme, evil] = [await makeWorkspace(runtime), await makeWorkspace(runtime)];
  const { email } = await makeMembership(runtime.db, acme.tenant.id, {
    userId: (await makeUser(runtime.db, { passwordHash })).id,
  });
  const own = await makeUser(runtime.db, { passwordHash: await hashPassword('of the attacker alone', 'test') });
  await makeMembership(runtime.db, evil.tenant.id, { userId: own.id, email });
  const guess = (workspace: string, password: string, ip: string, knownAs: string | null = null) =>
    checkCredentials(runtime, { email, password, ip, knownAs, workspace });
  const succeed = (ip: string, knownAs: string | null = null) => guess(evil.tenant.slug, 'of the attacker alone', ip, knownAs);
  const fail = (ip: string, knownAs: string | null = null) => guess(acme.tenant.slug, 'a guess of many', ip, knownAs);

  // from one address, and by the link of the own workspace
  for (const knownAs of [null, evil.tenant.id]) {
    for (let count = 0; count < 9; count += 1) await expectRefused('not_permitted', fail('100.64.20.1', knownAs));
    await succeed('100.64.20.1', knownAs);
    await expectRefused('not_permitted', fail('100.64.20.1', knownAs));
    await expectRefused('rate_limited', fail('100.64.20.1', knownAs));
  }
  // from many addresses
  for (let count = 10; count < 49; count += 1) await runtime.throttle.consume('sign_in_person', [email]);
  await succeed('100.64.21.1');
  await expectRefused('not_permitted', fail('100.64.22.1'));
  await expectRefused('rate_limited', fail('100.64.23.1'));
});

test("a session is revoked by its own person only, and at once; another's is not found", async () => {
  const { runtime } = world;
  const [mine, other] = [await makeUser(runtime.db, { passwordHash }), await makeUser(runtime.db, { passwordHash })];
  const { sessionId } = await attempt(mine.email);
  await expectRefused('not_found', revokeSession({ runtime, input: { userId: other.id, sessionId } }));
  await signOut({ runtime, input: { userId: other.id, sessionId } });
  const check = (userId: string) => checkSession({ runtime, input: { sessionId, userId } });
  expect([await check(mine.id), await check(other.id)]).toMatchObject([{ userId: mine.id }, null]);
  await revokeSession({ runtime, input: { userId: mine.id, sessionId } });
  expect(await check(mine.id)).toBeNull();
});

test('a session ends by itself, and with its person', async () => {
  const own = await openWorld();
  const { runtime } = own;
  const user = await makeUser(runtime.db, { passwordHash });
  const open = () => signIn({ runtime, input: { email: user.email, password: PASSWORD, ip: '192.0.2.1' } });
  const first = await open();
  own.advanceClock(8 * DAY_MS);
  expect(await checkSession({ runtime, input: { sessionId: first.sessionId, userId: user.id } })).toBeNull();
  const { sessionId } = await open();
  const disable = { where: { id: user.id }, data: { disabledAt: new Date() } };
  await runInLookup(runtime.db, { userId: user.id }, (tx) => tx.user.updateMany(disable));
  expect(await checkSession({ runtime, input: { sessionId, userId: user.id } })).toBeNull();
  await own.close();
});

test('a session that is not a uuid is no session', async () => {
  expect(await checkSession({ runtime: world.runtime, input: { sessionId: "' or 1=1", userId: randomUUID() } })).toBeNull();
});

/** A workspace as it is made: without a look of its own, and not stopped. */
const NOTHING_SET = { colour: null, environment: null, suspendedAt: null, deleteAfter: null };

test('the tenant comes from the slug through the own membership; foreign and unknown workspaces are not found alike', async () => {
  const { runtime } = world;
  const [mine, foreign] = [await makeWorkspace(runtime), await makeWorkspace(runtime)];
  const user = await makeUser(runtime.db);
  const membership = await makeMembership(runtime.db, mine.tenant.id, { userId: user.id, email: user.email, role: 'auditor' });
  expect(await listTenants({ runtime, input: { userId: user.id } })).toEqual([
    { slug: mine.tenant.slug, name: 'Acme', role: 'auditor', email: user.email, ...NOTHING_SET },
  ]);
  const open = (tenantSlug: string) => openContext({ runtime, input: { userId: user.id, tenantSlug, requestId: 'r-1' } });
  expect(await open(mine.tenant.slug)).toMatchObject({
    tenantId: mine.tenant.id,
    requestId: 'r-1',
    actor: { kind: 'person', userId: user.id, membershipId: membership.id, role: 'auditor' },
  });
  const messages = [];
  for (const slug of [foreign.tenant.slug, 'nowhere', 'NOT A SLUG'])
    messages.push((await expectRefused('not_found', open(slug))).message);
  expect(new Set(messages).size).toBe(1);
});
