import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeJoinToken, makeMembership, makeProfile } from '@gatehouse/db/testing';

import { grantRequests, refuseRequests } from '../../src/access-request/decide-many.ts';
import { listAccessRequests } from '../../src/access-request/list-access-requests.ts';
import { addLabels } from '../../src/agent/add-labels.ts';
import { getAgent } from '../../src/agent/get-agent.ts';
import { revokeAgents } from '../../src/agent/revoke-agent.ts';
import { listClientKeys } from '../../src/client-key/list-client-keys.ts';
import { revokeEachKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { revokeJoinTokens } from '../../src/join-token/revoke-join-token.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { removePeople } from '../../src/member/remove-member.ts';
import { archiveProfiles, restoreProfiles } from '../../src/profile/end/archive-profile.ts';
import { listProfilePeople } from '../../src/profile/list-profile-people.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { archiveServers, restoreServers } from '../../src/server/end/archive-server.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { putClientKey } from '../support/catalogue.ts';
import { addServer, makeDomain } from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin: ctx, workspace } = domain;
const [db, { tenantId }] = [getFixtureDb(world.runtime), ctx];
const siteId = workspace.site.id;
/** The outcome that one place is refused. */
const refuse = (at: number, code: string) => ({ refused: [{ at, code, message: expect.stringMatching(/\S/) }] });
const NONE = { refused: [] };

test('agents are revoked and labelled together, each with its own entry in the log, and what is refused says so', async () => {
  const [one, two] = [await makeAgent(db, tenantId, { siteId }), await makeAgent(db, tenantId, { siteId })];
  const nobody = randomUUID();
  const ids = [one.id, nobody, two.id];
  await addLabels({ ctx, input: { ids: [one.id], labels: { rack: 'a' } } });
  expect(await addLabels({ ctx, input: { ids, labels: { region: 'eu' } } })).toEqual(refuse(1, 'not_found'));
  expect((await getAgent({ ctx, input: { agentId: one.id } })).labels).toEqual({ rack: 'a', region: 'eu' });
  expect(await revokeAgents({ ctx, input: { ids } })).toEqual(refuse(1, 'not_found'));
  for (const { id } of [one, two]) {
    expect((await getAgent({ ctx, input: { agentId: id } })).status).toBe('Revoked');
    expect((await readAudit(ctx, id)).map(({ action }) => action)).toContain('agent.revoke');
  }
});

test('of join tokens the one that was used is refused', async () => {
  const open = await makeJoinToken(db, tenantId, { siteId });
  const used = await makeJoinToken(db, tenantId, { siteId, usedAt: new Date() });
  expect(await revokeJoinTokens({ ctx, input: { ids: [used.id, open.id] } })).toEqual(refuse(0, 'conflict'));
});

test('servers and profiles are archived together, and brought back by undoing that', async () => {
  const [server, other] = [await addServer(domain), await addServer(domain)];
  expect(await archiveServers({ ctx, input: { ids: [server.id] } })).toEqual(NONE);
  const again = await archiveServers({ ctx, input: { ids: [server.id, other.id] } });
  expect(again).toEqual(refuse(0, 'conflict'));
  expect((await listServers({ ctx, input: { archived: true } })).total).toBe(2);
  await restoreServers({ ctx, input: { ids: [server.id, other.id] } });
  expect((await listServers({ ctx, input: { archived: true } })).total).toBe(0);

  const ids = [(await makeProfile(db, tenantId)).id, (await makeProfile(db, tenantId)).id];
  expect(await archiveProfiles({ ctx, input: { ids } })).toEqual(NONE);
  expect((await listProfiles({ ctx, input: { archived: true } })).total).toBe(2);
  expect(await restoreProfiles({ ctx, input: { ids } })).toEqual(NONE);
});

test('people are removed together; nobody removes an owner so who is none', async () => {
  const member = await makeMembership(db, tenantId, { role: 'member' });
  const owner = getActorId((await workspace.as('owner')).actor);
  expect((await removePeople({ ctx, input: { ids: [owner, member.id] } })).refused.map(({ at }) => at)).toEqual([0]);
  expect((await listMembers({ ctx, input: { limit: 200 } })).rows.map(({ id }) => id)).not.toContain(member.id);
});

test('keys are revoked together, by whoever may manage them, and by others only the own', async () => {
  const { id: profileId } = await makeProfile(db, tenantId);
  const person = await workspace.as('member');
  const own = await putClientKey(ctx, { profileId, membershipId: getActorId(person.actor) });
  const foreign = await putClientKey(ctx, { profileId, membershipId: getActorId(ctx.actor) });
  const ids = [foreign, own];
  expect(await revokeEachKey({ ctx: person, input: { ids } })).toEqual(refuse(0, 'not_found'));
  expect(await revokeEachKey({ ctx, input: { ids } })).toEqual(refuse(1, 'conflict'));
  expect((await listClientKeys({ ctx, input: { profileId, state: 'live' } })).total).toBe(0);
});

test('requests are granted together until the end that each asked for, or refused with one reason, and never the own', async () => {
  const { id: profileId } = await makeProfile(db, tenantId, { publishedVersion: 1 });
  const wantedUntil = new Date(world.runtime.now().getTime() + 3_600_000);
  const ask = async (membershipId: string, until: Date | null) =>
    runInTenant(db, tenantId, (tx) =>
      tx.accessRequest.create({ data: { tenantId, profileId, membershipId, reason: 'x', wantedUntil: until } }),
    );
  const [one, two] = [await makeMembership(db, tenantId), await makeMembership(db, tenantId)];
  const [until, ever, own] = [await ask(one.id, wantedUntil), await ask(two.id, null), await ask(getActorId(ctx.actor), null)];
  expect(await grantRequests({ ctx, input: { ids: [until.id, own.id, ever.id] } })).toEqual(refuse(1, 'not_permitted'));
  const { rows } = await listProfilePeople({ ctx, input: { profileId, sort: 'until' } });
  expect(rows.map((row) => [row.membershipId, row.until])).toEqual([
    [one.id, wantedUntil],
    [two.id, null],
  ]);
  const third = await ask((await makeMembership(db, tenantId)).id, null);
  await expectRefused('invalid', refuseRequests({ ctx, input: { ids: [third.id], reason: ' ' } }));
  expect(await refuseRequests({ ctx, input: { ids: [third.id, until.id], reason: 'Not now' } })).toEqual(refuse(1, 'conflict'));
  const { rows: closed } = await listAccessRequests({ ctx, input: { profileId, state: 'closed' } });
  expect(closed.find(({ id }) => id === third.id)).toMatchObject({ state: 'refused', decision: 'Not now' });
});

test('T-35: what is of another workspace is as unknown, and who may not do it to one does it to none', async () => {
  const stranger = await makeDomain(await makeWorkspace(world.runtime));
  const { id } = await makeAgent(db, tenantId, { siteId });
  expect(await revokeAgents({ ctx: stranger.admin, input: { ids: [id] } })).toEqual(refuse(0, 'not_found'));
  const [member, input] = [await workspace.as('member'), { ids: [id] }];
  const auditor = await workspace.as('auditor');
  for (const act of [
    () => revokeAgents({ ctx: member, input }),
    () => addLabels({ ctx: member, input: { ...input, labels: { region: 'eu' } } }),
    () => revokeJoinTokens({ ctx: member, input }),
    () => removePeople({ ctx: auditor, input }),
    () => archiveServers({ ctx: auditor, input }),
    () => restoreServers({ ctx: auditor, input }),
    () => archiveProfiles({ ctx: member, input }),
    () => restoreProfiles({ ctx: member, input }),
  ])
    await expectRefused('not_permitted', act());
  await expectRefused('invalid', revokeAgents({ ctx, input: { ids: [] } }));
});
