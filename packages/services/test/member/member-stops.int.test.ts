import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { countReads, makeMembership, makeProfile, makeServer } from '@gatehouse/db/testing';

import { getActorId } from '../../src/context.ts';
import { MOST_NAMED, type Stop } from '../../src/list/what-stops.ts';
import { getMemberStops } from '../../src/member/get-member-stops.ts';
import { removePeople } from '../../src/member/remove-member.ts';
import { putClientKey } from '../support/catalogue.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const workspace = await makeWorkspace(world.runtime);
const ctx = await workspace.as('owner');
const [db, { tenantId }] = [getFixtureDb(world.runtime), ctx];
const addedBy = getActorId(ctx.actor);
const DAY_MS = 86_400_000;
const addDays = (days: number) => new Date(world.runtime.now().getTime() + days * DAY_MS);

const write = <T>(work: Parameters<typeof runInTenant<T>>[2]) => runInTenant(db, tenantId, work);
const makePerson = async (role: 'member' | 'reviewer' = 'member') => (await makeMembership(db, tenantId, { role })).id;
const getStops = (...ids: string[]) => getMemberStops({ ctx, input: { ids } });
/** Kinds with how many, and the names of the first. */
const sum = (stops: Stop[]) =>
  Object.fromEntries(stops.map(({ kind, total, first }) => [kind, [total, ...first.map(({ name }) => name)]]));

const give = (profileId: string, membershipId: string, until: Date | null = null) =>
  write((tx) => tx.profileAccess.create({ data: { tenantId, profileId, membershipId, grantedBy: addedBy, until } }));

/** A group of these people. */
const makeGroup = (name: string, ...people: string[]) =>
  write(async (tx) => {
    const { id } = await tx.personGroup.create({ data: { tenantId, name, createdBy: addedBy } });
    await tx.groupMember.createMany({ data: people.map((membershipId) => ({ tenantId, groupId: id, membershipId, addedBy })) });
    return id;
  });

test('who has nothing here stops nothing', async () => {
  expect(await getStops(await makePerson())).toEqual([]);
});

test('all that is one person’s is named: profiles by name and by a group, keys that work, groups, requests, links', async () => {
  const person = await makePerson();
  const [named, grouped, ended, asked] = await Promise.all(
    ['Named', 'Grouped', 'Ended', 'Asked'].map(async (name) => (await makeProfile(db, tenantId, { name })).id),
  );
  const groupId = await makeGroup('Desk', person, addedBy);
  await give(named!, person);
  await give(ended!, person, addDays(-1));
  await write((tx) => tx.profileGroup.create({ data: { tenantId, profileId: grouped!, groupId, grantedBy: addedBy } }));
  const [used, other] = [
    await putClientKey(ctx, { profileId: named!, membershipId: person }),
    await putClientKey(ctx, { profileId: named!, membershipId: person }),
  ];
  const gone = await putClientKey(ctx, { profileId: named!, membershipId: person });
  await putClientKey(ctx, { profileId: named!, membershipId: addedBy });
  const lastUsedAt = addDays(-2);
  await write(async (tx) => {
    const edit = (id: string, data: object) => tx.clientKey.update({ where: { tenantId_id: { tenantId, id } }, data });
    await edit(used, { name: 'laptop', lastUsedAt });
    await edit(other, { name: 'ci' });
    await edit(gone, { revokedAt: new Date() });
    const request = { tenantId, profileId: asked!, membershipId: person, reason: 'x' };
    await tx.accessRequest.create({ data: request });
    await tx.accessRequest.create({ data: { ...request, profileId: named!, state: 'granted' } });
    const link = { tenantId, kind: 'invitation' as const, email: 'new@example.com', role: 'member' as const, createdBy: person };
    await tx.accountToken.create({ data: { ...link, tokenHash: randomUUID(), expiresAt: addDays(1) } });
    await tx.accountToken.create({
      data: { ...link, email: 'late@example.com', tokenHash: randomUUID(), expiresAt: addDays(-1) },
    });
  });
  const stops = await getStops(person);
  expect(sum(stops)).toEqual({
    access: [2, 'Grouped', 'Named'],
    key: [2, 'laptop', 'ci'],
    group: [1, 'Desk'],
    request: [1, 'Asked'],
    link: [1, 'new@example.com'],
  });
  expect(stops.find(({ kind }) => kind === 'key')?.first[0]).toMatchObject({ of: 'Named', at: lastUsedAt });
});

test('nobody answers for what they own alone or in a group of their own, nor decides what they alone decide', async () => {
  const [one, two, third] = [await makePerson('reviewer'), await makePerson('reviewer'), await makePerson('reviewer')];
  const [pair, mixed] = [await makeGroup('Pair', one, two), await makeGroup('Mixed', one, third)];
  const own = { ownerMembershipId: one };
  await makeProfile(db, tenantId, { name: 'Own', ...own });
  await makeProfile(db, tenantId, { name: 'Archived', ...own, archivedAt: new Date(), disabledAt: new Date() });
  const ofPair = await makeServer(db, tenantId, { name: 'Of the pair', ownerGroupId: pair });
  await makeServer(db, tenantId, { name: 'Of others too', ownerGroupId: mixed });
  const decided = await makeProfile(db, tenantId, { name: 'Decided' });
  await write(async (tx) => {
    await tx.approver.create({ data: { tenantId, serverId: ofPair.id, groupId: pair, addedBy } });
    await tx.approver.create({ data: { tenantId, profileId: decided.id, membershipId: one, addedBy } });
    await tx.approver.create({ data: { tenantId, profileId: decided.id, groupId: mixed, addedBy } });
  });
  expect(sum(await getStops(one))).toEqual({ unownedProfile: [1, 'Own'], group: [2, 'Mixed', 'Pair'] });
  expect(sum(await getStops(one, two))).toEqual({
    unownedProfile: [1, 'Own'],
    unownedServer: [1, 'Of the pair'],
    undecidedServer: [1, 'Of the pair'],
    group: [2, 'Pair', 'Mixed'],
  });
  expect(sum(await getStops(one, two, third))).toMatchObject({
    unownedServer: [2, 'Of others too', 'Of the pair'],
    undecidedProfile: [1, 'Decided'],
  });
});

test('of many people each thing is counted once, the first few are named, and one statement does it', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, () => makePerson()));
  const profiles = await Promise.all(
    Array.from({ length: 9 }, async (_, index) => (await makeProfile(db, tenantId, { name: `Wide ${index}` })).id),
  );
  await write((tx) =>
    tx.profileAccess.createMany({
      data: people.flatMap((membershipId, index) =>
        profiles.slice(0, index === 0 ? 9 : 8).map((profileId) => ({ tenantId, profileId, membershipId, grantedBy: addedBy })),
      ),
    }),
  );
  for (const membershipId of people) await putClientKey(ctx, { profileId: profiles[0]!, membershipId });
  const ask = (ids: string[]) => countReads(ctx.runtime.db, () => getStops(...ids));
  const [few, many] = [await ask(people.slice(0, 1)), await ask(people)];
  expect(sum(few.result)).toMatchObject({
    access: [9, 'Wide 0', 'Wide 1', 'Wide 2', 'Wide 3', 'Wide 4'],
    key: [1, expect.any(String)],
  });
  const [access, key] = many.result;
  expect(access).toMatchObject({ kind: 'access', total: 9 });
  expect(access?.first.map(({ count }) => count)).toEqual(Array.from({ length: MOST_NAMED }, () => 12));
  expect(key).toMatchObject({ kind: 'key', total: 12 });
  expect(key?.first).toHaveLength(MOST_NAMED);
  expect(many.queries).toBe(few.queries);
  // what was said is what comes to be
  expect(await removePeople({ ctx, input: { ids: people } })).toEqual({ refused: [] });
  expect(await getStops(...people)).toEqual([]);
});

test('T-35: who is of another workspace stops nothing here, and who may not remove anybody asks nothing', async () => {
  const there = await makeWorkspace(world.runtime);
  const person = await makePerson();
  const { id: profileId } = await makeProfile(db, tenantId);
  await give(profileId, person);
  const input = { ids: [person] };
  expect(await getMemberStops({ ctx: await there.as('owner'), input })).toEqual([]);
  expect(sum(await getStops(person, randomUUID()))).toMatchObject({ access: [1, expect.any(String)] });
  for (const role of ['reviewer', 'auditor', 'builder', 'member'] as const)
    await expectRefused('not_permitted', getMemberStops({ ctx: await workspace.as(role), input }));
  await expectRefused('invalid', getMemberStops({ ctx, input: { ids: [] } }));
});
