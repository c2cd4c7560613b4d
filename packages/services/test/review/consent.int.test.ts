import { afterAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { setServerOwner } from '../../src/owner/set-owner.ts';
import { consentReview } from '../../src/review/consent/consent-review.ts';
import { decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { addComment } from '../../src/review/discussion/add-comment.ts';
import { getReview } from '../../src/review/get-review.ts';
import { takeBackDecision } from '../../src/review/take-back-decision.ts';
import { getServer } from '../../src/server/get-server.ts';
import { addServer, confirm, defineDestructive, discover, listChoices, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, reviewer, second, workspace } = domain;

const getIdOf = (ctx: ServiceContext) => getActorId(ctx.actor);
const toPerson = (ctx: ServiceContext) => ({ kind: 'person' as const, id: getIdOf(ctx) });

/** A review of a server that is owned by somebody who has not brought it in. */
async function openOwned(owner: Parameters<typeof setServerOwner>[0]['input']['owner'], tools = [defineTool('find')]) {
  const { id } = await addServer(domain);
  const { openReviewId } = await discover(domain, id, tools);
  await setServerOwner({ ctx: admin, input: { serverId: id, owner, revision: 1 } });
  return { id, reviewId: openReviewId ?? '' };
}

async function decide(ctx: ServiceContext, reviewId: string, changes = {}, rest: Partial<DecideReview> = {}) {
  return decideReview({ ctx, input: { reviewId, decisions: await listChoices(ctx, reviewId, changes), ...rest } });
}

const consent = (ctx: ServiceContext, reviewId: string, reason?: string) => consentReview({ ctx, input: { reviewId, reason } });
const readState = async (reviewId: string) => (await getReview({ ctx: admin, input: { reviewId } })).review.state;
const listNeedKinds = async (ctx: ServiceContext, id: string) =>
  (await listNeeds({ ctx })).items.filter((need) => need.id === id).map(({ kind }) => kind);

test('what somebody approves waits for the owner of the server, who reads it whatever the role and agrees', async () => {
  const owner = await workspace.as('member');
  const { id, reviewId } = await openOwned(toPerson(owner));
  expect(await decide(reviewer, reviewId)).toMatchObject({
    approved: 0,
    waits: 1,
    waiting: [],
    asks: expect.any(String),
    sites: [],
  });
  expect(await readState(reviewId)).toBe('open');
  const { waiting, consent: asked } = await getReview({ ctx: owner, input: { reviewId } });
  expect(waiting).toMatchObject({ isSeconded: true, canConfirm: { ok: false } });
  expect(asked).toMatchObject({
    by: null,
    canConsent: { ok: true },
    takesReason: false,
    missing: expect.stringContaining('has to agree'),
  });
  await expectRefused('not_found', getReview({ ctx: await workspace.as('member'), input: { reviewId } }));
  await expectRefused('not_found', consent(await workspace.as('member'), reviewId));
  await expectRefused('not_permitted', consent(second, reviewId));
  expect(await consent(owner, reviewId)).toMatchObject({ isInEffect: true });
  expect(await readState(reviewId)).toBe('decided');
  expect((await getServer({ ctx: admin, input: { serverId: id } })).approved.tool).toBe(1);
  await expectRefused('conflict', consent(owner, reviewId));
  expect((await readAudit(admin, reviewId)).map(({ action }) => action).toSorted()).toEqual(['review.consent', 'review.decide']);
});

test('an owner who has agreed before is waited for no more, and one who approves has agreed by that', async () => {
  const owner = await workspace.as('auditor');
  const before = await openOwned(toPerson(owner));
  expect(await listNeedKinds(owner, before.reviewId)).toEqual(['owned_review']);
  expect(await consent(owner, before.reviewId)).toMatchObject({ isInEffect: false });
  expect(await listNeedKinds(owner, before.reviewId)).toEqual([]);
  expect(await decide(reviewer, before.reviewId)).toMatchObject({ approved: 1, asks: null });
  const own = await openOwned(toPerson(second));
  expect(await decide(second, own.reviewId)).toMatchObject({ approved: 1, asks: null });
  expect((await getReview({ ctx: admin, input: { reviewId: own.reviewId } })).consent).toMatchObject({
    by: { id: getIdOf(second) },
  });
});

test('rejecting waits for nobody, and whoever brought it in is not asked', async () => {
  const owner = await workspace.as('auditor');
  const rejected = await openOwned(toPerson(owner));
  expect(await decide(reviewer, rejected.reviewId, { find: { verdict: 'rejected' } })).toMatchObject({ rejected: 1, asks: null });
  const ofAuthor = await openOwned(toPerson(admin));
  expect((await getReview({ ctx: admin, input: { reviewId: ofAuthor.reviewId } })).consent).toBeNull();
  expect(await decide(reviewer, ofAuthor.reviewId)).toMatchObject({ approved: 1, asks: null });
});

test('the consent is none of two people, in whatever order they come', async () => {
  const owner = await workspace.as('auditor');
  const first = await openOwned(toPerson(owner), [defineDestructive('drop')]);
  await decide(reviewer, first.reviewId);
  expect(await consent(owner, first.reviewId)).toMatchObject({ isInEffect: false });
  expect(await readState(first.reviewId)).toBe('open');
  expect(await confirm(domain, first.reviewId)).toMatchObject({ isInEffect: true });

  const last = await openOwned(toPerson(owner), [defineDestructive('drop')]);
  await decide(reviewer, last.reviewId);
  expect(await confirm(domain, last.reviewId)).toMatchObject({ isInEffect: false, sites: [] });
  expect(await readState(last.reviewId)).toBe('open');
  expect(await listNeedKinds(owner, last.reviewId)).toEqual(['consent_missing']);
  expect((await expectRefused('not_permitted', confirm(domain, last.reviewId))).message).toContain('no second person');
  expect(await consent(owner, last.reviewId)).toMatchObject({ isInEffect: true });
  const detail = await getReview({ ctx: admin, input: { reviewId: last.reviewId } });
  expect(detail.review).toMatchObject({ state: 'decided', confirmedBy: { id: getIdOf(second) } });

  // the owner decides as one of the two, and it still takes the other
  const both = await openOwned(toPerson(second), [defineDestructive('drop')]);
  await decide(second, both.reviewId);
  expect(await readState(both.reviewId)).toBe('open');
  await expectRefused('not_permitted', confirm(domain, both.reviewId));
  expect(await confirm(domain, both.reviewId, reviewer)).toMatchObject({ isInEffect: true });
});

test('everybody in a group that owns it can agree, without those who brought it in', async () => {
  const ada = await workspace.as('auditor');
  const { id: groupId } = await createGroup({ ctx: admin, input: { name: 'Order desk' } });
  await addMembers({ ctx: admin, input: { groupId, membershipIds: [ada, admin].map(getIdOf) } });
  const { reviewId } = await openOwned({ kind: 'group', id: groupId });
  expect(await decide(reviewer, reviewId)).toMatchObject({ asks: 'Order desk' });
  await expectRefused('not_permitted', consent(admin, reviewId));
  expect(await consent(ada, reviewId)).toMatchObject({ isInEffect: true });
});

test('who owns the workspace goes on without, with a reason that the log keeps, also when nobody owns the server any more', async () => {
  const owner = await workspace.as('auditor');
  const boss = await workspace.as('owner');
  const { id, reviewId } = await openOwned(toPerson(owner));
  await decide(reviewer, reviewId);
  expect(await listNeedKinds(boss, reviewId)).toEqual(['consent_missing']);
  expect(await expectRefused('invalid', consent(boss, reviewId))).toMatchObject({ field: 'reason' });
  const { revision } = await getServer({ ctx: admin, input: { serverId: id } });
  await setServerOwner({ ctx: admin, input: { serverId: id, owner: null, revision } });
  await expectRefused('not_permitted', consent(owner, reviewId));
  expect(await consent(boss, reviewId, 'Nobody answers')).toMatchObject({ isInEffect: true });
  const acts = (await readAudit(admin, reviewId)).filter(({ action }) => action === 'review.consent');
  expect(acts).toMatchObject([{ after: { withoutOwner: true, reason: 'Nobody answers' } }]);
  const { timeline } = await getReview({ ctx: admin, input: { reviewId } });
  expect(timeline).toMatchObject([
    { action: 'review.decide', takesTwo: false },
    { action: 'review.consent', withoutOwner: true },
  ]);
});

test('what waits for an owner is taken back by whoever decided it', async () => {
  const owner = await workspace.as('auditor');
  const { reviewId } = await openOwned(toPerson(owner));
  const { decisionId } = await decide(reviewer, reviewId);
  await takeBackDecision({ ctx: reviewer, input: { reviewId, decisionId } });
  expect((await getReview({ ctx: admin, input: { reviewId } })).waiting).toBeNull();
  await decide(reviewer, reviewId);
  await consent(owner, reviewId);
  expect(await readState(reviewId)).toBe('decided');
});

test('the owner comments on what it is asked about, before and after agreeing, whatever the role, and on nothing else', async () => {
  const say = (ctx: ServiceContext, reviewId: string, text: string) => addComment({ ctx, input: { reviewId, text } });
  const canComment = async (ctx: ServiceContext, reviewId: string) => (await getReview({ ctx, input: { reviewId } })).canComment;
  for (const role of ['member', 'auditor'] as const) {
    const owner = await workspace.as(role);
    const stranger = await workspace.as(role);
    const { id, reviewId } = await openOwned(toPerson(owner));
    const other = await openOwned(toPerson(stranger));
    expect(await canComment(owner, reviewId)).toBe(true);
    await say(owner, reviewId, 'What does it find?');
    await consent(owner, reviewId);
    await say(owner, reviewId, 'I see.');
    const refusal = role === 'member' ? 'not_found' : 'not_permitted';
    await expectRefused(refusal, say(stranger, reviewId, 'Mine?'));
    await expectRefused(refusal, say(owner, other.reviewId, 'Mine?'));
    const { timeline } = await getReview({ ctx: admin, input: { reviewId } });
    expect(timeline).toMatchObject([
      { kind: 'comment', text: 'What does it find?', by: { id: getIdOf(owner) } },
      { action: 'review.consent' },
      { kind: 'comment', text: 'I see.' },
    ]);
    const { revision } = await getServer({ ctx: admin, input: { serverId: id } });
    await setServerOwner({ ctx: admin, input: { serverId: id, owner: toPerson(stranger), revision } });
    await expectRefused(refusal, say(owner, reviewId, 'Still mine?'));
  }
  const auditor = await workspace.as('auditor');
  const { reviewId } = await openOwned(toPerson(await workspace.as('member')));
  expect(await canComment(auditor, reviewId)).toBe(false);
});
