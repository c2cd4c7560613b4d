import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import type { Role } from '@gatehouse/db/client';
import { defineTool } from '@gatehouse/policy/testing/build';

import { resetPassword } from '../../src/auth/reset-password.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { createOperatorLink } from '../../src/member/create-operator-link.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { getServer } from '../../src/server/get-server.ts';
import { disableServer, enableServer } from '../../src/server/switch-server.ts';
import { accept, enter, join, makeIp, PASSWORD } from '../support/accounts.ts';
import { addServer, confirm, defineDestructive, discover, type Domain, listChoices, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

/** `admin` is the author; reviewer and second have nobody's link. */
let domain: Domain;
let owner: ServiceContext;
beforeEach(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  owner = await domain.workspace.as('owner');
});

let addresses = 0;
/** Somebody who joined by a link that `by` had in hand. */
async function joinBy(by: ServiceContext, role: Role): Promise<ServiceContext> {
  const email = `joined-${(addresses += 1)}@acme.example`;
  await join(by, email, role);
  return enter(by.runtime, by.tenantSlug, email, PASSWORD);
}

/** The same member after a link for a new password that `by` made. */
async function resetBy(by: ServiceContext, member: ServiceContext): Promise<void> {
  const { token } = await createResetLink({ ctx: by, input: { membershipId: getActorId(member.actor) } });
  await resetPassword({ runtime: by.runtime, input: { token, ip: makeIp(), newPassword: 'another good password' } });
}

async function openReview(tool = defineTool('get_order')): Promise<{ serverId: string; reviewId: string }> {
  const { id: serverId } = await addServer(domain);
  const { openReviewId } = await discover(domain, serverId, [tool]);
  return { serverId, reviewId: openReviewId ?? '' };
}

async function decide(ctx: ServiceContext, reviewId: string, verdict: 'approved' | 'rejected' = 'approved') {
  const decisions = await listChoices(ctx, reviewId);
  return decideReview({
    ctx,
    input: { reviewId, decisions: decisions.map((choice) => ({ ...choice, verdict })), reason: 'Not needed' },
  });
}

/** Refused in advance, in the list and on the page, with the same sentence as the verb's. */
async function expectNoApprover(ctx: ServiceContext, reviewId: string, sentence: RegExp): Promise<void> {
  const { canApprove } = await getReview({ ctx, input: { reviewId } });
  expect(canApprove.reason).toMatch(sentence);
  const row = (await listReviews({ ctx, input: {} })).rows.find(({ id }) => id === reviewId);
  expect(row?.canDecide).toEqual(canApprove);
  expect((await expectRefused('not_permitted', decide(ctx, reviewId))).message).toBe(canApprove.reason);
}

const IN_HAND = /had the link to your account in hand, so it may belong to an author.* can\.$/;

describe('T-42: an account whose link an author had in hand is no second person', () => {
  test('the author invites a reviewer: that one approves nothing, and rejects', async () => {
    const { reviewId } = await openReview();
    const invited = await joinBy(domain.admin, 'reviewer');
    await expectNoApprover(invited, reviewId, IN_HAND);
    expect(await decide(invited, reviewId, 'rejected')).toMatchObject({ rejected: 1 });
  });

  test('nor does somebody whom that one invites, nor after the author was removed', async () => {
    const { reviewId } = await openReview();
    const between = await joinBy(domain.admin, 'admin');
    const invited = await joinBy(between, 'reviewer');
    await expectNoApprover(invited, reviewId, IN_HAND);
    await removeMember({ ctx: owner, input: { membershipId: getActorId(domain.admin.actor) } });
    await removeMember({ ctx: owner, input: { membershipId: getActorId(between.actor) } });
    await expectNoApprover(invited, reviewId, IN_HAND);
  });

  test('nor the one who invited the author, who may be the author', async () => {
    const inviter = await joinBy(owner, 'admin');
    domain = { ...domain, admin: await joinBy(inviter, 'builder') };
    const { reviewId } = await openReview();
    await expectNoApprover(inviter, reviewId, /may belong to an author/);
  });

  test('a new password by a link of the author is the same; one by somebody else, or by the operator, settles it', async () => {
    const { reviewId } = await openReview();
    await resetBy(domain.admin, domain.reviewer);
    await expectNoApprover(domain.reviewer, reviewId, IN_HAND);
    await resetBy(owner, domain.reviewer);
    expect(await decide(domain.reviewer, reviewId)).toMatchObject({ approved: 1 });

    const invited = await joinBy(domain.admin, 'reviewer');
    const again = await openReview();
    await expectNoApprover(invited, again.reviewId, IN_HAND);
    const { runtime } = world;
    const { token, kind } = await createOperatorLink({
      runtime,
      input: { tenantSlug: owner.tenantSlug, email: `joined-${addresses}@acme.example` },
    });
    expect(kind).toBe('reset');
    await resetPassword({ runtime: owner.runtime, input: { token, ip: makeIp(), newPassword: 'another good password' } });
    expect(await decide(invited, again.reviewId)).toMatchObject({ approved: 1 });
  });

  test('what somebody else switched off, such an account does not switch on, and the page says so before', async () => {
    const { serverId } = await openReview();
    const input = { serverId };
    const invited = await joinBy(domain.admin, 'admin');
    await disableServer({ ctx: owner, input });
    for (const ctx of [invited, domain.admin]) {
      const { canEnable } = await getServer({ ctx, input });
      expect(canEnable.reason).toMatch(/ can\.$/);
      expect((await expectRefused('not_permitted', enableServer({ ctx, input }))).message).toBe(canEnable.reason);
    }
    expect((await getServer({ ctx: domain.reviewer, input })).canEnable.reason).toMatch(/^Your role does not/);
    expect((await getServer({ ctx: owner, input })).canEnable).toEqual({ ok: true, reason: null });
    await enableServer({ ctx: owner, input });
  });
});

describe('T-42: two people are two, as far as can be told', () => {
  const grave = defineDestructive('drop_all');

  /** Refused before anybody tries, and by the verb. */
  async function expectNoSecond(first: ServiceContext, second: ServiceContext): Promise<void> {
    const { reviewId } = await openReview(grave);
    expect(await decide(first, reviewId)).toMatchObject({ waiting: ['drop_all'] });
    const { waiting } = await getReview({ ctx: second, input: { reviewId } });
    expect(waiting?.canConfirm.reason).toMatch(/One person may have had the links to both accounts/);
    expect((await expectRefused('not_permitted', confirm(domain, reviewId, second))).message).toBe(waiting?.canConfirm.reason);
  }

  test('not who decided and somebody whom that one invited, either way round', async () => {
    const first = await domain.workspace.as('admin');
    const invited = await joinBy(first, 'reviewer');
    await expectNoSecond(first, invited);
    await expectNoSecond(invited, first);
    const byOwner = await joinBy(owner, 'reviewer');
    await expectNoSecond(owner, byOwner);
  });

  test('not two whom one admin invited; two whom an owner invited are', async () => {
    const admin = await domain.workspace.as('admin');
    await expectNoSecond(await joinBy(admin, 'reviewer'), await joinBy(admin, 'reviewer'));
    const { reviewId } = await openReview(grave);
    await decide(await joinBy(owner, 'reviewer'), reviewId);
    expect(await confirm(domain, reviewId, await joinBy(owner, 'reviewer'))).toMatchObject({ id: reviewId });
  });

  test('where there are no two, an owner decides by break-glass, and whom the owner invited cannot confirm it', async () => {
    for (const { actor } of [domain.reviewer, domain.second])
      await removeMember({ ctx: owner, input: { membershipId: getActorId(actor) } });
    const invited = await joinBy(owner, 'reviewer');
    const { reviewId } = await openReview(grave);
    const seen = await getReview({ ctx: owner, input: { reviewId } });
    expect(seen.canBreakGlass.ok).toBe(true);
    expect(seen.secondPerson).toMatch(/^Nobody else here may yet/);
    const decisions = await listChoices(owner, reviewId);
    await decideReview({ ctx: owner, input: { reviewId, decisions, breakGlass: true, reason: 'The shop is down' } });
    await expectRefused('not_permitted', confirm(domain, reviewId, invited));
    expect((await getReview({ ctx: owner, input: { reviewId } })).waiting?.isInEffect).toBe(true);
  });
});

describe('a link of the operator', () => {
  const { runtime } = world;
  const make = (input: Parameters<typeof createOperatorLink>[0]['input']) => createOperatorLink({ runtime, input });

  test('lets somebody join, and takes the place of an invitation that the workspace made', async () => {
    const email = 'operated@acme.example';
    const { tenantSlug } = owner;
    await expectRefused('invalid', make({ tenantSlug, email }));
    await expectRefused('not_found', make({ tenantSlug: 'nobody-s', email, role: 'owner' }));
    const first = await make({ tenantSlug, email, role: 'reviewer' });
    const second = await make({ tenantSlug, email, role: 'reviewer' });
    await expectRefused('expired', accept(owner.runtime, first.token));
    expect(second.kind).toBe('invitation');
    await accept(owner.runtime, second.token);
    await expectRefused('invalid', make({ tenantSlug, email, role: 'owner' }));
    expect(await make({ tenantSlug, email })).toMatchObject({ kind: 'reset' });
  });
});
