import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { AccessPart, IndexPart, Manifest, toBucket } from '@gatehouse/policy/documents/manifest';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { listClientKeys } from '../../src/client-key/list-client-keys.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { deleteGroup } from '../../src/group/delete-group.ts';
import { getGroup } from '../../src/group/get-group.ts';
import { grantGroup } from '../../src/group/grant-group.ts';
import { listGroupPeople } from '../../src/group/list-group-people.ts';
import { listGroups } from '../../src/group/list-groups.ts';
import { removeMembers } from '../../src/group/remove-members.ts';
import { revokeGroup } from '../../src/group/revoke-group.ts';
import { updateGroup } from '../../src/group/update-group.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { getProfileEnd } from '../../src/profile/end/get-profile-end.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { listProfileGroups } from '../../src/profile/list-profile-groups.ts';
import { listProfilePeople } from '../../src/profile/list-profile-people.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { listRevocations } from '../../src/revocation/list-revocations.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addApprovedServer, createDraftedProfile, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
let profileId: string;
let slug: string;
let serverId: string;

beforeAll(async () => {
  serverId = (await addApprovedServer(domain, [defineTool('get_order')])).id;
  ({ id: profileId, slug } = await makeServedProfile());
});

async function makeServedProfile(): Promise<{ id: string; slug: string }> {
  const profile = await createDraftedProfile(domain, [{ serverId, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  return profile;
}

const getIdOf = (ctx: ServiceContext) => getActorId(ctx.actor);
const makeGroup = async (name = `Group ${randomUUID()}`) => (await createGroup({ ctx: admin, input: { name } })).id;
const put = (groupId: string, ...people: ServiceContext[]) =>
  addMembers({ ctx: admin, input: { groupId, membershipIds: people.map(getIdOf) } });
const take = (groupId: string, ...people: ServiceContext[]) =>
  removeMembers({ ctx: admin, input: { groupId, membershipIds: people.map(getIdOf) } });
const give = (groupId: string, id = profileId) => grantGroup({ ctx: admin, input: { profileId: id, groupId } });
const makeKey = (ctx: ServiceContext, id = profileId) => createClientKey({ ctx, input: { profileId: id, name: 'Laptop' } });
const readKeys = async () => (await readNewestSnapshot(domain))?.content.clientKeys ?? [];
const listServedKeys = async () => (await readKeys()).map(({ keyId }) => keyId);
const refresh = () => refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });

test('who is put into a group may use what it has, is served, and loses it with the group as by a revocation', async () => {
  const person = await workspace.as('member');
  const groupId = await makeGroup();
  await expectRefused('not_found', makeKey(person));
  await give(groupId);
  expect(await put(groupId, person)).toEqual({ added: 1 });
  expect(await put(groupId, person)).toEqual({ added: 0 });
  const { id: keyId } = await makeKey(person);
  expect(await listServedKeys()).toContain(keyId);
  expect((await listProfiles({ ctx: person })).rows).toMatchObject([{ id: profileId, hasAccess: true }]);

  expect(await take(groupId, person)).toEqual({ removed: 1, revokedKeys: 1 });
  expect(await listServedKeys()).not.toContain(keyId);
  const { rows } = await listRevocations({ ctx: admin, input: {} });
  expect(rows).toContainEqual(expect.objectContaining({ act: 'end', subjectId: keyId }));
  expect((await listProfiles({ ctx: person })).rows).toEqual([]);
  await expectRefused('not_found', makeKey(person));
  await expectRefused('not_found', take(groupId, person));
  expect((await readAudit(admin, groupId)).map(({ action }) => action)).toEqual([
    'group.create',
    'group.add_member',
    'group.remove_member',
  ]);
  // coming back revives no key
  await put(groupId, person);
  await refresh();
  expect(await listServedKeys()).not.toContain(keyId);
});

test('what something else gives stays: a second group, and access by name', async () => {
  const person = await workspace.as('member');
  const [one, other] = [await makeGroup(), await makeGroup()];
  for (const groupId of [one, other]) {
    await put(groupId, person);
    await give(groupId);
  }
  const { id: keyId } = await makeKey(person);
  expect(await take(one, person)).toEqual({ removed: 1, revokedKeys: 0 });
  expect(await listServedKeys()).toContain(keyId);
  const own = { profileId, membershipId: getIdOf(person) };
  await grantAccess({ ctx: admin, input: own });
  expect(await revokeGroup({ ctx: admin, input: { profileId, groupId: other } })).toEqual({ revokedKeys: 0 });
  await give(other);
  expect(await revokeAccess({ ctx: admin, input: own })).toEqual({ revokedKeys: 0, keepsAccess: true });
  expect(await listServedKeys()).toContain(keyId);
  expect(await revokeGroup({ ctx: admin, input: { profileId, groupId: other } })).toEqual({ revokedKeys: 1 });
  expect(await listServedKeys()).not.toContain(keyId);
  await expectRefused('not_found', revokeGroup({ ctx: admin, input: { profileId, groupId: other } }));
});

test('the profile says which groups have it, how many people that are, and who would notice its end', async () => {
  const profile = await makeServedProfile();
  const [ada, ben] = [await workspace.as('member'), await workspace.as('builder')];
  const groupId = await makeGroup();
  await put(groupId, ada, ben);
  expect(await give(groupId, profile.id)).toEqual({ granted: true });
  expect(await give(groupId, profile.id)).toEqual({ granted: false });
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getIdOf(ada) } });
  const detail = await getProfile({ ctx: admin, input: { slug: profile.slug } });
  expect(detail.people).toBe(2);
  const input = { profileId: profile.id };
  expect((await listProfileGroups({ ctx: admin, input })).rows).toMatchObject([{ id: groupId, people: 2 }]);
  expect((await listProfilePeople({ ctx: admin, input })).rows).toMatchObject([{ membershipId: getIdOf(ada), until: null }]);
  expect((await getProfile({ ctx: ben, input: { slug: profile.slug } })).hasAccess).toBe(true);
  expect((await getProfile({ ctx: ada, input: { slug: profile.slug } })).people).toBe(0);
  await expectRefused('not_permitted', listProfileGroups({ ctx: ada, input }));
  await expectRefused('not_permitted', listProfilePeople({ ctx: ada, input }));
  const row = (await listProfiles({ ctx: admin })).rows.find(({ id }) => id === profile.id);
  expect(row).toMatchObject({ peopleCount: 2, hasAccess: false });
  expect(await getProfileEnd({ ctx: admin, input: { profileId: profile.id } })).toMatchObject({ peopleCount: 2 });
  expect(await getGroup({ ctx: admin, input: { groupId } })).toMatchObject({ people: 2, profiles: [{ id: profile.id }] });
});

test('whatever comes at the same moment: who is in the group and has the profile is served', async () => {
  for (let round = 0; round < 8; round += 1) {
    const person = await workspace.as('member');
    const groupId = await makeGroup();
    await Promise.all([put(groupId, person), give(groupId)]);
    const { id: keyId } = await makeKey(person);
    expect(await listServedKeys()).toContain(keyId);
    const manifest = await listAccess(getIdOf(person));
    expect(manifest).toContain(profileId);
  }
});

/** What the newest configuration of the site gives somebody. */
function listAccess(membershipId: string): Promise<string[]> {
  const { tenantId } = admin;
  return runInTenant(getFixtureDb(world.runtime), tenantId, async (tx) => {
    const read = async (hash: string | undefined): Promise<unknown> => {
      const part = hash === undefined ? null : await tx.configPart.findUnique({ where: { tenantId_hash: { tenantId, hash } } });
      return part && JSON.parse(Buffer.from(part.bytes).toString());
    };
    const [manifest] = await tx.manifest.findMany({
      where: { tenantId, siteId: workspace.site.id },
      orderBy: { version: 'desc' },
      take: 1,
    });
    const { roots } = Manifest.parse(JSON.parse(Buffer.from(manifest?.payload ?? []).toString()));
    const index = new Map<string, string>(IndexPart.parse(await read(roots.access)).entries);
    const bucket = await read(index.get(toBucket(membershipId)));
    const { grants } = bucket === null ? { grants: [] } : AccessPart.parse(bucket);
    return grants.find(([id]) => id === membershipId)?.[1] ?? [];
  });
}

test('a key that is made while its person leaves the group does not outlive that', async () => {
  for (let round = 0; round < 8; round += 1) {
    const person = await workspace.as('member');
    const groupId = await makeGroup();
    await put(groupId, person);
    await give(groupId);
    await Promise.allSettled([makeKey(person), take(groupId, person), makeKey(person)]);
    const live = (await listClientKeys({ ctx: person, input: {} })).rows.filter(({ state }) => state === 'live');
    expect(live).toEqual([]);
  }
});

test('who is removed from the workspace is in no group any more, and nobody puts that person back', async () => {
  const person = await workspace.as('member');
  const groupId = await makeGroup();
  await put(groupId, person);
  await give(groupId);
  const { id: keyId } = await makeKey(person);
  const outcomes = await Promise.allSettled([
    removeMember({ ctx: admin, input: { membershipId: getIdOf(person) } }),
    put(await makeGroup(), person),
  ]);
  expect(outcomes[0]?.status).toBe('fulfilled');
  expect(await listServedKeys()).not.toContain(keyId);
  expect(await listGroupPeople({ ctx: admin, input: { groupId } })).toMatchObject({ rows: [], total: 0 });
  expect(await listAccess(getIdOf(person))).toEqual([]);
  await expectRefused('not_found', put(groupId, person));
  await refresh();
  expect(await listServedKeys()).not.toContain(keyId);
});

test('T-35: a group, a person and a profile of another tenant are as unknown', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = (await createGroup({ ctx: other.admin, input: { name: 'Theirs' } })).id;
  const stranger = await other.workspace.as('member');
  const own = await makeGroup();
  const refused = await expectRefused('not_found', put(foreign, admin));
  expect(refused.message).toBe((await expectRefused('not_found', put(randomUUID(), admin))).message);
  await expectRefused('not_found', put(own, stranger));
  await expectRefused('not_found', give(foreign));
  await expectRefused('not_found', grantGroup({ ctx: other.admin, input: { profileId, groupId: foreign } }));
  await expectRefused('not_found', getGroup({ ctx: admin, input: { groupId: foreign } }));
  await expectRefused('not_found', listGroupPeople({ ctx: admin, input: { groupId: foreign } }));
  await expectRefused('not_found', deleteGroup({ ctx: admin, input: { groupId: foreign } }));
  expect((await listGroups({ ctx: other.admin })).rows.map(({ id }) => id)).toEqual([foreign]);
});

test('only admins and owners make groups and say who is in them', async () => {
  const groupId = await makeGroup();
  for (const role of ['reviewer', 'auditor', 'builder', 'member'] as const) {
    const ctx = await workspace.as(role);
    await expectRefused('not_permitted', createGroup({ ctx, input: { name: 'Mine' } }));
    await expectRefused('not_permitted', addMembers({ ctx, input: { groupId, membershipIds: [getIdOf(ctx)] } }));
    await expectRefused('not_permitted', grantGroup({ ctx, input: { profileId, groupId } }));
    await expectRefused('not_permitted', deleteGroup({ ctx, input: { groupId } }));
  }
  await expectRefused('not_permitted', listGroups({ ctx: await workspace.as('member') }));
});

test('a name is taken whatever its case, and of two editors the second gets both versions', async () => {
  const name = `Desk ${randomUUID()}`;
  const groupId = await makeGroup(name);
  expect((await expectRefused('conflict', makeGroup(name.toUpperCase()))).field).toBe('name');
  const both = await Promise.allSettled([makeGroup(`${name} two`), makeGroup(`${name} TWO`)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const edit = (changed: string, revision: number) =>
    updateGroup({ ctx: admin, input: { groupId, name: changed, description: '', revision } });
  expect(await edit(`${name} of Ada`, 1)).toEqual({ revision: 2 });
  const refused = await expectRefused('conflict', edit(`${name} of Ben`, 1));
  expect(refused).toBeInstanceOf(EditConflictError);
  expect(refused).toMatchObject({ conflict: { revision: 2, present: { name: `${name} of Ada` } } });
  expect((await expectRefused('conflict', edit(`${name} two`, 2))).field).toBe('name');
});

test('a group that has something is not deleted, and the refusal names it', async () => {
  const groupId = await makeGroup();
  await give(groupId);
  const { profile } = await getProfile({ ctx: admin, input: { slug } });
  expect((await expectRefused('precondition', deleteGroup({ ctx: admin, input: { groupId } }))).message).toContain(profile.name);
  await revokeGroup({ ctx: admin, input: { profileId, groupId } });
  await deleteGroup({ ctx: admin, input: { groupId } });
  await expectRefused('not_found', getGroup({ ctx: admin, input: { groupId } }));
});

test('a group whose people the identity provider names is not changed by hand', async () => {
  const person = await workspace.as('member');
  const groupId = await makeGroup();
  await runInTenant(getFixtureDb(world.runtime), admin.tenantId, (tx) =>
    tx.personGroup.update({ where: { tenantId_id: { tenantId: admin.tenantId, id: groupId } }, data: { source: 'provider' } }),
  );
  await expectRefused('precondition', put(groupId, person));
  await expectRefused('precondition', take(groupId, person));
  expect(await give(groupId)).toEqual({ granted: true });
});

test('of thousands of people one page is read, and who is looked for is found by name and by address', async () => {
  const other = await makeWorkspace(world.runtime);
  const ctx = await other.as('admin');
  const { tenantId } = ctx;
  const { id: groupId } = await createGroup({ ctx, input: { name: 'Everybody' } });
  const owner = await world.database.connectOwner();
  await owner.query(
    `with made as (
       insert into "user" (id, name) select gen_random_uuid(), 'Person ' || lpad(n::text, 4, '0') from generate_series(1, 5000) n returning id, name),
     joined as (
       insert into membership (tenant_id, id, user_id, email, role)
       select $1::uuid, gen_random_uuid(), id, replace(lower(name), ' ', '') || '@acme.example', 'member' from made returning id)
     insert into group_member (tenant_id, group_id, membership_id, added_by) select $1::uuid, $2::uuid, id, $3::uuid from joined`,
    [tenantId, groupId, getIdOf(ctx)],
  );
  // a test's database gathers no statistics by itself, and five thousand people are planned for as if they were few
  await owner.query('analyze "user", membership, group_member, person_group');
  const list = (input: object) => listGroupPeople({ ctx, input: { groupId, ...input } });
  const first = await list({ limit: 50 });
  expect([first.rows.length, first.total, first.rows[0]?.name]).toEqual([50, 5_000, 'Person 0001']);
  const second = await list({ limit: 50, cursor: first.nextCursor ?? '' });
  expect(second.rows[0]?.name).toBe('Person 0051');
  expect(await list({ search: 'person 4711' })).toMatchObject({ total: 1, rows: [{ name: 'Person 4711' }], nextCursor: null });
  expect(await list({ search: 'PERSON0042@' })).toMatchObject({ total: 1, rows: [{ name: 'Person 0042' }] });
  expect(await list({ search: '%' })).toMatchObject({ total: 0 });
  expect(await list({ of: 'outside' })).toMatchObject({ total: 1, rows: [{ membershipId: getIdOf(ctx), addedAt: null }] });
  expect(await listGroups({ ctx, input: { search: 'every' } })).toMatchObject({ total: 1, rows: [{ people: 5_000 }] });
});

test('T-10: a group is served only as far as acts of people stand behind both of its halves', async () => {
  const person = await workspace.as('member');
  const groupId = await makeGroup();
  await put(groupId, person);
  await give(groupId);
  const { id: keyId } = await makeKey(person);
  const change = (sql: string, ...values: unknown[]) =>
    runInTenant(getFixtureDb(world.runtime), admin.tenantId, (tx) => tx.$executeRawUnsafe(sql, ...values));
  for (const table of ['group_member', 'profile_group']) {
    const [row] = await runInTenant(getFixtureDb(world.runtime), admin.tenantId, (tx) =>
      tx.$queryRawUnsafe<{ act: string }[]>(`select audit_id::text as act from ${table} where group_id = $1::uuid`, groupId),
    );
    await change(`update ${table} set audit_id = null where group_id = $1::uuid`, groupId);
    await refresh();
    expect(await listServedKeys()).not.toContain(keyId);
    await change(`update ${table} set audit_id = $1::uuid where group_id = $2::uuid`, row?.act, groupId);
    await refresh();
    expect(await listServedKeys()).toContain(keyId);
  }
});

test('access with an end: the signed end of a key is that of the access, and what ended revives nothing', async () => {
  const person = await workspace.as('member');
  const membershipId = getIdOf(person);
  const until = new Date(world.runtime.now().getTime() + HOUR_MS);
  const grant = (end: Date | null) =>
    grantAccess({ ctx: admin, input: { profileId, membershipId, until: end?.toISOString() ?? null } });
  await expectRefused('invalid', grant(new Date(0)));
  expect(await grant(until)).toEqual({ granted: true });
  expect(await grant(until)).toEqual({ granted: false });
  const { id: keyId, expiresAt } = await makeKey(person);
  expect(expiresAt).toEqual(until);
  const readEnd = async () => (await readKeys()).find((key) => key.keyId === keyId)?.expiresAt;
  expect(await readEnd()).toBe(until.toISOString());

  // a key that was made under an access without end ends with the new one, and not before, where a group has no end
  await revokeAccess({ ctx: admin, input: { profileId, membershipId } });
  await grant(null);
  const later = await makeKey(person);
  const readLater = async () => (await readKeys()).find((key) => key.keyId === later.id)?.expiresAt;
  await grant(until);
  expect(await readLater()).toBe(until.toISOString());
  const groupId = await makeGroup();
  await give(groupId);
  await put(groupId, person);
  expect(await readLater()).toBe(later.expiresAt.toISOString());
  await take(groupId, person);
  expect(await readLater()).toBe(until.toISOString());

  world.advanceClock(HOUR_MS + 1_000);
  await refresh();
  expect(await readLater()).toBeUndefined();
  await expectRefused('not_found', makeKey(person));
  expect((await listProfiles({ ctx: person })).rows.length).toBe(0);
  expect(await grant(null)).toEqual({ granted: true });
  expect(await readLater()).toBeUndefined();
  expect((await listClientKeys({ ctx: person, input: {} })).rows.filter(({ state }) => state === 'live')).toEqual([]);
});
