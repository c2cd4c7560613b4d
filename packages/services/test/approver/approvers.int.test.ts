import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { grantRequest } from '../../src/access-request/decide-access.ts';
import { listAccessRequests } from '../../src/access-request/list-access-requests.ts';
import { requestAccess } from '../../src/access-request/request-access.ts';
import { setApprovers } from '../../src/approver/set-approvers.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { deleteGroup } from '../../src/group/delete-group.ts';
import { removeMembers } from '../../src/group/remove-members.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { setServerOwner } from '../../src/owner/set-owner.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import { changeRole } from '../support/accounts.ts';
import {
  addApprovedServer,
  addServer,
  confirm,
  createDraftedProfile,
  defineDestructive,
  discover,
  listChoices,
  makeDomain,
} from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, reviewer, second, workspace } = domain;
let serverId: string;

beforeAll(async () => {
  serverId = (await addApprovedServer(domain, [defineTool('get_order')])).id;
});

const getIdOf = (ctx: ServiceContext) => getActorId(ctx.actor);
const toPerson = (ctx: ServiceContext) => ({ kind: 'person' as const, id: getIdOf(ctx) });
const listNeedKinds = async (ctx: ServiceContext, id: string) =>
  (await listNeeds({ ctx })).items.filter((need) => need.id === id).map(({ kind }) => kind);

type Party = { kind: 'person' | 'group'; id: string };

async function nameForServer(id: string, approvers: Party[], ctx = admin) {
  const { revision } = await getServer({ ctx: admin, input: { serverId: id } });
  return setApprovers({ ctx, input: { of: { kind: 'server', id }, approvers, revision } });
}

async function nameForProfile(id: string, approvers: Party[], ctx = admin) {
  const { profile } = await getProfile({ ctx: admin, input: { profileId: id } });
  return setApprovers({ ctx, input: { of: { kind: 'profile', id }, approvers, revision: profile.revision } });
}

async function makeGroup(name: string, ...people: ServiceContext[]): Promise<Party> {
  const { id } = await createGroup({ ctx: admin, input: { name } });
  if (people.length > 0) await addMembers({ ctx: admin, input: { groupId: id, membershipIds: people.map(getIdOf) } });
  return { kind: 'group', id };
}

const leave = (group: Party, person: ServiceContext) =>
  removeMembers({ ctx: admin, input: { groupId: group.id, membershipIds: [getIdOf(person)] } });

async function openReview(tools = [defineTool('find')]): Promise<{ id: string; reviewId: string }> {
  const { id } = await addServer(domain);
  const { openReviewId } = await discover(domain, id, tools);
  return { id, reviewId: openReviewId ?? '' };
}

async function decide(ctx: ServiceContext, reviewId: string, changes = {}, rest: Partial<DecideReview> = {}) {
  return decideReview({ ctx, input: { reviewId, decisions: await listChoices(ctx, reviewId, changes), ...rest } });
}

async function makeServed(): Promise<string> {
  const { id } = await createDraftedProfile(domain, [{ serverId, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  return id;
}

const ask = (ctx: ServiceContext, profileId: string) =>
  requestAccess({ ctx, input: { profileId, reason: 'For the desk', until: null } });
const grant = (ctx: ServiceContext, requestId: string) => grantRequest({ ctx, input: { requestId, until: null } });

test('who is named approves what a server offers, alone of all whose role would, and leaving the group ends it at once', async () => {
  const { id, reviewId } = await openReview();
  const group = await makeGroup('Security', second);
  await nameForServer(id, [group]);
  expect((await getServer({ ctx: reviewer, input: { serverId: id } })).approvers).toMatchObject([
    { ...group, name: 'Security', people: 1 },
  ]);
  const { canApprove } = await getReview({ ctx: reviewer, input: { reviewId } });
  expect((await expectRefused('not_permitted', decide(reviewer, reviewId))).message).toBe(canApprove.reason);
  expect(canApprove.reason).toContain('Others are named');
  expect(await listNeedKinds(reviewer, reviewId)).toEqual([]);
  expect(await listNeedKinds(second, reviewId)).toEqual(['review_open']);
  await leave(group, second);
  await expectRefused('not_permitted', decide(second, reviewId));
  await addMembers({ ctx: admin, input: { groupId: group.id, membershipIds: [getIdOf(second)] } });
  expect(await decide(second, reviewId)).toMatchObject({ approved: 1 });
});

test('whoever is not named may reject: that gives nobody anything', async () => {
  const { id, reviewId } = await openReview();
  await nameForServer(id, [toPerson(second)]);
  expect(await decide(reviewer, reviewId, { find: { verdict: 'rejected' } })).toMatchObject({ rejected: 1 });
});

test('author is not approver, named or not; and what takes two takes two who are named', async () => {
  const { id, reviewId } = await openReview([defineDestructive('drop')]);
  await nameForServer(id, [toPerson(admin), toPerson(second)]);
  expect((await expectRefused('not_permitted', decide(admin, reviewId))).message).toContain('You added this server');
  await decide(second, reviewId);
  expect((await expectRefused('not_permitted', confirm(domain, reviewId, reviewer))).message).toContain('names another one');
  const owner = await workspace.as('owner');
  // one approver is no need to break the glass: another one can be named
  await expectRefused('not_permitted', decide(owner, reviewId, {}, { again: true, breakGlass: true, reason: 'Now' }));
  await nameForServer(id, [toPerson(second), toPerson(reviewer)]);
  await confirm(domain, reviewId, reviewer);
});

test('a first decision counts no more once the duty of whoever made it has ended', async () => {
  const { id, reviewId } = await openReview([defineDestructive('drop')]);
  const group = await makeGroup('First look', reviewer, second);
  await nameForServer(id, [group]);
  await decide(reviewer, reviewId);
  await leave(group, reviewer);
  expect((await expectRefused('not_permitted', confirm(domain, reviewId, second))).message).toContain('may not decide any more');
});

test('who says who decides, or who owns, has brought nothing in', async () => {
  const { id, reviewId } = await openReview();
  const other = await workspace.as('admin');
  await nameForServer(id, [toPerson(other)], other);
  const { revision } = await getServer({ ctx: admin, input: { serverId: id } });
  await setServerOwner({ ctx: other, input: { serverId: id, owner: toPerson(other), revision } });
  expect(await decide(other, reviewId)).toMatchObject({ approved: 1 });
});

test('approvers decide on who asks for a profile in the place of the roles, beside its owner, and never on their own', async () => {
  const profileId = await makeServed();
  const [lead, person, other] = [await workspace.as('member'), await workspace.as('member'), await workspace.as('admin')];
  const group = await makeGroup('Team leads', lead);
  const { id } = await ask(person, profileId);
  await expectRefused('not_found', grant(lead, id));
  expect((await listAccessRequests({ ctx: lead })).rows).toEqual([]);
  await nameForProfile(profileId, [group]);
  expect((await listAccessRequests({ ctx: lead })).rows.map((row) => row.id)).toEqual([id]);
  expect((await expectRefused('not_permitted', grant(other, id))).message).toContain('Team leads');
  expect((await listAccessRequests({ ctx: other, input: { profileId } })).rows).toEqual([]);
  expect(await listNeedKinds(other, id)).toEqual([]);
  const own = await ask(lead, profileId);
  expect((await expectRefused('not_permitted', grant(lead, own.id))).message).toContain('yourself');
  await leave(group, lead);
  await expectRefused('not_found', grant(lead, id));
  await addMembers({ ctx: admin, input: { groupId: group.id, membershipIds: [getIdOf(lead)] } });
  await grant(lead, id);
  // its owner
  await grant(admin, own.id);
});

test('approvers who are gone leave nobody who decides, and that is told with where', async () => {
  const { id, reviewId } = await openReview();
  const profileId = await makeServed();
  const [leaving, person] = [await workspace.as('reviewer'), await workspace.as('member')];
  const empty = await makeGroup('Empty');
  await nameForServer(id, [toPerson(leaving)]);
  await nameForProfile(profileId, [empty]);
  expect(await listNeedKinds(admin, id)).toEqual([]);
  expect(await listNeedKinds(admin, profileId)).toEqual(['approvers_gone']);
  // another role decides no reviews
  await changeRole({ ctx: admin, input: { membershipId: getIdOf(leaving), role: 'auditor' } });
  expect(await listNeedKinds(admin, id)).toEqual(['approvers_gone']);
  await removeMember({ ctx: admin, input: { membershipId: getIdOf(leaving) } });
  expect((await getServer({ ctx: admin, input: { serverId: id } })).approvers).toMatchObject([{ people: 0 }]);
  await expectRefused('not_permitted', decide(reviewer, reviewId));
  const { id: requestId } = await ask(person, profileId);
  await expectRefused('not_permitted', grant(await workspace.as('owner'), requestId));
  await nameForServer(id, []);
  await nameForProfile(profileId, []);
  expect(await listNeedKinds(admin, id)).toEqual([]);
  await decide(reviewer, reviewId);
  await grant(await workspace.as('owner'), requestId);
});

test('a group that decides is not deleted without naming on what', async () => {
  const { id } = await openReview();
  const profileId = await makeServed();
  const group = await makeGroup('Deciders');
  const of = {
    server: await getServer({ ctx: admin, input: { serverId: id } }),
    profile: (await getProfile({ ctx: admin, input: { profileId } })).profile,
  };
  await nameForServer(id, [group]);
  await nameForProfile(profileId, [group]);
  const { message } = await expectRefused('precondition', deleteGroup({ ctx: admin, input: { groupId: group.id } }));
  expect(message).toContain('decides on');
  expect(message).toContain(of.server.name);
  expect(message).toContain(of.profile.name);
  await nameForServer(id, []);
  await nameForProfile(profileId, []);
  await deleteGroup({ ctx: admin, input: { groupId: group.id } });
});

test('admins alone say who decides, the log names them, and of two editors the second gets both versions', async () => {
  const { id } = await openReview();
  const input = { of: { kind: 'server' as const, id }, approvers: [toPerson(second)], revision: 1 };
  await expectRefused('not_permitted', setApprovers({ ctx: reviewer, input }));
  await expectRefused('not_found', setApprovers({ ctx: (await makeDomain(await makeWorkspace(world.runtime))).admin, input }));
  const gone = await workspace.as('member');
  await removeMember({ ctx: admin, input: { membershipId: getIdOf(gone) } });
  await expectRefused('not_found', setApprovers({ ctx: admin, input: { ...input, approvers: [toPerson(gone)] } }));
  expect(await setApprovers({ ctx: admin, input })).toEqual({ revision: 2 });
  expect(await setApprovers({ ctx: admin, input })).toEqual({ revision: 2 });
  const acts = (await readAudit(admin, id)).filter(({ action }) => action === 'server.set_approvers');
  expect(acts).toMatchObject([{ before: { approvers: ['whoever has the role'] }, after: { approvers: [expect.any(String)] } }]);
  const refused = await expectRefused('conflict', setApprovers({ ctx: admin, input: { ...input, approvers: [] } }));
  expect(refused).toBeInstanceOf(EditConflictError);
  expect(refused).toMatchObject({ conflict: { present: { approvers: [toPerson(second)] } } });
});
