import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import { runInLookup } from '@gatehouse/db/tenant';

import { acceptInvitation } from '../../src/auth/accept-invitation.ts';
import { beginAuthenticator } from '../../src/auth/code/begin-authenticator.ts';
import { CodeDueError, WrongCodeError } from '../../src/auth/code/check-second-step.ts';
import { confirmAuthenticator } from '../../src/auth/code/confirm-authenticator.ts';
import { getAuthenticator } from '../../src/auth/code/get-authenticator.ts';
import { removeAuthenticator } from '../../src/auth/code/remove-authenticator.ts';
import { renewRecoveryCodes } from '../../src/auth/code/renew-recovery-codes.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { join, makeIp, PASSWORD } from '../support/accounts.ts';
import { showCode as showCodeAt, STEP_MS } from '../support/authenticator-app.ts';
import { expectRefused, getRuntimeOf, makeWorkspace, openWorld } from '../support/world.ts';

vi.mock('node:crypto', async (load) => (await import('../support/cheap-scrypt.ts')).makeCheap(await load()));

const world = await openWorld();
const runtime = getRuntimeOf(world.runtime, 'person');
afterAll(() => world.close());

const showCode = (secret: string, steps = 0): string => showCodeAt(secret, runtime.now(), steps);

async function makePerson() {
  const owner = await (await makeWorkspace(world.runtime)).as('owner');
  const email = `person-${randomUUID()}@example.com`;
  await join(owner, email);
  const enter = (code?: string, deviceId?: string) =>
    signIn({
      runtime,
      input: {
        email,
        password: PASSWORD,
        ip: makeIp(),
        workspace: owner.tenantSlug,
        ...(code && { code }),
        ...(deviceId && { deviceId }),
      },
    });
  const { userId } = await enter();
  return { userId, email, enter, workspace: owner.tenantSlug, currentPassword: PASSWORD };
}

/** With an authenticator app, of whose codes none was used for a sign-in. */
async function makeGuarded() {
  const person = await makePerson();
  const { userId, currentPassword } = person;
  const { secret } = await beginAuthenticator({ runtime, input: { userId, currentPassword } });
  const { recoveryCodes } = await confirmAuthenticator({ runtime, input: { userId, code: showCode(secret) } });
  world.advanceClock(STEP_MS);
  return { ...person, secret, recoveryCodes };
}

test('an app is set up, shows a code, and from then on each sign-in by password asks for one', async () => {
  const { userId, currentPassword, enter, email } = await makePerson();
  const { secret, uri } = await beginAuthenticator({ runtime, input: { userId, currentPassword } });
  expect(new URL(uri).searchParams.get('secret')).toBe(secret);
  expect(uri).toContain(encodeURIComponent(email));
  // not before it has shown that it works
  await enter();
  const wrong = await confirmAuthenticator({ runtime, input: { userId, code: '000000' } }).catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(WrongCodeError);
  const { recoveryCodes } = await confirmAuthenticator({ runtime, input: { userId, code: showCode(secret) } });
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(await getAuthenticator({ runtime, input: { userId } })).toMatchObject({ confirmedAt: expect.any(Date), codesLeft: 10 });
  expect(await enter().catch((error: unknown) => error)).toBeInstanceOf(CodeDueError);
  world.advanceClock(STEP_MS);
  const code = showCode(secret);
  expect(await enter(`${code.slice(0, 3)} ${code.slice(3)}`)).toMatchObject({ userId });
  await expectRefused('conflict', beginAuthenticator({ runtime, input: { userId, currentPassword } }));
});

test('who has no password learns nothing of codes', async () => {
  const { email, workspace, secret } = await makeGuarded();
  const refused = signIn({ runtime, input: { email, password: 'a guess', code: showCode(secret), ip: makeIp(), workspace } });
  const error = await expectRefused('not_permitted', refused);
  expect(error.field).toBeNull();
});

test('a code is taken once, also by several at the same time, and none of an earlier step after it', async () => {
  const { enter, secret } = await makeGuarded();
  const code = showCode(secret);
  const outcomes = await Promise.allSettled([enter(code), enter(code), enter(code)]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await enter(code).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
  expect(await enter(showCode(secret, -1)).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
  // the next one is taken ahead of its time, and is used up then
  const next = showCode(secret, 1);
  await enter(next);
  world.advanceClock(STEP_MS);
  expect(await enter(next).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
});

test('a code that confirmed the app opens nothing', async () => {
  const { userId, currentPassword, enter } = await makePerson();
  const { secret } = await beginAuthenticator({ runtime, input: { userId, currentPassword } });
  const code = showCode(secret);
  await confirmAuthenticator({ runtime, input: { userId, code } });
  expect(await enter(code).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
});

test('a recovery code stands in once, however it is typed; new ones end the old ones', async () => {
  const { userId, currentPassword, enter, recoveryCodes } = await makeGuarded();
  const [first = '', second = ''] = recoveryCodes;
  await enter(` ${first.toUpperCase().replaceAll('-', ' ')}`);
  expect(await enter(first).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
  expect(await getAuthenticator({ runtime, input: { userId } })).toMatchObject({ codesLeft: 9 });
  const renewed = await renewRecoveryCodes({ runtime, input: { userId, currentPassword } });
  expect(await enter(second).catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
  await enter(renewed.recoveryCodes[0]);
});

test('guesses are counted, and a browser that the person signed in with before is counted apart', async () => {
  const { enter, secret } = await makeGuarded();
  for (let count = 0; count < 5; count += 1) await expectRefused('not_permitted', enter('000000'));
  await expectRefused('rate_limited', enter(showCode(secret)));
  await enter(showCode(secret), randomUUID());
});

test('what is stored opens nothing: the secret is sealed for its account, and of codes there are hashes', async () => {
  const [one, other] = [await makeGuarded(), await makeGuarded()];
  const readRow = (userId: string) =>
    runInLookup(world.runtime.db, { userId }, (tx) => tx.authenticator.findUniqueOrThrow({ where: { userId } }));
  const row = await readRow(one.userId);
  expect(Buffer.from(row.secretSealed).toString('latin1')).not.toContain(one.secret);
  const hashes = await runInLookup(world.runtime.db, { userId: one.userId }, (tx) => tx.recoveryCode.findMany());
  for (const { codeHash } of hashes) expect(codeHash).toMatch(/^[0-9a-f]{64}$/);
  const { secretSealed } = row;
  await runInLookup(world.runtime.db, { userId: other.userId }, (tx) => tx.authenticator.updateMany({ data: { secretSealed } }));
  await expectRefused('unavailable', other.enter(showCode(one.secret)));
});

test('an app is removed by who knows the password, with its recovery codes', async () => {
  const { userId, currentPassword, enter } = await makeGuarded();
  await expectRefused('not_permitted', removeAuthenticator({ runtime, input: { userId, currentPassword: 'a guess' } }));
  await removeAuthenticator({ runtime, input: { userId, currentPassword } });
  await enter();
  expect(await getAuthenticator({ runtime, input: { userId } })).toEqual({ confirmedAt: null, codesLeft: 0 });
  await expectRefused('precondition', renewRecoveryCodes({ runtime, input: { userId, currentPassword } }));
  await expectRefused('not_found', removeAuthenticator({ runtime, input: { userId, currentPassword } }));
});

test('who joins another workspace with the account gives a code too: the password alone changes nothing', async () => {
  const { email, workspace, secret, enter } = await makeGuarded();
  const elsewhere = await (await makeWorkspace(world.runtime)).as('owner');
  const { token } = await inviteMember({ ctx: elsewhere, input: { email, role: 'member' } });
  const account = { kind: 'existing', workspace, password: PASSWORD, newPassword: 'another long password' } as const;
  const accept = (code?: string) => acceptInvitation({ runtime, input: { token, ip: makeIp(), account: { ...account, code } } });
  expect(await accept().catch((error: unknown) => error)).toBeInstanceOf(CodeDueError);
  expect(await accept('000000').catch((error: unknown) => error)).toBeInstanceOf(WrongCodeError);
  expect(await enter().catch((error: unknown) => error)).toBeInstanceOf(CodeDueError);
  await accept(showCode(secret));
});
