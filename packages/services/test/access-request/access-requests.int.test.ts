import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { grantRequest, refuseRequest, withdrawAccessRequest } from '../../src/access-request/decide-access.ts';
import { listAccessRequests } from '../../src/access-request/list-access-requests.ts';
import { listAskable } from '../../src/access-request/list-askable.ts';
import { requestAccess } from '../../src/access-request/request-access.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { deleteGroup } from '../../src/group/delete-group.ts';
import { removeMembers } from '../../src/group/remove-members.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { listOwned } from '../../src/owner/list-owned.ts';
import { setProfileOwner, setServerOwner } from '../../src/owner/set-owner.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addApprovedServer, createDraftedProfile, discover, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
let serverId: string;

beforeAll(async () => {
  serverId = (await addApprovedServer(domain, [defineTool('get_order')])).id;
});

const getIdOf = (ctx: ServiceContext) => getActorId(ctx.actor);

async function makeServed(): Promise<{ id: string; slug: string }> {
  const profile = await createDraftedProfile(domain, [{ serverId, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  return profile;
}

async function giveTo(
  profileId: string,
  owner: { kind: 'person' | 'group'; id: string } | null,
  isAskable = true,
): Promise<void> {
  const { profile } = await getProfile({ ctx: admin, input: { profileId } });
  await setProfileOwner({ ctx: admin, input: { profileId, owner, isAskable, revision: profile.revision } });
}

const ask = (ctx: ServiceContext, profileId: string, until: Date | null = null) =>
  requestAccess({ ctx, input: { profileId, reason: 'For the desk', until: until?.toISOString() ?? null } });
const grant = (ctx: ServiceContext, requestId: string, until: Date | null = null) =>
  grantRequest({ ctx, input: { requestId, until: until?.toISOString() ?? null } });
const refuse = (ctx: ServiceContext, requestId: string) => refuseRequest({ ctx, input: { requestId, reason: 'Use Support.' } });
const findAskable = async (ctx: ServiceContext, profileId: string) =>
  (await listAskable({ ctx })).find(({ id }) => id === profileId);

test('a member asks, the owner gives until an end, and the access ends by itself', async () => {
  const { id: profileId } = await makeServed();
  const [person, owner] = [await workspace.as('member'), await workspace.as('member')];
  await giveTo(profileId, { kind: 'person', id: getIdOf(owner) });
  expect(await findAskable(person, profileId)).toMatchObject({ owner: { kind: 'person', id: getIdOf(owner) }, request: null });
  const { id } = await ask(person, profileId);
  await expectRefused('conflict', ask(person, profileId));
  expect(await findAskable(person, profileId)).toMatchObject({ request: { id, state: 'open' } });
  expect((await listAccessRequests({ ctx: owner })).rows).toMatchObject([{ id, reason: 'For the desk', isOwn: false }]);
  const until = new Date(world.runtime.now().getTime() + HOUR_MS);
  await grant(owner, id, until);
  const acts = (await readAudit(admin, profileId)).filter(({ actorId }) => actorId === getIdOf(owner));
  expect(acts.map(({ action }) => action).toSorted()).toEqual(['profile.grant_access', 'profile.grant_request']);
  const { id: keyId, expiresAt } = await createClientKey({ ctx: person, input: { profileId, name: 'Laptop' } });
  expect(expiresAt).toEqual(until);
  const readEnd = async () =>
    (await readNewestSnapshot(domain))?.content.clientKeys.find((key) => key.keyId === keyId)?.expiresAt;
  expect(await readEnd()).toBe(until.toISOString());
  await expectRefused('conflict', grant(owner, id));
  // more time is asked for while there is some
  const again = await ask(person, profileId);
  await withdrawAccessRequest({ ctx: person, input: { requestId: again.id } });
  world.advanceClock(HOUR_MS + 1_000);
  await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
  expect(await readEnd()).toBeUndefined();
  expect(await findAskable(person, profileId)).toMatchObject({ request: { state: 'withdrawn' } });
  expect((await listAccessRequests({ ctx: owner, input: { state: 'closed' } })).rows.map(({ state }) => state)).toEqual([
    'withdrawn',
    'granted',
  ]);
});

test('a refusal says why to who asked, who may ask again', async () => {
  const { id: profileId } = await makeServed();
  const person = await workspace.as('member');
  const { id } = await ask(person, profileId);
  await expectRefused('invalid', refuseRequest({ ctx: admin, input: { requestId: id, reason: ' ' } }));
  await refuse(admin, id);
  expect(await findAskable(person, profileId)).toMatchObject({ request: { state: 'refused', decision: 'Use Support.' } });
  await expectRefused('conflict', refuse(admin, id));
  await ask(person, profileId);
});

test('nobody decides their own, whatever the role, and nobody else than owner and admins decides', async () => {
  const { id: profileId } = await makeServed();
  const { id } = await ask(admin, profileId);
  expect((await expectRefused('not_permitted', grant(admin, id))).message).toContain('somebody else');
  await expectRefused('not_permitted', refuse(admin, id));
  const owner = await workspace.as('builder');
  await giveTo(profileId, { kind: 'person', id: getIdOf(owner) });
  const ofOwner = await ask(owner, profileId);
  await expectRefused('not_permitted', grant(owner, ofOwner.id));
  const person = await workspace.as('member');
  await expectRefused('not_found', grant(person, id));
  await expectRefused('not_found', withdrawAccessRequest({ ctx: person, input: { requestId: id } }));
  await expectRefused('not_permitted', grant(await workspace.as('reviewer'), id));
  await grant(owner, id);
  await grant(admin, ofOwner.id);
});

test('a group owns: who is in it decides, and whoever leaves it does not', async () => {
  const { id: profileId } = await makeServed();
  const [ada, person] = [await workspace.as('member'), await workspace.as('member')];
  const { id: groupId } = await createGroup({ ctx: admin, input: { name: 'Owners of it' } });
  const members = { groupId, membershipIds: [getIdOf(ada)] };
  await addMembers({ ctx: admin, input: members });
  await giveTo(profileId, { kind: 'group', id: groupId });
  const { id } = await ask(person, profileId);
  expect((await listAccessRequests({ ctx: ada })).rows.map((row) => row.id)).toEqual([id]);
  expect((await expectRefused('precondition', deleteGroup({ ctx: admin, input: { groupId } }))).message).toContain('owns');
  await removeMembers({ ctx: admin, input: members });
  await expectRefused('not_found', grant(ada, id));
  expect((await listAccessRequests({ ctx: ada })).rows).toEqual([]);
  await addMembers({ ctx: admin, input: members });
  await grant(ada, id);
});

test('what may not be asked for is as unknown: not published, switched off for asking, of another tenant', async () => {
  const person = await workspace.as('member');
  const draft = await createDraftedProfile(domain, [{ serverId, name: 'get_order' }]);
  await expectRefused('not_found', ask(person, draft.id));
  const { id: profileId } = await makeServed();
  await giveTo(profileId, null, false);
  await expectRefused('not_found', ask(person, profileId));
  expect(await findAskable(person, profileId)).toBeUndefined();
  await giveTo(profileId, null);
  const { id } = await ask(person, profileId);
  const other = await makeWorkspace(world.runtime);
  const stranger = await other.as('owner');
  await expectRefused('not_found', ask(stranger, profileId));
  await expectRefused('not_found', grant(stranger, id));
  await expectRefused('invalid', ask(await workspace.as('member'), profileId, new Date(0)));
});

test('of two who decide at the same moment one is first, and a key is made only once it is granted', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id: profileId } = await makeServed();
    const person = await workspace.as('member');
    const { id } = await ask(person, profileId);
    const other = await workspace.as('owner');
    const outcomes = await Promise.allSettled([grant(admin, id), refuse(other, id)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [row] = (await listAccessRequests({ ctx: admin, input: { profileId } })).rows;
    const isGranted = outcomes[0]?.status === 'fulfilled';
    expect(row?.state).toBe(isGranted ? 'granted' : 'refused');
    const key = createClientKey({ ctx: person, input: { profileId, name: 'Laptop' } });
    if (isGranted) await key;
    else await expectRefused('not_found', key);
  }
});

test('an owner who is removed owns nothing any more, and what the person asked for is withdrawn', async () => {
  const { id: profileId } = await makeServed();
  const { id: other } = await makeServed();
  const owner = await workspace.as('builder');
  await giveTo(profileId, { kind: 'person', id: getIdOf(owner) });
  await ask(owner, other);
  await removeMember({ ctx: admin, input: { membershipId: getIdOf(owner) } });
  expect((await getProfile({ ctx: admin, input: { profileId } })).profile.owner).toBeNull();
  expect((await listAccessRequests({ ctx: admin, input: { profileId: other } })).rows).toMatchObject([{ state: 'withdrawn' }]);
  await expectRefused('not_found', giveTo(profileId, { kind: 'person', id: getIdOf(owner) }));
});

test('whoever makes a profile owns it, only admins change that, and of two editors the second gets both versions', async () => {
  const { id: profileId } = await makeServed();
  const { profile } = await getProfile({ ctx: admin, input: { profileId } });
  expect(profile.owner).toMatchObject({ kind: 'person', id: getIdOf(admin) });
  const builder = await workspace.as('builder');
  const input = { profileId, owner: null, isAskable: true, revision: profile.revision };
  await expectRefused('not_permitted', setProfileOwner({ ctx: builder, input }));
  await setProfileOwner({ ctx: admin, input });
  const owner = { kind: 'person' as const, id: getIdOf(builder) };
  const refused = await expectRefused('conflict', setProfileOwner({ ctx: admin, input: { ...input, owner } }));
  expect(refused).toBeInstanceOf(EditConflictError);
  expect(refused).toMatchObject({ conflict: { present: { owner: null, isAskable: true } } });
});

test('an owner sees use, people and reviews, and what needs the owner is told', async () => {
  const { id: profileId } = await makeServed();
  const [owner, person] = [await workspace.as('builder'), await workspace.as('member')];
  await giveTo(profileId, { kind: 'person', id: getIdOf(owner) });
  const server = await addApprovedServer(domain, [defineTool('find')]);
  const input = { serverId: server.id, owner: { kind: 'person' as const, id: getIdOf(owner) }, revision: 1 };
  await expectRefused('not_permitted', setServerOwner({ ctx: owner, input }));
  await setServerOwner({ ctx: admin, input });
  const { id } = await ask(person, profileId);
  const { openReviewId } = await discover(domain, server.id, [defineTool('find'), defineTool('drop')]);
  const spool = new Spool(workspace.site.id);
  const receipt = spool.makeNext({ profileId, personId: getIdOf(person) });
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [receipt] } });
  expect(await listOwned({ ctx: owner })).toMatchObject([
    { kind: 'profile', id: profileId, calls: 1, callers: 1, lastUsedAt: expect.any(Date), people: 0 },
    { kind: 'server', id: server.id, calls: 0, openReviewId },
  ]);
  const needs = await listNeeds({ ctx: owner });
  expect(needs.items.filter(({ kind }) => kind === 'access_requested')).toMatchObject([{ id, reason: 'For the desk' }]);
  expect(needs.items.filter(({ kind }) => kind === 'owned_review')).toMatchObject([{ id: openReviewId }]);
  expect((await listNeeds({ ctx: admin })).items.map((need) => need.id)).toContain(id);
  expect((await listNeeds({ ctx: await workspace.as('auditor') })).items.map((need) => need.id)).not.toContain(id);
  expect(await listOwned({ ctx: person })).toEqual([]);
});
