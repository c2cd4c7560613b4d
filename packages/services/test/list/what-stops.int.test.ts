import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { countReads, makeAgent, makeJoinToken, makeProfile, makeServer } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getAgentStops } from '../../src/agent/get-agent-stops.ts';
import { getKeyStops } from '../../src/client-key/get-key-stops.ts';
import { getActorId } from '../../src/context.ts';
import { deleteGroup } from '../../src/group/delete-group.ts';
import { getGroupStops } from '../../src/group/get-group-stops.ts';
import { getGroup } from '../../src/group/get-group.ts';
import { MOST_NAMED, type Stop } from '../../src/list/what-stops.ts';
import { getProfileStops } from '../../src/profile/end/get-profile-stops.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { getServerStops } from '../../src/server/end/get-server-stops.ts';
import { getSiteStops } from '../../src/site/get-site-stops.ts';
import { putClientKey } from '../support/catalogue.ts';
import { addApprovedServer, createDraftedProfile, makeDomain } from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin: ctx, workspace, agent } = domain;
const [db, { tenantId }] = [getFixtureDb(world.runtime), ctx];
const siteId = workspace.site.id;
const stranger = await (await makeWorkspace(world.runtime)).as('owner');

/** Kinds with how many, and how many are named. */
const sum = (stops: Stop[]) => stops.map(({ kind, total, first }) => [kind, total, first.length]);
const find = (stops: Stop[], kind: Stop['kind']) => stops.find((stop) => stop.kind === kind)?.first;

async function serve(serverIds: string[]): Promise<{ id: string; slug: string }> {
  const profile = await createDraftedProfile(
    domain,
    serverIds.map((serverId) => ({ serverId, name: 'get_order' })),
  );
  await publishProfile({ ctx, input: { profileId: profile.id } });
  return profile;
}

test('T-35: servers, profiles, agents and keys say what stops with one and with several, and nothing of another workspace', async () => {
  const [one, two] = [
    await addApprovedServer(domain, [defineTool('get_order')]),
    await addApprovedServer(domain, [defineTool('get_order')]),
  ];
  const [served, drafted] = [
    await serve([one.id]),
    await createDraftedProfile(domain, [{ serverId: two.id, name: 'get_order' }]),
  ];
  const people = await Promise.all(Array.from({ length: MOST_NAMED + 2 }, () => workspace.as('member')));
  const keys: string[] = [];
  for (const { actor } of people) {
    const membershipId = getActorId(actor);
    await grantAccess({ ctx, input: { profileId: served.id, membershipId } });
    keys.push(await putClientKey(ctx, { profileId: served.id, membershipId }));
  }
  const all = people.length;

  const askServers = (...ids: string[]) => countReads(ctx.runtime.db, () => getServerStops({ ctx, input: { ids } }));
  const [single, several] = [await askServers(one.id), await askServers(one.id, two.id)];
  expect(sum(single.result)).toEqual([
    ['serving', 1, 1],
    ['caller', all, MOST_NAMED],
  ]);
  expect(find(single.result, 'serving')).toMatchObject([{ id: served.id, count: 1 }]);
  expect(sum(several.result)).toEqual([
    ['serving', 1, 1],
    ['naming', 1, 1],
    ['caller', all, MOST_NAMED],
  ]);
  expect(find(several.result, 'naming')).toMatchObject([{ id: drafted.id }]);
  expect(several.queries).toBe(single.queries);

  const ofProfiles = await getProfileStops({ ctx, input: { ids: [served.id, drafted.id] } });
  expect(sum(ofProfiles)).toEqual([
    ['key', all, MOST_NAMED],
    ['endpoint', 1, 1],
    ['user', all, MOST_NAMED],
  ]);
  expect(find(ofProfiles, 'endpoint')).toMatchObject([
    { of: workspace.site.name, url: `http://127.0.0.1:7300/p/${served.slug}/mcp` },
  ]);
  expect(await getProfileStops({ ctx, input: { ids: [drafted.id] } })).toEqual([]);

  const second = await makeAgent(db, tenantId, { siteId, lastSeenAt: world.runtime.now(), bufferedReceipts: 12 });
  const askAgents = (...ids: string[]) => getAgentStops({ ctx, input: { ids } });
  expect(sum(await askAgents(agent.id))).toEqual([['servedElsewhere', 1, 1]]);
  expect(sum(await askAgents(agent.id, second.id))).toEqual([
    ['unserved', 1, 1],
    ['unsent', 1, 1],
  ]);
  expect(find(await askAgents(second.id), 'unsent')).toMatchObject([{ id: second.id, count: 12 }]);

  expect(sum(await getKeyStops({ ctx, input: { ids: keys } }))).toEqual([['key', all, MOST_NAMED]]);
  const [person] = people;
  if (!person) throw new Error('Nobody is there');
  const membershipId = getActorId(person.actor);
  expect(sum(await getKeyStops({ ctx, input: { membershipId } }))).toEqual([['key', 1, 1]]);
  expect(sum(await getKeyStops({ ctx: person, input: { ids: keys } })), 'of others nothing is told').toEqual([['key', 1, 1]]);

  const ids = [one.id, two.id, served.id, agent.id, ...keys];
  for (const ask of [getServerStops, getProfileStops, getAgentStops, getKeyStops])
    expect(await ask({ ctx: stranger, input: { ids } })).toEqual([]);
});

test('join tokens end with a site, and people leave a group that is deleted', async () => {
  await makeJoinToken(db, tenantId, { siteId, agentName: 'next-01' });
  await makeJoinToken(db, tenantId, { siteId, usedAt: new Date() });
  const tokens = await getSiteStops({ ctx, input: { ids: [siteId] } });
  expect(find(tokens, 'joinToken')).toMatchObject([{ name: 'next-01' }]);
  const group = await runInTenant(db, tenantId, (tx) =>
    tx.personGroup.create({ data: { tenantId, name: 'Desk', createdBy: getActorId(ctx.actor) } }),
  );
  const input = { ids: [group.id] };
  expect(await getGroupStops({ ctx, input })).toEqual([]);
  await runInTenant(db, tenantId, (tx) =>
    tx.groupMember.create({
      data: { tenantId, groupId: group.id, membershipId: getActorId(ctx.actor), addedBy: getActorId(ctx.actor) },
    }),
  );
  expect(sum(await getGroupStops({ ctx, input }))).toEqual([['leaver', 1, 1]]);
  expect(await getGroupStops({ ctx: stranger, input })).toEqual([]);
  expect(await getSiteStops({ ctx: stranger, input: { ids: [siteId] } })).toEqual([]);
});

test('what keeps a group from being deleted is told before, and is what the refusal names', async () => {
  const { id: groupId } = await runInTenant(db, tenantId, (tx) =>
    tx.personGroup.create({ data: { tenantId, name: 'Held', createdBy: getActorId(ctx.actor) } }),
  );
  const input = { groupId };
  expect((await getGroup({ ctx, input })).dependents).toEqual({ total: 0, first: [] });
  const addedBy = getActorId(ctx.actor);
  const owned = await makeServer(db, tenantId, { name: 'A owned', ownerGroupId: groupId });
  const decided = await makeProfile(db, tenantId, { name: 'B decided' });
  const both = await makeProfile(db, tenantId, { name: 'C given and owned', ownerGroupId: groupId });
  await runInTenant(db, tenantId, async (tx) => {
    await tx.approver.create({ data: { tenantId, profileId: decided.id, groupId, addedBy } });
    await tx.profileGroup.create({ data: { tenantId, profileId: both.id, groupId, grantedBy: addedBy } });
  });
  const { dependents } = await getGroup({ ctx, input });
  expect(dependents).toMatchObject({
    total: 3,
    first: [
      { kind: 'server', id: owned.id },
      { kind: 'profile', id: decided.id },
      { kind: 'profile', id: both.id },
    ],
  });
  const { message } = await expectRefused('precondition', deleteGroup({ ctx, input }));
  for (const { name } of dependents.first) expect(message).toContain(name);
});
