import { createHash, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { endClientSessions } from '../../src/client-key/end-client-sessions.ts';
import { listClientKeys } from '../../src/client-key/list-client-keys.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { signOutMember } from '../../src/member/sign-out-member.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { listRevocations } from '../../src/revocation/list-revocations.ts';
import { addApprovedServer, createDraftedProfile, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { readAudit, getFixtureDb, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
let profileId: string;
let member: ServiceContext;

beforeAll(async () => {
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  profileId = (await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }])).id;
  await publishProfile({ ctx: domain.admin, input: { profileId } });
  member = await makeAllowed('member');
});

async function makeAllowed(role: 'member' | 'builder'): Promise<ServiceContext> {
  const ctx = await domain.workspace.as(role);
  await grantAccess({ ctx: domain.admin, input: { profileId, membershipId: getActorId(ctx.actor) } });
  return ctx;
}
const create = (ctx: ServiceContext, more: { profileId?: string; expiresInDays?: number } = {}) =>
  createClientKey({ ctx, input: { profileId, name: 'Laptop', ...more } });

test('T-39: a key is shown once, only its hash is kept, and the agents get the hash', async () => {
  const { id, key, expiresAt } = await create(member);
  expect(key).toMatch(/^mcp_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
  expect(key).toContain(id.replaceAll('-', ''));
  expect(expiresAt.getTime() - world.runtime.now().getTime()).toBeGreaterThan(89 * DAY_MS);
  const snapshot = await readNewestSnapshot(domain);
  expect(snapshot?.content.clientKeys).toContainEqual({
    keyId: id,
    hash: createHash('sha256').update(key).digest('hex'),
    personId: getActorId(member.actor),
    profileId,
    expiresAt: expiresAt.toISOString(),
  });
  const [row] = await readAudit(domain.admin, id);
  expect(row).toMatchObject({
    action: 'client_key.create',
    actorId: getActorId(member.actor),
    after: { profileId, name: 'Laptop' },
  });
  const everything = JSON.stringify([snapshot, row, (await listClientKeys({ ctx: domain.admin, input: {} })).rows]);
  // the secret is base64url, so it may hold underscores itself
  const [, secret = ''] = /^mcp_[^_]+_(.+)$/.exec(key) ?? [];
  expect(secret).toHaveLength(43);
  expect(everything).not.toContain(secret);
});

test('T-35: profile, person and key of another tenant are as unknown', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreignProfile = await createDraftedProfile(other, []);
  const { admin } = domain;
  const foreign = await expectRefused('not_found', create(admin, { profileId: foreignProfile.id }));
  expect(foreign.message).toBe((await expectRefused('not_found', create(admin, { profileId: randomUUID() }))).message);
  const { id } = await create(member);
  const ofForeign = await expectRefused('not_found', revokeClientKey({ ctx: other.admin, input: { keyId: id } }));
  const ofUnknown = await expectRefused('not_found', revokeClientKey({ ctx: other.admin, input: { keyId: randomUUID() } }));
  expect(ofForeign.message).toBe(ofUnknown.message);
  expect((await listClientKeys({ ctx: other.admin, input: { profileId } })).rows).toEqual([]);
});

test('T-39: a key is made by the person it names: nobody, whatever the role, makes one for another; an admin revokes', async () => {
  const person = await makeAllowed('builder');
  const membershipId = getActorId(person.actor);
  const theirs = await create(person);
  for (const ctx of [member, domain.admin, await domain.workspace.as('owner')]) {
    const forThem = { profileId, name: 'In the name of another', membershipId };
    await expectRefused('invalid', createClientKey({ ctx, input: forThem }));
  }
  const listed = (await listClientKeys({ ctx: domain.admin, input: { profileId } })).rows;
  expect(listed.filter(({ person: { id } }) => id === membershipId)).toMatchObject([{ id: theirs.id, state: 'live' }]);
  await expectRefused('not_found', revokeClientKey({ ctx: member, input: { keyId: theirs.id } }));
  await revokeClientKey({ ctx: domain.admin, input: { keyId: theirs.id } });
  const own = (await listClientKeys({ ctx: member, input: {} })).rows;
  expect(own.length).toBeGreaterThan(0);
  expect(new Set(own.map(({ person: { id } }) => id))).toEqual(new Set([getActorId(member.actor)]));
  expect((await listClientKeys({ ctx: domain.admin, input: { own: true } })).rows).toEqual([]);
});

test('no access, no key: a member does not even learn of the profile', async () => {
  await expectRefused('not_found', create(await domain.workspace.as('member')));
  await expectRefused('precondition', create(await domain.workspace.as('builder')));
});

test('revoking reaches the snapshot, is audited, and cannot be undone or repeated', async () => {
  const { id } = await create(member);
  const before = await readNewestSnapshot(domain);
  await revokeClientKey({ ctx: member, input: { keyId: id } });
  const after = await readNewestSnapshot(domain);
  expect(after?.version).toBe((before?.version ?? 0) + 1);
  expect(after?.content.clientKeys.map(({ keyId }) => keyId)).not.toContain(id);
  expect(after?.content.revokedKeyIds).toContain(id);
  await expectRefused('conflict', revokeClientKey({ ctx: member, input: { keyId: id } }));
  expect((await readAudit(domain.admin, id)).map(({ action }) => action)).toEqual(['client_key.create', 'client_key.revoke']);
  const row = (await listClientKeys({ ctx: member, input: {} })).rows.find((key) => key.id === id);
  expect(row).toMatchObject({ state: 'revoked' });
});

test('who loses access loses the keys with it', async () => {
  const leaver = await makeAllowed('member');
  const keys = [await create(leaver), await create(leaver)].map(({ id }) => id);
  const input = { profileId, membershipId: getActorId(leaver.actor) };
  expect(await revokeAccess({ ctx: domain.admin, input })).toEqual({ revokedKeys: 2, keepsAccess: false });
  const { clientKeys = [], revokedKeyIds = [] } = (await readNewestSnapshot(domain))?.content ?? {};
  expect(clientKeys.map(({ personId }) => personId)).not.toContain(getActorId(leaver.actor));
  expect(revokedKeyIds).toEqual(expect.arrayContaining(keys));
  await expectRefused('not_found', create(leaver));
  // access that comes back revives no key
  await grantAccess({ ctx: domain.admin, input });
  await create(member);
  const later = (await readNewestSnapshot(domain))?.content;
  expect(later?.clientKeys.map(({ personId }) => personId)).not.toContain(getActorId(leaver.actor));
});

test('live keys of a person for a profile are bounded, also when asked for all at once', async () => {
  const eager = await makeAllowed('member');
  const outcomes = await Promise.allSettled(Array.from({ length: 24 }, () => create(eager)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  await expectRefused('conflict', create(eager));
});

test('sessions of a key are ended by its person or who manages keys, in the log of agents, and the key goes on', async () => {
  const { id: keyId } = await create(member);
  const stranger = await makeAllowed('builder');
  await expectRefused('not_found', endClientSessions({ ctx: stranger, input: { keyId } }));
  const readEntries = async () => (await listRevocations({ ctx: domain.admin })).rows;
  const before = (await readEntries()).length;
  for (const ctx of [member, domain.admin]) await endClientSessions({ ctx, input: { keyId } });
  const added = (await readEntries()).slice(0, -before || undefined);
  expect(added.map(({ act, subjectKind, subjectId, subjectName }) => [act, subjectKind, subjectId, subjectName])).toEqual(
    Array.from({ length: 2 }, () => ['before', 'session', keyId, expect.stringMatching(/^Laptop of /)]),
  );
  expect((await listClientKeys({ ctx: member, input: { own: true } })).rows.find(({ id }) => id === keyId)?.state).toBe('live');
  await revokeClientKey({ ctx: member, input: { keyId } });
  await expectRefused('conflict', endClientSessions({ ctx: member, input: { keyId } }));

  const membershipId = getActorId(member.actor);
  await signOutMember({ ctx: domain.admin, input: { membershipId } });
  const [last] = await readEntries();
  expect(last).toMatchObject({ act: 'before', subjectKind: 'session', subjectId: membershipId });
});

test('a key that ends soon says so, to its person and to who manages keys, until the person has another that lasts', async () => {
  const person = await makeAllowed('member');
  const { id } = await create(person);
  const listEnding = async (ctx: ServiceContext) =>
    (await listClientKeys({ ctx, input: { profileId, state: 'ending', sort: 'expires' } })).rows.map((row) => [
      row.id,
      row.isEnding,
    ]);
  expect(await listEnding(person)).toEqual([]);
  const [createdAt, expiresAt] = [-77, 13].map((days) => new Date(world.runtime.now().getTime() + days * DAY_MS));
  await runInTenant(getFixtureDb(world.runtime), domain.admin.tenantId, (tx) =>
    tx.clientKey.updateMany({ where: { tenantId: domain.admin.tenantId, id }, data: { createdAt, expiresAt } }),
  );
  for (const ctx of [person, domain.admin]) expect(await listEnding(ctx)).toEqual([[id, true]]);
  const live = (await listClientKeys({ ctx: person, input: { state: 'live' } })).rows;
  expect(live).toMatchObject([{ id, state: 'live', isEnding: true }]);
  await create(person);
  expect(await listEnding(person)).toEqual([]);
});
