import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { defineTool } from '@gatehouse/policy/testing/build';

import type { ServiceContext } from '../../src/context.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { takeBackDecision } from '../../src/review/take-back-decision.ts';
import {
  addServer,
  approveReview,
  type ChoiceChange,
  confirm,
  createDraftedProfile,
  defineDestructive,
  discover,
  listChoices,
  listServed,
  makeDomain,
  readNewestSnapshot,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { reviewer, second } = domain;

async function openReview(tools = [defineTool('get_order'), defineTool('list_orders')], where = domain) {
  const server = await addServer(where);
  const { openReviewId } = await discover(where, server.id, tools);
  return { serverId: server.id, reviewId: openReviewId ?? '' };
}

async function decide(
  ctx: ServiceContext,
  reviewId: string,
  changes: Record<string, ChoiceChange> = {},
  rest: Partial<DecideReview> = {},
) {
  return decideReview({ ctx, input: { reviewId, decisions: await listChoices(ctx, reviewId, changes), ...rest } });
}

const takeBack = (ctx: ServiceContext, reviewId: string, decisionId: string) =>
  takeBackDecision({ ctx, input: { reviewId, decisionId } });

const readDetail = (reviewId: string, ctx = reviewer) => getReview({ ctx, input: { reviewId } });

async function serve(serverId: string, names: string[], where = domain) {
  const { tenantId, runtime } = where.admin;
  const profile = await createDraftedProfile(where, []);
  const entries = names.map((name) => ({ kind: 'tool' as const, serverId, name }));
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.profile.update({ where: { tenantId_id: { tenantId, id: profile.id } }, data: { draft: { entries } } }),
  );
  await publishProfile({ ctx: where.admin, input: { profileId: profile.id } });
  return async () => listServed(await readNewestSnapshot(where)).map(({ name }) => name);
}

test('what was decided at once is taken back at once, at the agents too, and the log says so', async () => {
  const made = await makeDomain(await makeWorkspace(world.runtime));
  const { serverId, reviewId } = await openReview([defineTool('get_order'), defineTool('list_orders')], made);
  const { decisionId } = await decide(made.reviewer, reviewId);
  const served = await serve(serverId, ['get_order', 'list_orders'], made);
  expect(await served()).toEqual(['get_order', 'list_orders']);
  expect(await readDetail(reviewId, made.reviewer)).toMatchObject({ takeBack: { decisionId } });
  expect((await readDetail(reviewId, made.second)).takeBack).toBeNull();

  expect(await takeBack(made.reviewer, reviewId, decisionId)).toMatchObject({
    state: 'open',
    sites: [{ snapshotVersion: expect.any(Number) }],
  });
  expect(await served()).toEqual([]);
  const { review, entries, takeBack: again, timeline } = await readDetail(reviewId, made.reviewer);
  expect([review.state, review.decidedAt, again]).toEqual(['open', null, null]);
  expect(entries.map(({ decision }) => decision)).toMatchObject([
    { verdict: 'pending', decidedBy: null },
    { verdict: 'pending', decidedBy: null },
  ]);
  expect(timeline.map((event) => event.kind === 'act' && event.action)).toEqual(['review.decide', 'review.take_back']);
  expect((await readAudit(made.admin, reviewId)).at(-1)).toMatchObject({
    action: 'review.take_back',
    after: { serverId, decision: decisionId, state: 'open' },
  });
  await approveReview(made, reviewId);
  expect(await served()).toEqual(['get_order', 'list_orders']);
});

test('a decision that took the place of another one gives it back as it was, with whoever made it', async () => {
  const made = await makeDomain(await makeWorkspace(world.runtime));
  const { serverId, reviewId } = await openReview([defineTool('get_order'), defineDestructive('cancel_order')], made);
  await approveReview(made, reviewId, { get_order: { note: 'Fine' } });
  const served = await serve(serverId, ['get_order', 'cancel_order'], made);
  const before = await readDetail(reviewId, made.second);
  const no = { verdict: 'rejected', note: 'Too much' } as const;
  const { decisionId } = await decide(made.second, reviewId, { get_order: no, cancel_order: no }, { again: true });
  expect(await served()).toEqual([]);
  expect(await takeBack(made.second, reviewId, decisionId)).toMatchObject({ state: 'decided' });
  expect((await served()).toSorted()).toEqual(['cancel_order', 'get_order']);
  const after = await readDetail(reviewId, made.second);
  expect([after.review, after.entries.map(({ decision }) => decision)]).toEqual([
    before.review,
    before.entries.map(({ decision }) => decision),
  ]);
});

test('what waits for a second person is withdrawn, and what waited before waits again', async () => {
  const { reviewId } = await openReview([defineDestructive('cancel_order')]);
  const first = await decide(reviewer, reviewId, {}, { validDays: 30 });
  const other = await decide(second, reviewId, { cancel_order: { note: 'Mine' } }, { again: true });
  await takeBack(second, reviewId, other.decisionId);
  expect((await readDetail(reviewId)).waiting).toMatchObject({ validDays: 30, canConfirm: { ok: false } });
  // whoever decided first has been decided over since, so what waits again stays
  await expectRefused('conflict', takeBack(reviewer, reviewId, first.decisionId));
  await confirm(domain, reviewId);
  expect((await readDetail(reviewId)).review.state).toBe('decided');
});

test('T-42: taking back is refused to somebody else, twice, and once anything of the server was decided since', async () => {
  const { serverId, reviewId } = await openReview();
  const { decisionId } = await decide(reviewer, reviewId);
  expect((await expectRefused('not_permitted', takeBack(second, reviewId, decisionId))).message).toContain('decide it again');
  await expectRefused('conflict', takeBack(reviewer, reviewId, reviewId));
  await decide(second, reviewId, {}, { again: true });
  expect((await expectRefused('conflict', takeBack(reviewer, reviewId, decisionId))).message).toContain('since');

  const next = (await discover(domain, serverId, [defineTool('get_order'), defineTool('find')])).openReviewId ?? '';
  const later = await decide(reviewer, next);
  await takeBack(reviewer, next, later.decisionId);
  await expectRefused('conflict', takeBack(reviewer, next, later.decisionId));
  const again = await decide(reviewer, next);
  // what another site has was decided meanwhile
  const { tenantId, runtime } = reviewer;
  const decideElsewhere = (decidedAt: Date) =>
    runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
      tx.review.update({ where: { tenantId_id: { tenantId, id: reviewId } }, data: { decidedAt } }),
    );
  await decideElsewhere(new Date(runtime.now().getTime() + HOUR_MS));
  expect((await expectRefused('conflict', takeBack(reviewer, next, again.decisionId))).message).toContain('on this server since');
  await decideElsewhere(new Date(0));
  expect((await readDetail(next)).takeBack).not.toBeNull();
  const last = (await discover(domain, serverId, [defineTool('get_order'), defineTool('seek')])).openReviewId ?? '';
  // the server offers something else by now
  await expectRefused('conflict', takeBack(reviewer, next, again.decisionId));
  expect((await readDetail(next)).takeBack).toBeNull();
  await decide(second, last);
});

test('T-42: a confirmed decision is of two, so the first of them takes nothing back', async () => {
  const { reviewId } = await openReview([defineDestructive('cancel_order')]);
  const { decisionId } = await decide(reviewer, reviewId);
  await confirm(domain, reviewId);
  expect((await readDetail(reviewId)).takeBack).toBeNull();
  await expectRefused('conflict', takeBack(reviewer, reviewId, decisionId));
});

test('T-42: the second of them takes the confirmation back: nothing of it is served, it waits again, and the first may not confirm it', async () => {
  const made = await makeDomain(await makeWorkspace(world.runtime));
  const { serverId, reviewId } = await openReview([defineDestructive('cancel_order')], made);
  const first = await decide(made.reviewer, reviewId, {}, { validDays: 30 });
  const { decisionId } = await confirm(made, reviewId);
  const served = await serve(serverId, ['cancel_order'], made);
  expect(await served()).toEqual(['cancel_order']);
  expect((await readDetail(reviewId, made.second)).takeBack).toMatchObject({ decisionId, isConfirmation: true });
  await expectRefused('not_permitted', takeBack(made.reviewer, reviewId, decisionId));
  await expectRefused('conflict', takeBack(made.reviewer, reviewId, first.decisionId));

  expect(await takeBack(made.second, reviewId, decisionId)).toMatchObject({
    state: 'open',
    waits: true,
    sites: [expect.anything()],
  });
  expect(await served()).toEqual([]);
  const { review, waiting } = await readDetail(reviewId, made.second);
  expect([review.state, review.confirmedBy, waiting?.validDays, waiting?.canConfirm.ok]).toEqual(['open', null, 30, true]);
  await expectRefused('not_permitted', confirm(made, reviewId, made.reviewer));
  await expectRefused('conflict', takeBack(made.second, reviewId, decisionId));
  await confirm(made, reviewId);
  expect(await served()).toEqual(['cancel_order']);
});

test('T-42: a confirmation is not taken back once something was decided since, nor after an hour', async () => {
  const own = await openWorld();
  try {
    const made = await makeDomain(await makeWorkspace(own.runtime));
    const { reviewId } = await openReview([defineDestructive('cancel_order')], made);
    await decide(made.reviewer, reviewId);
    const { decisionId } = await confirm(made, reviewId);
    // to decide again, though it waits for nobody, is a decision since
    await decide(made.reviewer, reviewId, { cancel_order: { verdict: 'rejected', note: 'No' } }, { again: true });
    await expectRefused('conflict', takeBack(made.second, reviewId, decisionId));
    const late = await openReview([defineDestructive('drop_order')], made);
    await decide(made.reviewer, late.reviewId);
    const confirmed = await confirm(made, late.reviewId);
    own.advanceClock(HOUR_MS + 1);
    expect((await readDetail(late.reviewId, made.second)).takeBack).toBeNull();
    await expectRefused('conflict', takeBack(made.second, late.reviewId, confirmed.decisionId));
  } finally {
    await own.close();
  }
});

test('not after an hour', async () => {
  const own = await openWorld();
  try {
    const made = await makeDomain(await makeWorkspace(own.runtime));
    const { reviewId } = await openReview([defineTool('get_order')], made);
    const { decisionId } = await decide(made.reviewer, reviewId);
    own.advanceClock(HOUR_MS + 1);
    expect((await readDetail(reviewId, made.reviewer)).takeBack).toBeNull();
    expect((await expectRefused('conflict', takeBack(made.reviewer, reviewId, decisionId))).message).toContain('an hour');
  } finally {
    await own.close();
  }
});

test('of a take-back and another decision at the same time one counts, whichever is first', async () => {
  const { reviewId } = await openReview();
  const { decisionId } = await decide(reviewer, reviewId);
  const decisions = await listChoices(second, reviewId);
  const results = await Promise.allSettled([
    ...Array.from({ length: 8 }, () => takeBack(reviewer, reviewId, decisionId)),
    decideReview({ ctx: second, input: { reviewId, decisions, again: true } }),
  ]);
  const taken = results.slice(0, 8).filter(({ status }) => status === 'fulfilled').length;
  expect(taken).toBeLessThanOrEqual(1);
  expect((await readDetail(reviewId)).review.state).toBe('decided');
  expect((await readAudit(reviewer, reviewId)).filter(({ action }) => action === 'review.take_back')).toHaveLength(taken);
});

test('a review of another workspace is as unknown', async () => {
  const { reviewId } = await openReview();
  const { decisionId } = await decide(reviewer, reviewId);
  const other = await makeDomain(await makeWorkspace(world.runtime));
  await expectRefused('not_found', takeBack(other.reviewer, reviewId, decisionId));
});
