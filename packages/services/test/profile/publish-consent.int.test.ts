import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { removeMembers } from '../../src/group/remove-members.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { updateMember } from '../../src/member/update-member.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { listOwned } from '../../src/owner/list-owned.ts';
import { setProfileOwner } from '../../src/owner/set-owner.ts';
import { consentPublish } from '../../src/profile/consent/consent-publish.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { archiveProfile } from '../../src/profile/end/archive-profile.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { listVersions } from '../../src/profile/history/list-versions.ts';
import { previewRollBack } from '../../src/profile/history/preview-roll-back.ts';
import { rollBackProfile } from '../../src/profile/history/roll-back-profile.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { sendBackRequest, withdrawRequest } from '../../src/profile/request/decide-request.ts';
import { getPublishRequest } from '../../src/profile/request/get-publish-request.ts';
import { listPublishRequests } from '../../src/profile/request/list-publish-requests.ts';
import { requestPublish } from '../../src/profile/request/request-publish.ts';
import { disableProfile } from '../../src/profile/switch-profile.ts';
import { updateProfile } from '../../src/profile/update-profile.ts';
import { createSite } from '../../src/site/create-site.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import {
  addApprovedServer,
  approveReview,
  createDraftedProfile,
  discover,
  listServed,
  makeDomain,
  readNewestSnapshot,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
const builder = await workspace.as('builder');
const boss = await workspace.as('owner');
let server: { id: string };

beforeAll(async () => {
  server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('refund'), defineTool('note')]);
});

const getIdOf = (ctx: ServiceContext) => getActorId(ctx.actor);
const toPerson = (ctx: ServiceContext) => ({ kind: 'person' as const, id: getIdOf(ctx) });
type Owner = Parameters<typeof setProfileOwner>[0]['input']['owner'];

/** A profile that an admin has made and given to somebody. */
async function makeOwned(owner: Owner, tools = ['get_order']): Promise<string> {
  const { id } = await createDraftedProfile(
    domain,
    tools.map((name) => ({ serverId: server.id, name })),
  );
  await give(id, owner);
  return id;
}

async function give(profileId: string, owner: Owner): Promise<void> {
  const { revision } = (await getProfile({ ctx: admin, input: { profileId } })).profile;
  await setProfileOwner({ ctx: admin, input: { profileId, owner, isAskable: true, revision } });
}

const choose = (profileId: string, tools: string[], ctx = admin) =>
  saveDraft({
    ctx,
    input: { profileId, draft: { entries: tools.map((name) => ({ kind: 'tool', serverId: server.id, name })) } },
  });
const publish = (profileId: string, ctx = admin) => publishProfile({ ctx, input: { profileId } });
const ask = (profileId: string, ctx = builder) => requestPublish({ ctx, input: { profileId } });
const look = (requestId: string, ctx = admin) => getPublishRequest({ ctx, input: { requestId } });
const list = async (profileId: string) => (await listPublishRequests({ ctx: admin, input: { profileId } })).rows;
const readVersions = async (profileId: string) => (await listVersions({ ctx: admin, input: { profileId } })).rows;
const readVersion = async (profileId: string) =>
  (await getProfile({ ctx: admin, input: { profileId } })).published?.version ?? null;
const listNeedKinds = async (ctx: ServiceContext, id: string) =>
  (await listNeeds({ ctx })).items.filter((need) => need.id === id).map(({ kind }) => kind);
const listOwnRequests = async (ctx: ServiceContext) =>
  (await listOwned({ ctx })).flatMap(({ openRequestId }) => openRequestId ?? []);

/** Agrees to what is there now. */
async function consent(requestId: string, ctx: ServiceContext, reason?: string) {
  const { offer } = await look(requestId, ctx);
  return consentPublish({ ctx, input: { requestId, expected: offer?.offerHash ?? 'a'.repeat(64), reason } });
}

/** Published by an admin; waits for its owner. */
async function publishOwned(owner: Owner, tools?: string[]): Promise<{ id: string; requestId: string }> {
  const id = await makeOwned(owner, tools);
  const { requestId } = await publish(id);
  return { id, requestId: requestId ?? '' };
}

test('what an admin publishes waits for the owner, a plain member, who reads it, agrees, and publishes it in the name of the admin', async () => {
  const owner = await workspace.as('member');
  const id = await makeOwned(toPerson(owner));
  const settled = await publish(id);
  expect(settled).toMatchObject({ version: 1, sites: [], asks: expect.any(String), requestId: expect.any(String) });
  const requestId = settled.requestId ?? '';
  expect(await readVersion(id)).toBeNull();
  expect(await listOwnRequests(owner)).toEqual([requestId]);
  const detail = await look(requestId, owner);
  expect(detail).toMatchObject({
    request: { state: 'open', proposed: { by: { id: getIdOf(admin) } }, consented: null },
    problem: null,
    canSendBack: true,
    canPublish: false,
    offer: {
      version: 1,
      published: null,
      isProposed: true,
      isAgreed: false,
      canConsent: { ok: true },
      takesReason: false,
      missing: expect.stringContaining('has to agree'),
      sites: [expect.any(String)],
    },
  });
  expect(detail.offer?.document.entries.map(({ name }) => name)).toEqual(['get_order']);
  // nothing more than that is theirs to see
  await expectRefused('not_found', getProfile({ ctx: owner, input: { profileId: id } }));
  await expectRefused('not_permitted', listPublishRequests({ ctx: owner }));
  expect(await consent(requestId, owner)).toMatchObject({ version: 1, sites: [expect.anything()] });
  expect(await readVersion(id)).toBe(1);
  expect(await readVersions(id)).toMatchObject([
    { number: 1, publishedBy: { id: getIdOf(admin) }, agreedBy: { id: getIdOf(owner) }, withoutOwner: null },
  ]);
  expect(await list(id)).toMatchObject([{ state: 'published', version: 1, decidedBy: { id: getIdOf(admin) } }]);
  expect(listServed(await readNewestSnapshot(domain)).map(({ name }) => name)).toContain('get_order');
  expect((await readAudit(admin, id)).slice(-2)).toMatchObject([
    { action: 'profile.publish', actorId: getIdOf(admin), after: { version: 1, asksOwner: expect.any(String) } },
    { action: 'profile.consent', actorId: getIdOf(owner), after: { version: 1, requestId } },
  ]);
  expect(await listOwnRequests(owner)).toEqual([]);
});

test('the needs say who waits for whom, and end with it', async () => {
  const owner = await workspace.as('auditor');
  const { id, requestId } = await publishOwned(toPerson(owner));
  const needs = async (ctx: ServiceContext) => (await listNeeds({ ctx })).items.filter((need) => need.id === requestId);
  expect(await needs(owner)).toMatchObject([
    { kind: 'owned_publish', path: `/publish-requests/${requestId}`, since: expect.any(Date) },
  ]);
  expect(await needs(admin)).toMatchObject([{ kind: 'publish_waits', since: expect.any(Date), place: expect.any(String) }]);
  expect(await needs(builder)).toEqual([]);
  await consent(requestId, owner);
  expect([await needs(owner), await needs(admin)]).toEqual([[], []]);
  // of a group it is nobody's who publishes and is in it
  const { id: groupId } = await createGroup({ ctx: admin, input: { name: `Desk ${randomUUID()}` } });
  await addMembers({ ctx: admin, input: { groupId, membershipIds: [getIdOf(owner)] } });
  await give(id, { kind: 'group', id: groupId });
  await choose(id, ['refund']);
  const { requestId: next } = await publish(id);
  expect(await listNeedKinds(admin, next ?? '')).toEqual(['publish_waits']);
  expect(await listNeedKinds(owner, next ?? '')).toEqual(['owned_publish']);
});

test('nothing waits where the owner made it, publishes it, or is not there', async () => {
  const { id } = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  expect(await publish(id)).toMatchObject({ version: 1, asks: null });
  const ofBuilder = await createProfile({ ctx: builder, input: { name: 'Built by one', siteIds: [workspace.site.id] } });
  await choose(ofBuilder.id, ['get_order'], builder);
  expect(await publish(ofBuilder.id)).toMatchObject({ asks: null });
  const second = await workspace.as('admin');
  expect(await publish(await makeOwned(toPerson(second)), second)).toMatchObject({ asks: null });
  expect(await publish(await makeOwned(null))).toMatchObject({ asks: null });
  const leaver = await workspace.as('member');
  const left = await makeOwned(toPerson(leaver));
  await removeMember({ ctx: boss, input: { membershipId: getIdOf(leaver) } });
  expect(await publish(left)).toMatchObject({ asks: null });
});

test('an owner who asks has agreed to exactly that, and is asked anew when the draft is another one', async () => {
  const owner = await workspace.as('builder');
  const same = await makeOwned(toPerson(owner));
  await ask(same, owner);
  expect(await publish(same)).toMatchObject({ version: 1, asks: null });
  expect((await readAudit(admin, same)).at(-1)).toMatchObject({ after: { agreedBy: getIdOf(owner) } });
  const other = await makeOwned(toPerson(owner));
  await ask(other, owner);
  await choose(other, ['refund']);
  const settled = await publish(other);
  expect(settled.asks).not.toBeNull();
  expect(await list(other)).toMatchObject([{ id: settled.requestId, state: 'open', requestedBy: { id: getIdOf(owner) } }]);
  expect(await consent(settled.requestId ?? '', owner)).toMatchObject({ version: 1 });
  const stale = await makeOwned(toPerson(owner));
  const { contentHash: expected } = await previewProfile({ ctx: owner, input: { profileId: stale } });
  await choose(stale, ['refund']);
  await expectRefused('conflict', requestPublish({ ctx: owner, input: { profileId: stale, expected } }));
});

test('a builder asks; the owner agrees before or after an admin publishes', async () => {
  const owner = await workspace.as('auditor');
  const before = await makeOwned(toPerson(owner));
  const first = await ask(before);
  expect(await listNeedKinds(owner, first.id)).toEqual(['owned_publish']);
  expect(await consent(first.id, owner)).toMatchObject({ version: null, sites: [] });
  expect(await readVersion(before)).toBeNull();
  expect(await listNeedKinds(owner, first.id)).toEqual([]);
  await expectRefused('conflict', consent(first.id, owner));
  expect(await publish(before)).toMatchObject({ version: 1, asks: null });
  expect(await readVersions(before)).toMatchObject([{ agreedBy: { id: getIdOf(owner) } }]);
  const after = await makeOwned(toPerson(owner));
  const second = await ask(after);
  expect(await publish(after)).toMatchObject({ requestId: second.id });
  expect(await consent(second.id, owner)).toMatchObject({ version: 1 });
  expect(await list(after)).toMatchObject([{ state: 'published', requestedBy: { id: getIdOf(builder) }, version: 1 }]);
});

test('what changes meanwhile is asked anew: the draft, what is approved, the sites, the name, the version before', async () => {
  const owner = await workspace.as('auditor');
  const moving = await addApprovedServer(domain, [defineTool('moves')]);
  const { id } = await createDraftedProfile(domain, [{ serverId: moving.id, name: 'moves' }]);
  await give(id, toPerson(owner));
  const requestId = (await publish(id)).requestId ?? '';
  const change = async (work: () => Promise<unknown>) => {
    const expected = (await look(requestId, owner)).offer?.offerHash ?? '';
    await work();
    await expectRefused('conflict', consentPublish({ ctx: owner, input: { requestId, expected } }));
    expect((await look(requestId, owner)).offer).toMatchObject({ isProposed: false });
    // agreeing to what it is now publishes nothing that nobody has published
    expect(await consent(requestId, owner)).toMatchObject({ version: null });
    expect(await readVersion(id)).toBeNull();
  };
  await change(async () => {
    const { openReviewId } = await discover(domain, moving.id, [defineTool('moves', { description: 'Other words' })]);
    await approveReview(domain, openReviewId ?? '');
  });
  await change(() =>
    saveDraft({
      ctx: builder,
      input: { profileId: id, draft: { entries: [{ kind: 'tool', serverId: moving.id, name: 'moves', rename: 'moved' }] } },
    }),
  );
  const { revision } = (await getProfile({ ctx: admin, input: { profileId: id } })).profile;
  await change(() =>
    updateProfile({
      ctx: builder,
      input: { profileId: id, name: 'Of another name', description: '', siteIds: [workspace.site.id], revision },
    }),
  );
  // the owner has agreed to what it is now, so it waits for nobody
  expect(await publish(id)).toMatchObject({ version: 1, asks: null });

  const site = await createSite({ ctx: admin, input: { name: 'Depot', slug: `depot-${randomUUID().slice(0, 8)}` } });
  const wide = await publishOwned(toPerson(owner));
  const expected = (await look(wide.requestId, owner)).offer?.offerHash ?? '';
  const tenantId = admin.tenantId;
  await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.serverSite.create({ data: { tenantId, serverId: server.id, siteId: site.id } }),
  );
  const detail = await getProfile({ ctx: admin, input: { profileId: wide.id } });
  const { name, description, revision: seen } = detail.profile;
  await updateProfile({
    ctx: admin,
    input: { profileId: wide.id, name, description, siteIds: [workspace.site.id, site.id], revision: seen },
  });
  await expectRefused('conflict', consentPublish({ ctx: owner, input: { requestId: wide.requestId, expected } }));
});

test('what waits is not published a second time, and another admin may publish what it is by now', async () => {
  const owner = await workspace.as('auditor');
  const { id, requestId } = await publishOwned(toPerson(owner));
  expect((await expectRefused('conflict', publish(id))).message).toContain('has published exactly this already');
  const second = await workspace.as('admin');
  await expectRefused('conflict', publish(id, second));
  await choose(id, ['refund']);
  expect(await publish(id, second)).toMatchObject({ requestId });
  await consent(requestId, owner);
  expect(await readVersions(id)).toMatchObject([{ number: 1, publishedBy: { id: getIdOf(second) } }]);
});

test('who publishes and may not any more has published nothing', async () => {
  const owner = await workspace.as('auditor');
  const second = await workspace.as('admin');
  const id = await makeOwned(toPerson(owner));
  const requestId = (await publish(id, second)).requestId ?? '';
  await updateMember({ ctx: boss, input: { membershipId: getIdOf(second), name: 'Second', role: 'builder', revision: 1 } });
  expect(await consent(requestId, owner)).toMatchObject({ version: null });
  expect(await readVersion(id)).toBeNull();
  expect(await publish(id)).toMatchObject({ version: 1, asks: null });
});

test('who is not the owner agrees to nothing, and a member who is not learns of nothing', async () => {
  const owner = await workspace.as('member');
  const { id, requestId } = await publishOwned(toPerson(owner));
  const expected = (await look(requestId)).offer?.offerHash ?? '';
  const member = await workspace.as('member');
  for (const work of [
    () => look(requestId, member),
    () => consentPublish({ ctx: member, input: { requestId, expected } }),
    () => sendBackRequest({ ctx: member, input: { requestId, reason: 'No' } }),
  ])
    await expectRefused('not_found', work());
  for (const ctx of [admin, builder, await workspace.as('reviewer')])
    await expectRefused('not_permitted', consentPublish({ ctx, input: { requestId, expected } }));
  await expectRefused('not_permitted', sendBackRequest({ ctx: builder, input: { requestId, reason: 'No' } }));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  for (const ctx of [other.admin, await other.workspace.as('owner')]) {
    await expectRefused('not_found', look(requestId, ctx));
    await expectRefused('not_found', consentPublish({ ctx, input: { requestId, expected, reason: 'Mine' } }));
  }
  await expectRefused('conflict', consentPublish({ ctx: owner, input: { requestId, expected: 'a'.repeat(64) } }));
  await expectRefused('invalid', consentPublish({ ctx: owner, input: { requestId, expected: 'x' } }));
  await expectRefused('not_found', look('no-id', owner));
  expect(await readVersion(id)).toBeNull();
});

test('an owner of before agrees to nothing any more, nor has what was agreed to stand for the next one', async () => {
  const owner = await workspace.as('auditor');
  const next = await workspace.as('auditor');
  const { id, requestId } = await publishOwned(toPerson(owner));
  await give(id, toPerson(next));
  await expectRefused('not_permitted', consent(requestId, owner));
  expect(await consent(requestId, next)).toMatchObject({ version: 1 });

  const asked = await makeOwned(toPerson(owner));
  const request = await ask(asked);
  await consent(request.id, owner);
  await give(asked, toPerson(next));
  expect(await listNeedKinds(next, request.id)).toEqual(['owned_publish']);
  expect((await publish(asked)).asks).not.toBeNull();
  expect(await consent(request.id, next)).toMatchObject({ version: 1 });

  const { id: groupId } = await createGroup({ ctx: admin, input: { name: `Group ${randomUUID()}` } });
  await addMembers({ ctx: admin, input: { groupId, membershipIds: [owner, next].map(getIdOf) } });
  const ofGroup = await publishOwned({ kind: 'group', id: groupId });
  await removeMembers({ ctx: admin, input: { groupId, membershipIds: [getIdOf(owner)] } });
  await expectRefused('not_permitted', consent(ofGroup.requestId, owner));
  expect(await consent(ofGroup.requestId, next)).toMatchObject({ version: 1 });
});

test('the owner sends it back with a reason, who published it withdraws it, and neither is agreed to afterwards', async () => {
  const owner = await workspace.as('member');
  const { id, requestId } = await publishOwned(toPerson(owner));
  const expected = (await look(requestId, owner)).offer?.offerHash ?? '';
  const replay = (of: string) => consentPublish({ ctx: owner, input: { requestId: of, expected } });
  await sendBackRequest({ ctx: owner, input: { requestId, reason: 'Not before Monday.' } });
  expect(await list(id)).toMatchObject([{ state: 'sent_back', reason: 'Not before Monday.', decidedBy: { id: getIdOf(owner) } }]);
  await expectRefused('conflict', replay(requestId));
  const second = (await publish(id)).requestId ?? '';
  expect(second).not.toBe(requestId);
  await withdrawRequest({ ctx: admin, input: { requestId: second } });
  await expectRefused('conflict', replay(second));
  expect(await look(second, owner)).toMatchObject({ request: { state: 'withdrawn' }, offer: null, canSendBack: false });
  expect(await readVersion(id)).toBeNull();
});

test('what was agreed to ends with its request: the same content is asked for anew', async () => {
  const owner = await workspace.as('auditor');
  const id = await makeOwned(toPerson(owner));
  const { id: requestId } = await ask(id);
  await consent(requestId, owner);
  await withdrawRequest({ ctx: builder, input: { requestId } });
  expect((await publish(id)).asks).not.toBeNull();
});

test('of two at the same moment one agrees, and one version comes of it', async () => {
  const [ada, ben] = [await workspace.as('auditor'), await workspace.as('auditor')];
  const { id: groupId } = await createGroup({ ctx: admin, input: { name: `Both ${randomUUID()}` } });
  await addMembers({ ctx: admin, input: { groupId, membershipIds: [ada, ben].map(getIdOf) } });
  const { id, requestId } = await publishOwned({ kind: 'group', id: groupId });
  const expected = (await look(requestId, ada)).offer?.offerHash ?? '';
  const outcomes = await Promise.allSettled(
    [ada, ben, ada].map((ctx) => consentPublish({ ctx, input: { requestId, expected } })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readVersions(id)).toHaveLength(1);
});

test('who owns the workspace goes on without, with a reason that history and log keep, also when the owner has left', async () => {
  const owner = await workspace.as('member');
  const { id, requestId } = await publishOwned(toPerson(owner));
  expect((await look(requestId, boss)).offer).toMatchObject({ canConsent: { ok: true }, takesReason: true });
  expect(await expectRefused('invalid', consent(requestId, boss))).toMatchObject({ field: 'reason' });
  expect(await consent(requestId, boss, 'On holiday')).toMatchObject({ version: 1 });
  expect(await readVersions(id)).toMatchObject([{ agreedBy: { id: getIdOf(boss) }, withoutOwner: 'On holiday' }]);
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({ after: { withoutOwner: true, reason: 'On holiday' } });
  await choose(id, ['refund']);
  const next = (await publish(id)).requestId ?? '';
  await removeMember({ ctx: boss, input: { membershipId: getIdOf(owner) } });
  expect(await consent(next, boss, 'Has left')).toMatchObject({ version: 2 });
});

test('a roll-back waits as well, beside what is asked for of the draft, and the draft follows once it is agreed to', async () => {
  const owner = await workspace.as('auditor');
  const { id } = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publish(id);
  await choose(id, ['refund']);
  await publish(id);
  await give(id, toPerson(owner));
  const rollBack = async () => {
    const { contentHash } = await previewRollBack({ ctx: admin, input: { profileId: id, version: 1 } });
    return rollBackProfile({ ctx: admin, input: { profileId: id, version: 1, expected: contentHash } });
  };
  const settled = await rollBack();
  expect(settled).toMatchObject({ version: 3, asks: expect.any(String), sites: [] });
  expect(await readVersion(id)).toBe(2);
  const requestId = settled.requestId ?? '';
  expect(await look(requestId, owner)).toMatchObject({ request: { rolledBackTo: 1 }, offer: { isProposed: true } });
  await expectRefused('conflict', rollBack());
  expect(await consent(requestId, owner)).toMatchObject({ version: 3 });
  expect((await readVersions(id))[0]).toMatchObject({ number: 3, rolledBackTo: 1, agreedBy: { id: getIdOf(owner) } });
  const { draft } = await getProfile({ ctx: admin, input: { profileId: id } });
  expect(draft).toMatchObject({ changed: false, entries: [{ name: 'get_order' }] });

  await choose(id, ['note'], builder);
  const asked = await ask(id);
  const { contentHash: expected } = await previewRollBack({ ctx: admin, input: { profileId: id, version: 2 } });
  const back = await rollBackProfile({ ctx: admin, input: { profileId: id, version: 2, expected } });
  expect(back.requestId).not.toBe(asked.id);
  expect(await list(id)).toMatchObject([{ state: 'open' }, { state: 'open', id: asked.id }, { state: 'published' }]);
  // in an incident
  expect(await consent(back.requestId ?? '', boss, 'Refunds fail')).toMatchObject({ version: 4 });
  expect((await list(id)).find((row) => row.id === asked.id)).toMatchObject({ state: 'open', isDraftNewer: false });
});

test('switching it off and archiving it ask nobody, and what is off is not agreed to', async () => {
  const owner = await workspace.as('auditor');
  const { id, requestId } = await publishOwned(toPerson(owner));
  await disableProfile({ ctx: admin, input: { profileId: id } });
  expect(await look(requestId, owner)).toMatchObject({ offer: null, problem: expect.stringContaining('disabled') });
  await expectRefused('precondition', consentPublish({ ctx: owner, input: { requestId, expected: 'a'.repeat(64) } }));
  await archiveProfile({ ctx: admin, input: { profileId: id } });
  expect(await listOwnRequests(owner)).toEqual([]);
});

test('a version that stands on an act that asks the owner is served only when another act agrees to it', async () => {
  const owner = await workspace.as('auditor');
  const rename = `planted_${randomUUID().slice(0, 8)}`;
  const { id } = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order', rename }]);
  await give(id, toPerson(owner));
  const requestId = (await publish(id)).requestId ?? '';
  const { offer } = await look(requestId, owner);
  const tenantId = admin.tenantId;
  const act = (await readAudit(admin, id)).find(({ action }) => action === 'profile.publish');
  const isServed = async () => {
    await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
    return listServed(await readNewestSnapshot(domain)).some(({ name }) => name === rename);
  };
  const [version, contentHash] = [1, hashContent(offer?.document)];
  const document = offer?.document ?? {};
  const write = (work: Parameters<typeof runInTenant<unknown>>[2]) => runInTenant(getFixtureDb(world.runtime), tenantId, work);
  await write(async (tx) => {
    const row = { tenantId, profileId: id, number: version, document, contentHash };
    await tx.profileVersion.create({ data: { ...row, publishedBy: getIdOf(admin), auditId: act?.id } });
    await tx.profile.update({ where: { tenantId_id: { tenantId, id } }, data: { publishedVersion: version } });
  });
  expect(await isServed()).toBe(false);
  const agreed = {
    tenantId,
    actorKind: 'person',
    actorId: getIdOf(owner),
    action: 'profile.consent',
    entityType: 'profile',
    entityId: id,
  };
  await write((tx) => tx.adminAudit.create({ data: { ...agreed, after: { version, contentHash: 'a'.repeat(64) } } }));
  expect(await isServed()).toBe(false);
  await write((tx) => tx.adminAudit.create({ data: { ...agreed, actorKind: 'system', after: { version, contentHash } } }));
  expect(await isServed()).toBe(false);
  await write((tx) => tx.adminAudit.create({ data: { ...agreed, after: { version, contentHash } } }));
  expect(await isServed()).toBe(true);
});
