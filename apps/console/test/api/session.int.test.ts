import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { signOut } from '@gatehouse/services/auth/session/sign-out';
import { createOperatorLink } from '@gatehouse/services/member/create-operator-link';

import { accountRouter } from '../../src/server/api/account.ts';
import { createApiContext } from '../../src/server/api/context.ts';
import { createCallerFactory } from '../../src/server/api/trpc.ts';
import { createDeviceCookie, DEVICE_COOKIE, makeDeviceId, readDeviceId } from '../../src/server/auth/device-cookie.ts';
import { checkPassword, SIGN_IN_ERRORS } from '../../src/server/auth/options.ts';
import {
  accept,
  makeCaller,
  type Everything,
  makeTenantWithEverything,
  openWorld,
  PASSWORD,
  type TestWorld,
  issueToken,
} from './world.ts';

let world: TestWorld;
let tenant: Everything;
beforeAll(async () => {
  world = await openWorld();
  tenant = await makeTenantWithEverything(world.fixtures);
});
afterAll(() => world.close());

const getMe = (token: { sid: string; uid: string } | null) => makeCaller(world.runtime, tenant.slug, token).me.get();
const createAccountCaller = createCallerFactory(accountRouter);

test('a live session is a person; no session, a made-up one and a stolen id with another user are nobody', async () => {
  await expect(getMe(tenant.token)).resolves.toMatchObject({ email: tenant.email, role: 'owner' });
  const other = await issueToken(world.runtime, tenant.memberEmail, tenant.slug);
  for (const token of [null, { sid: randomUUID(), uid: tenant.token.uid }, { sid: tenant.token.sid, uid: other.uid }]) {
    await expect(getMe(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
});

const useAccount = (token: { sid: string; uid: string }) =>
  createAccountCaller(
    createApiContext({
      runtime: world.runtime,
      token,
      tenantSlug: null,
      ip: randomUUID(),
      requestId: randomUUID(),
      sameOrigin: true,
      onChallenge: () => undefined,
      stopping: new AbortController().signal,
    }),
  );

test('a person sees the own sessions and ends one, or all; each is out with the next request', async () => {
  const [laptop, phone] = [
    await issueToken(world.runtime, tenant.email, tenant.slug),
    await issueToken(world.runtime, tenant.email, tenant.slug),
  ];
  await expect(getMe(phone)).resolves.toMatchObject({ email: tenant.email });
  const listed = await useAccount(laptop).listSessions();
  expect(listed.filter(({ isCurrent }) => isCurrent).map(({ id }) => id)).toEqual([laptop.sid]);
  expect(listed.map(({ id }) => id)).toContain(phone.sid);

  await useAccount(laptop).revokeSession({ sessionId: phone.sid });
  await expect(getMe(phone)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await expect(useAccount(phone).listSessions()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await expect(getMe(laptop)).resolves.toMatchObject({ email: tenant.email });

  await useAccount(laptop).signOutEverywhere();
  for (const token of [laptop, tenant.token]) await expect(getMe(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  tenant.token = await issueToken(world.runtime, tenant.email, tenant.slug);
});

test('a session that another process ended is out with the next request', async () => {
  const token = await issueToken(world.runtime, tenant.email, tenant.slug);
  await expect(getMe(token)).resolves.toMatchObject({ email: tenant.email });
  await signOut({ runtime: world.runtime, input: { sessionId: token.sid, userId: token.uid } });
  await expect(getMe(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test("another person's session cannot be ended", async () => {
  const mine = await issueToken(world.runtime, tenant.memberEmail, tenant.slug);
  const attempt = useAccount(mine).revokeSession({ sessionId: tenant.token.sid });
  await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(getMe(tenant.token)).resolves.toMatchObject({ email: tenant.email });
});

test('T-35: a password that is due opens nothing but its own change, by no procedure, and no passkey or app is added meanwhile', async () => {
  const email = `due@${tenant.slug}.example`;
  const { token: invitation } = await createOperatorLink({
    runtime: world.fixtures,
    input: { tenantSlug: tenant.slug, email, role: 'admin' },
  });
  await accept(world.fixtures, invitation, 'Dora Due');
  const token = await issueToken(world.runtime, email, tenant.slug);
  await expect(getMe(token)).resolves.toMatchObject({ email });
  const owner = makeCaller(world.runtime, tenant.slug, tenant.token);
  const member = (await owner.member.list({ search: email })).rows[0]?.id ?? '';
  await owner.member.createResetLink({ membershipId: member });
  const refused = { code: 'PRECONDITION_FAILED', message: expect.stringContaining('Choose one of your own first') };
  // the open session, and one by the password of before
  for (const each of [token, await issueToken(world.runtime, email, tenant.slug)]) {
    const caller = makeCaller(world.runtime, tenant.slug, each);
    for (const work of [caller.me.get(), caller.member.list({}), caller.site.list(), caller.receipt.list({})]) {
      await expect(work).rejects.toMatchObject(refused);
    }
    const own = useAccount(each);
    for (const work of [
      own.listPasskeys(),
      own.beginPasskey({ currentPassword: PASSWORD }),
      own.getAuthenticator(),
      own.beginAuthenticator({ currentPassword: PASSWORD }),
      own.renewRecoveryCodes({ currentPassword: PASSWORD }),
    ]) {
      await expect(work).rejects.toMatchObject(refused);
    }
  }
  const last = await issueToken(world.runtime, email, tenant.slug);
  await useAccount(last).changePassword({ currentPassword: PASSWORD, newPassword: 'quite another long password' });
  await expect(getMe(last)).resolves.toMatchObject({ email });
  await expect(getMe(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('sign-in: a wrong password and an unknown address are one answer, the right password a session', async () => {
  const attempt = (email: string, password: string) =>
    checkPassword(world.runtime, { email, password }, { 'x-forwarded-for': '10.1.0.1' });
  await expect(attempt(tenant.email, 'not the password')).resolves.toBeNull();
  await expect(attempt('nobody@example.com', PASSWORD)).resolves.toBeNull();
  await expect(attempt('not an address', PASSWORD)).resolves.toBeNull();
  await expect(checkPassword(world.runtime, { email: tenant.email }, undefined)).resolves.toBeNull();
  const session = await attempt(tenant.email.toUpperCase(), PASSWORD);
  expect(session).toMatchObject({ id: tenant.token.uid });
  await expect(getMe({ sid: session?.sessionId ?? '', uid: tenant.token.uid })).resolves.toMatchObject({ email: tenant.email });
});

test('sign-in: too many attempts are refused, also with the right password, and only from that address', async () => {
  const attempt = (ip: string, password: string) =>
    checkPassword(world.runtime, { email: tenant.memberEmail, password }, { 'x-forwarded-for': ip });
  const tries = async (left: number): Promise<unknown> => {
    const answer = await attempt('10.2.0.1', 'guess').catch((error: unknown) => error);
    return answer instanceof Error || left === 0 ? answer : tries(left - 1);
  };
  expect(await tries(30)).toMatchObject({ message: SIGN_IN_ERRORS.rate_limited });
  await expect(attempt('10.2.0.1', PASSWORD)).rejects.toThrow(SIGN_IN_ERRORS.rate_limited);
  await expect(attempt('10.2.0.2', PASSWORD)).resolves.toMatchObject({ sessionId: expect.any(String) });
});

test('T-57: a browser that is known for one account is a stranger to every other, and known for each that it signed in to', async () => {
  const secret = 's'.repeat(32);
  const [mine, other] = [tenant.email, tenant.memberEmail].map((email) => ({ email, workspace: tenant.slug }));
  if (!mine || !other) throw new Error('no accounts');
  /** One sign-in of a browser with this cookie, as the handler of the console answers it. */
  const signIn = async (cookie: string | undefined, account: typeof mine): Promise<string> => {
    let set = '';
    const session = await checkPassword(
      world.runtime,
      { ...account, password: PASSWORD },
      { 'x-forwarded-for': '10.3.0.1' },
      {
        challengeSecret: null,
        findDevice: (asked) => readDeviceId(cookie, asked, secret),
        onRefused: () => undefined,
        onSignedIn(signedIn, known) {
          const deviceId = known ?? makeDeviceId();
          set = createDeviceCookie({ cookie, account: signedIn, deviceId, secret, secure: true });
        },
      },
    );
    expect(session).not.toBeNull();
    return set.slice(DEVICE_COOKIE.length + 1, set.indexOf(';'));
  };
  const ofMine = await signIn(undefined, mine);
  const ofBoth = await signIn(ofMine, other);
  for (const { email } of [mine, other])
    for (let count = 0; count < 50; count += 1)
      await world.runtime.throttle.consume('sign_in_person', [email]).catch(() => undefined);
  await expect(signIn(ofMine, other)).rejects.toThrow(SIGN_IN_ERRORS.rate_limited);
  await expect(signIn(undefined, mine)).rejects.toThrow(SIGN_IN_ERRORS.rate_limited);
  await signIn(await signIn(ofBoth, other), mine);
});

test('sign-in: without the database it is said to be unavailable, and not why', async () => {
  const gone = await openWorld();
  await gone.close();
  const attempt = checkPassword(gone.runtime, { email: tenant.email, password: PASSWORD }, undefined);
  await expect(attempt).rejects.toThrow(new Error(SIGN_IN_ERRORS.other));
});

test('a change asked for from another origin is refused, reading is not affected', async () => {
  const foreign = makeCaller(world.runtime, tenant.slug, tenant.token, { sameOrigin: false });
  await expect(foreign.site.create({ slug: 'evil', name: 'Evil' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const { rows: sites } = await foreign.site.list();
  expect(sites.map(({ slug }) => slug)).not.toContain('evil');
});

test('an error that nobody planned for is logged, and answered with a reference only', async () => {
  const logged: unknown[] = [];
  const log = { ...world.runtime.log, error: (...entry: unknown[]) => logged.push(entry) } as unknown as typeof world.runtime.log;
  const now = (): Date => {
    throw new Error('secret cause: connection string postgres://…');
  };
  const caller = makeCaller({ ...world.runtime, log, now }, tenant.slug, tenant.token, { requestId: 'ref-1234' });
  const error: unknown = await caller.agent.list().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', message: expect.stringContaining('ref-1234') });
  expect(String(error)).not.toContain('secret cause');
  expect(JSON.stringify(logged)).toContain('ref-1234');
});
