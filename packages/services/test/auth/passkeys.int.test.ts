import { randomUUID } from 'node:crypto';

import { afterAll, expect, test, vi } from 'vitest';

import { runInLookup } from '@gatehouse/db/tenant';

import { checkSession } from '../../src/auth/check-session.ts';
import { addPasskey } from '../../src/auth/passkey/add-passkey.ts';
import { beginPasskeySignIn } from '../../src/auth/passkey/begin-passkey-sign-in.ts';
import { beginPasskey } from '../../src/auth/passkey/begin-passkey.ts';
import { listPasskeys } from '../../src/auth/passkey/list-passkeys.ts';
import { findRelyingParty } from '../../src/auth/passkey/relying-party.ts';
import { removePasskey } from '../../src/auth/passkey/remove-passkey.ts';
import { renamePasskey } from '../../src/auth/passkey/rename-passkey.ts';
import { signInWithPasskey } from '../../src/auth/passkey/sign-in-with-passkey.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import { pruneCounters } from '../../src/jobs/prune-counters.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { acceptAs, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { PasskeyDevice, type DeviceOptions } from '../support/passkey-device.ts';
import { expectRefused, getRuntimeOf, makeWorkspace, openWorld } from '../support/world.ts';

vi.mock('node:crypto', async (load) => (await import('../support/cheap-scrypt.ts')).makeCheap(await load()));

const world = await openWorld();
const runtime = getRuntimeOf(world.runtime, 'person');
afterAll(() => world.close());

/** Somebody who signed in by password. */
async function makePerson() {
  const owner = await (await makeWorkspace(world.runtime)).as('owner');
  const email = `person-${randomUUID()}@example.com`;
  await join(owner, email);
  const { userId, sessionId } = await signIn({
    runtime,
    input: { email, password: PASSWORD, ip: makeIp(), workspace: owner.tenantSlug },
  });
  return { userId, sessionId, email, workspace: owner.tenantSlug, currentPassword: PASSWORD };
}
type Person = Awaited<ReturnType<typeof makePerson>>;

async function add(
  { userId, sessionId, currentPassword }: Person,
  device: PasskeyDevice,
  options: DeviceOptions = {},
  name = 'Phone',
) {
  const { challenge } = await beginPasskey({ runtime, input: { userId, sessionId, currentPassword } });
  return addPasskey({ runtime, input: { userId, sessionId, name, answer: device.make(challenge, options) } });
}

const begin = () => beginPasskeySignIn({ runtime, input: { ip: makeIp() } });
type Answer = ReturnType<PasskeyDevice['sign']>;
const enter = (answer: Answer, secret: string) => signInWithPasskey({ runtime, input: { answer, secret, ip: makeIp() } });

async function signInBy(device: PasskeyDevice, options: DeviceOptions = {}) {
  const { options: asked, secret } = await begin();
  return enter(device.sign(asked.challenge, options), secret);
}

test('a passkey is made in a session, named, listed, signs in by itself, and opens nothing once it is removed', async () => {
  const person = await makePerson();
  const { userId, currentPassword } = person;
  const device = new PasskeyDevice();
  const { id } = await add(person, device);
  await renamePasskey({ runtime, input: { userId, passkeyId: id, name: 'Work phone' } });
  const session = await signInBy(device);
  expect(session.userId).toBe(userId);
  expect(await checkSession({ runtime, input: session })).toMatchObject({ userId });
  const { possible, passkeys } = await listPasskeys({ runtime, input: { userId } });
  expect(possible).toBe(true);
  expect(passkeys).toMatchObject([{ id, name: 'Work phone', lastUsedAt: expect.any(Date) }]);
  const proof = { userId, passkeyId: id };
  const wrong = await expectRefused('not_permitted', removePasskey({ runtime, input: { ...proof, currentPassword: 'a guess' } }));
  expect(wrong.field).toBe('currentPassword');
  await removePasskey({ runtime, input: { ...proof, currentPassword } });
  await expectRefused('not_found', removePasskey({ runtime, input: { ...proof, currentPassword } }));
  await expectRefused('not_permitted', signInBy(device));
});

test('a browser is asked for a passkey of this console that proves its holder, and no account is named', async () => {
  const person = await makePerson();
  const { userId, sessionId, currentPassword, email } = person;
  await add(person, new PasskeyDevice());
  const made = await beginPasskey({ runtime, input: { userId, sessionId, currentPassword } });
  expect(made).toMatchObject({
    rp: { id: 'console.example', name: 'Gatehouse' },
    user: { name: email },
    attestation: 'none',
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: [{ type: 'public-key' }],
  });
  const { options } = await begin();
  expect(options).toMatchObject({ rpId: 'console.example', userVerification: 'required' });
  expect(options.allowCredentials ?? []).toEqual([]);
});

test('a challenge serves one attempt, in the browser that was given it and for five minutes', async () => {
  const person = await makePerson();
  const device = new PasskeyDevice();
  await add(person, device);
  const [first, second] = [await begin(), await begin()];
  // of another browser
  await expectRefused('not_permitted', enter(device.sign(first.options.challenge), second.secret));
  // that attempt has taken the second one's
  await expectRefused('not_permitted', enter(device.sign(second.options.challenge), second.secret));
  const answer = device.sign(first.options.challenge);
  await enter(answer, first.secret);
  await expectRefused('not_permitted', enter(answer, first.secret));
  const late = await begin();
  world.advanceClock(5 * 60_000);
  await expectRefused('not_permitted', enter(device.sign(late.options.challenge), late.secret));
});

test('of many who present one answer at the same time one gets in', async () => {
  const device = new PasskeyDevice();
  await add(await makePerson(), device);
  const { options, secret } = await begin();
  const answer = device.sign(options.challenge);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => enter(answer, secret)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each<[string, DeviceOptions]>([
  ['from another origin', { origin: 'https://console.example.evil.test' }],
  ['for another relying party', { rpId: 'evil.test' }],
  ['without having seen its holder', { verified: false }],
])('a passkey that signs %s opens nothing, and one that is made so is not kept', async (_, options) => {
  const person = await makePerson();
  const device = new PasskeyDevice();
  await add(person, device);
  await expectRefused('not_permitted', signInBy(device, options));
  await signInBy(device);
  await expectRefused('invalid', add(person, new PasskeyDevice(), options));
  expect((await listPasskeys({ runtime, input: { userId: person.userId } })).passkeys).toHaveLength(1);
});

test('a copy of a passkey that has signed less often than the console knows opens nothing', async () => {
  const device = new PasskeyDevice();
  await add(await makePerson(), device);
  await signInBy(device);
  await signInBy(device);
  device.counter -= 1;
  await expectRefused('not_permitted', signInBy(device));
  await signInBy(device);
});

test('what was begun in one session is finished there, once, and no passkey belongs to two', async () => {
  const [person, other] = [await makePerson(), await makePerson()];
  const device = new PasskeyDevice();
  const { userId, sessionId, currentPassword } = person;
  const { challenge } = await beginPasskey({ runtime, input: { userId, sessionId, currentPassword } });
  const answer = device.make(challenge);
  const elsewhere = { userId: other.userId, sessionId: other.sessionId, name: 'Stolen', answer };
  await expectRefused('expired', addPasskey({ runtime, input: elsewhere }));
  await addPasskey({ runtime, input: { userId, sessionId, name: 'Mine', answer } });
  await expectRefused('expired', addPasskey({ runtime, input: { userId, sessionId, name: 'Again', answer } }));
  await expectRefused('conflict', add(other, device));
  const wrong = { userId, sessionId, currentPassword: 'a guess' };
  await expectRefused('not_permitted', beginPasskey({ runtime, input: wrong }));
});

test('a person who is disabled gets in by no passkey, and nobody lists, renames or removes those of another', async () => {
  const [person, other] = [await makePerson(), await makePerson()];
  const device = new PasskeyDevice();
  const { id } = await add(person, device);
  expect((await listPasskeys({ runtime, input: { userId: other.userId } })).passkeys).toEqual([]);
  await expectRefused('not_found', renamePasskey({ runtime, input: { userId: other.userId, passkeyId: id, name: 'Mine' } }));
  const theft = { userId: other.userId, passkeyId: id, currentPassword: other.currentPassword };
  await expectRefused('not_found', removePasskey({ runtime, input: theft }));
  const { userId } = person;
  await runInLookup(world.runtime.db, { userId }, (tx) =>
    tx.user.updateMany({ where: { id: userId }, data: { disabledAt: new Date() } }),
  );
  await expectRefused('not_permitted', signInBy(device));
});

test('who joins another workspace with the account leaves passkeys behind: whoever had the account before may have put them there', async () => {
  const person = await makePerson();
  const device = new PasskeyDevice();
  await add(person, device);
  const elsewhere = await (await makeWorkspace(world.runtime)).as('owner');
  const { token } = await inviteMember({ ctx: elsewhere, input: { email: person.email, role: 'member' } });
  await acceptAs(runtime, token, person.workspace, PASSWORD, 'another long password');
  await expectRefused('not_permitted', signInBy(device));
});

test('a console that is reached by a number or in the clear has no passkeys, and says so', async () => {
  const at = (consoleUrl: string | undefined) => ({ settings: { ...runtime.settings, consoleUrl } });
  const urls = ['http://127.0.0.1:7000', 'https://[::1]:7000', 'http://console.example', 'https://10.0.0.1', undefined];
  for (const url of urls) expect(findRelyingParty(at(url)), url).toBeNull();
  expect(findRelyingParty(at('http://localhost:7000'))).toMatchObject({ id: 'localhost', origin: 'http://localhost:7000' });
  const without = { ...runtime, ...at('http://127.0.0.1:7000') };
  await expectRefused('precondition', beginPasskeySignIn({ runtime: without, input: { ip: makeIp() } }));
});

test('who begins without end is stopped by address, and what is left lying is pruned', async () => {
  const ip = makeIp();
  const attempts = await Promise.allSettled(Array.from({ length: 61 }, () => beginPasskeySignIn({ runtime, input: { ip } })));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(60);
  const worker = getRuntimeOf(world.runtime, 'system');
  // the rows that a worker may remove are those whose time is over by the database's clock
  const old = await openOld();
  expect((await pruneCounters({ runtime: worker })).challenges).toBeGreaterThanOrEqual(1);
  const left = await runInLookup(world.runtime.db, { lookup: old }, (tx) =>
    tx.passkeyChallenge.count({ where: { holderHash: old } }),
  );
  expect(left).toBe(0);
});

async function openOld(): Promise<string> {
  const holderHash = randomUUID();
  const data = { holderHash, challenge: 'x', expiresAt: new Date(Date.now() - 60_000) };
  await runInLookup(world.runtime.db, { lookup: holderHash }, (tx) => tx.passkeyChallenge.createMany({ data: [data] }));
  return holderHash;
}
