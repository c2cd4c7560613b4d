import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeMembership } from '@gatehouse/db/testing';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { expireRecords } from '../../src/jobs/expire-records.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { confirmReview } from '../../src/review/confirm-review.ts';
import { ApprovalError, decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { takeBackDecision } from '../../src/review/take-back-decision.ts';
import { changeRole } from '../support/accounts.ts';
import {
  addServer,
  type ChoiceChange,
  confirm,
  createDraftedProfile,
  defineDestructive,
  discover,
  type Domain,
  listChoices,
  listServed,
  makeDomain,
  makeFound,
  readNewestSnapshot,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, reviewer, second, workspace } = domain;

async function openReview(tools: ToolDefinition[], where = domain) {
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

/** Publishes everything of a server; answers what is served of it, by name. */
async function serve(serverId: string, names: string[], where = domain): Promise<() => Promise<string[]>> {
  const { tenantId, runtime } = where.admin;
  const profile = await createDraftedProfile(where, []);
  const entries = names.map((name) => ({ kind: 'tool' as const, serverId, name }));
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.profile.update({ where: { tenantId_id: { tenantId, id: profile.id } }, data: { draft: { entries } } }),
  );
  await publishProfile({ ctx: where.admin, input: { profileId: profile.id } });
  return async () => listServed(await readNewestSnapshot(where)).map(({ name }) => name);
}

const warmPool = () => Promise.all(Array.from({ length: 10 }, () => listReviews({ ctx: reviewer, input: {} })));
const innocent = defineTool('delete_everything');

describe('T-42: the gravest opinion decides who decides', () => {
  test('an annotation that says "reads" lowers nothing that the name says, and its author approves nothing', async () => {
    const { reviewId } = await openReview([innocent, defineTool('get_order')]);
    const detail = await getReview({ ctx: admin, input: { reviewId } });
    expect(detail.entries).toMatchObject([
      {
        name: 'delete_everything',
        opinions: { declared: 'read', named: 'destructive', decided: null },
        weighedRisk: 'destructive',
      },
      { name: 'get_order', weighedRisk: 'read' },
    ]);
    expect(detail.canApprove.ok).toBe(false);
    const error = await expectRefused('not_permitted', decide(admin, reviewId, { delete_everything: { risk: 'read' } }));
    expect(error.message).toBe(detail.canApprove.reason);
    expect(error instanceof ApprovalError && error.names).toEqual(['delete_everything', 'get_order']);
    const only = await expectRefused('not_permitted', decide(admin, reviewId, { delete_everything: { verdict: 'rejected' } }));
    expect(only instanceof ApprovalError && only.names).toEqual(['get_order']);
    expect(await readAudit(admin, reviewId)).toEqual([]);
    const rejected = { verdict: 'rejected' } as const;
    expect((await decide(admin, reviewId, { delete_everything: rejected, get_order: rejected })).rejected).toBe(2);
  });

  test('nor does a note by one person: it takes a reason and two people, and only then it counts', async () => {
    const { serverId, reviewId } = await openReview([innocent]);
    const lower = { delete_everything: { risk: 'read' } } as const;
    const unreasoned = await expectRefused('invalid', decide(reviewer, reviewId, lower));
    expect(unreasoned).toMatchObject({ field: 'reason', message: expect.stringContaining('delete_everything') });
    const decided = await decide(reviewer, reviewId, lower, { reason: 'It deletes drafts of the caller alone' });
    expect(decided).toMatchObject({ approved: 0, rejected: 0, waits: 1, waiting: ['delete_everything'], sites: [] });
    expect((await getReview({ ctx: reviewer, input: { reviewId } })).review.state).toBe('open');
    expect((await readAudit(admin, reviewId))[0]?.after).toMatchObject({
      takesTwo: true,
      lowered: [{ name: 'delete_everything', reason: 'It deletes drafts of the caller alone' }],
    });
    await confirm(domain, reviewId);
    const served = await serve(serverId, ['delete_everything']);
    expect(await served()).toContain('delete_everything');
    const { entries } = await getReview({ ctx: reviewer, input: { reviewId } });
    expect(entries).toMatchObject([
      { decision: { verdict: 'approved', risk: 'read', decidedBy: { id: getActorId(reviewer.actor) } } },
    ]);
  });

  test('what was decided before weighs too, also when it was rejected with a lower risk', async () => {
    const { serverId, reviewId } = await openReview([defineTool('get_secret')]);
    await decide(reviewer, reviewId, { get_secret: { risk: 'destructive' } });
    await confirm(domain, reviewId);
    const changed = defineTool('get_secret', { description: 'Reads one secret' });
    const first = (await discover(domain, serverId, [changed])).openReviewId ?? '';
    await decide(second, first, { get_secret: { risk: 'read', verdict: 'rejected' } });
    const again = defineTool('get_secret', { description: 'Reads a secret' });
    const next = (await discover(domain, serverId, [again])).openReviewId ?? '';
    const { entries } = await getReview({ ctx: reviewer, input: { reviewId: next } });
    expect(entries).toMatchObject([
      { weighedRisk: 'destructive', opinions: { declared: 'read', named: 'read', decided: 'destructive' } },
    ]);
    expect((await decide(second, next)).waiting).toEqual(['get_secret']);
  });

  test('raising is free, but what was raised to destructive takes two; what reads and writes takes one', async () => {
    const { reviewId } = await openReview([defineTool('get_order'), defineTool('list_orders')]);
    expect(
      (await decide(reviewer, reviewId, { get_order: { risk: 'open_world' }, list_orders: { risk: 'write' } })).waiting,
    ).toEqual([]);
    const other = await openReview([defineTool('get_order')]);
    expect((await decide(reviewer, other.reviewId, { get_order: { risk: 'destructive' } })).waiting).toEqual(['get_order']);
  });
});

describe('T-42: author is never approver', () => {
  test('whoever has asked what the server offers is an author, also of a review that another one asked for later', async () => {
    const asker = await workspace.as('owner');
    const server = await addServer(domain);
    const look = async (ctx: ServiceContext, tools: ToolDefinition[]) => {
      const { id } = await startDiscovery({ ctx, input: { serverId: server.id, agentId: domain.agent.id } });
      const { openReviewId } = await recordResult({
        ctx: domain.agentCtx,
        input: { discoveryId: id, outcome: makeFound(tools) },
      });
      return openReviewId ?? '';
    };
    await look(asker, [defineTool('a')]);
    const reviewId = await look(await workspace.as('builder'), [defineTool('a'), defineTool('b')]);
    for (const ctx of [asker, admin]) {
      expect((await getReview({ ctx, input: { reviewId } })).canApprove.ok).toBe(false);
      await expectRefused('not_permitted', decide(ctx, reviewId));
    }
    expect((await decide(reviewer, reviewId)).approved).toBe(2);
  });

  test('another role makes nobody else of an author', async () => {
    const owner = await workspace.as('owner');
    const author = await workspace.as('builder');
    const mine = { ...domain, admin: await workspace.as('admin') };
    const server = await addServer({ ...mine, admin: author });
    const reviewId = (await discover(mine, server.id, [defineTool('a')])).openReviewId ?? '';
    await changeRole({ ctx: owner, input: { membershipId: getActorId(author.actor), role: 'reviewer' } });
    const asReviewer: ServiceContext =
      author.actor.kind === 'person' ? { ...author, actor: { ...author.actor, role: 'reviewer' } } : author;
    await expectRefused('not_permitted', decide(asReviewer, reviewId));
    await decide(reviewer, reviewId, { a: { risk: 'destructive' } });
    const { waiting } = await getReview({ ctx: asReviewer, input: { reviewId } });
    expect(waiting?.canConfirm.ok).toBe(false);
    await expectRefused('not_permitted', confirm(domain, reviewId, asReviewer));
  });

  test('leaving and coming back makes nobody else of an author either, nor does it count as a second person', async () => {
    const owner = await workspace.as('owner');
    const author = await workspace.as('builder');
    if (author.actor.kind !== 'person') throw new Error('Not a person');
    const { userId, membershipId } = author.actor;
    const server = await addServer({ ...domain, admin: author });
    const reviewId = (await discover(domain, server.id, [defineTool('a')])).openReviewId ?? '';
    await removeMember({ ctx: owner, input: { membershipId } });
    const db = getFixtureDb(world.runtime);
    const back = await makeMembership(db, workspace.tenant.id, { userId, role: 'reviewer' });
    const returned = workspace.makeContext({ kind: 'person', userId, membershipId: back.id, role: 'reviewer' });
    await expectRefused('not_permitted', decide(returned, reviewId));
  });

  test('a role that was taken meanwhile counts at once, whatever the session says', async () => {
    const owner = await workspace.as('owner');
    const former = await workspace.as('reviewer');
    const { reviewId } = await openReview([defineTool('a')]);
    await changeRole({ ctx: owner, input: { membershipId: getActorId(former.actor), role: 'auditor' } });
    await expectRefused('not_permitted', decide(former, reviewId));
  });

  test('the refusal says who can', async () => {
    const own = await makeDomain(await makeWorkspace(world.runtime));
    const { reviewId } = await openReview([defineTool('a')], own);
    const members = (await listMembers({ ctx: own.admin })).rows;
    const nameOf = (ctx: ServiceContext) => members.find(({ id }) => id === getActorId(ctx.actor))?.name ?? '?';
    const { canApprove, canDecide } = await getReview({ ctx: own.admin, input: { reviewId } });
    expect(canDecide.ok).toBe(true);
    for (const ctx of [own.reviewer, own.second]) expect(canApprove.reason).toContain(nameOf(ctx));
  });
});

describe('T-42: two people', () => {
  test('the second is not the first and no author, and what waits is served by nobody', async () => {
    const { serverId, reviewId } = await openReview([defineDestructive('cancel_order'), defineTool('get_order')]);
    expect((await decide(reviewer, reviewId)).waiting).toEqual(['cancel_order']);
    const row = (await listReviews({ ctx: second, input: {} })).rows.find(({ id }) => id === reviewId);
    expect(row).toMatchObject({
      waiting: { by: { id: getActorId(reviewer.actor) }, isInEffect: false },
      canDecide: { ok: true },
    });
    await expectRefused('not_permitted', confirm(domain, reviewId, reviewer));
    await expectRefused('not_permitted', confirm(domain, reviewId, admin));
    await expectRefused('conflict', decide(second, reviewId));
    const confirmed = await confirm(domain, reviewId);
    expect(confirmed.validUntil.getTime() - world.runtime.now().getTime()).toBeGreaterThan(89 * DAY_MS);
    const served = await serve(serverId, ['cancel_order', 'get_order']);
    expect(await served()).toEqual(expect.arrayContaining(['cancel_order', 'get_order']));
    const log = await readAudit(admin, reviewId);
    expect(log.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['review.decide', getActorId(reviewer.actor)],
      ['review.confirm', getActorId(second.actor)],
    ]);
    const { review, waiting } = await getReview({ ctx: admin, input: { reviewId } });
    expect([review.confirmedBy?.id, waiting]).toEqual([getActorId(second.actor), null]);
    await expectRefused('conflict', confirmReview({ ctx: second, input: { reviewId, proposedAt: world.runtime.now() } }));
  });

  test('only what was seen is confirmed', async () => {
    const { reviewId } = await openReview([defineDestructive('cancel_order'), defineDestructive('wipe')]);
    await decide(reviewer, reviewId, { wipe: { verdict: 'rejected' } });
    const { waiting } = await getReview({ ctx: second, input: { reviewId } });
    world.advanceClock(1_000);
    await decide(reviewer, reviewId, {}, { again: true });
    const seen = { reviewId, proposedAt: waiting?.proposedAt ?? new Date(0) };
    await expectRefused('conflict', confirmReview({ ctx: second, input: seen }));
  });

  test('who decided and left, or brought something in since, is no first person any more', async () => {
    const owner = await workspace.as('owner');
    const [leaver, asker] = [await workspace.as('reviewer'), await workspace.as('admin')];
    const first = await openReview([defineDestructive('cancel_order')]);
    await decide(leaver, first.reviewId);
    await removeMember({ ctx: owner, input: { membershipId: getActorId(leaver.actor) } });
    await expectRefused('not_permitted', confirm(domain, first.reviewId));
    const other = await openReview([defineDestructive('cancel_order')]);
    await decide(asker, other.reviewId);
    await startDiscovery({ ctx: asker, input: { serverId: other.serverId, agentId: domain.agent.id } });
    await expectRefused('not_permitted', confirm(domain, other.reviewId));
  });

  test('a rejection is undone by two people, neither of them an author, and stands until then', async () => {
    const { serverId, reviewId } = await openReview([defineTool('a'), defineTool('b')]);
    await decide(reviewer, reviewId, { a: { verdict: 'rejected' } });
    const served = await serve(serverId, ['b']);
    await expectRefused('not_permitted', decide(admin, reviewId, {}, { again: true }));
    for (const _attempt of [1, 2]) {
      expect((await decide(reviewer, reviewId, {}, { again: true })).waiting).toEqual(['a']);
      const { entries, review } = await getReview({ ctx: second, input: { reviewId } });
      expect([review.state, ...entries.map(({ decision }) => decision.verdict)]).toEqual(['decided', 'rejected', 'approved']);
      expect(await served()).toContain('b');
    }
    await expectRefused('not_permitted', confirm(domain, reviewId, reviewer));
    await confirm(domain, reviewId);
    const { entries } = await getReview({ ctx: second, input: { reviewId } });
    expect(entries.map(({ decision }) => decision.verdict)).toEqual(['approved', 'approved']);
  });

  test('the same in the next review of the same definition', async () => {
    const { serverId, reviewId } = await openReview([defineTool('a')]);
    await decide(reviewer, reviewId, { a: { verdict: 'rejected' } });
    const next = (await discover(domain, serverId, [defineTool('a'), defineTool('b')])).openReviewId ?? '';
    expect((await decide(second, next)).waiting).toEqual(['a']);
  });

  test('taking something back needs one, at once, and moves no end', async () => {
    const { serverId, reviewId } = await openReview([defineDestructive('cancel_order'), defineDestructive('wipe')]);
    await decide(reviewer, reviewId, {}, { validDays: 30 });
    await confirm(domain, reviewId);
    const served = await serve(serverId, ['cancel_order', 'wipe']);
    const until = (await getReview({ ctx: admin, input: { reviewId } })).review.validUntil;
    const result = await decide(second, reviewId, { wipe: { verdict: 'rejected' } }, { again: true, validDays: 365 });
    expect(result).toMatchObject({ waiting: [], validUntil: until });
    expect(await served()).toContain('cancel_order');
    expect(await served()).not.toContain('wipe');
  });

  test('of fifty at once one decides, and of fifty one confirms', async () => {
    const { reviewId } = await openReview([defineDestructive('cancel_order')]);
    const decisions = await listChoices(reviewer, reviewId);
    const people = [reviewer, second];
    await warmPool();
    const race = (work: (ctx: ServiceContext) => Promise<unknown>) =>
      Promise.allSettled(Array.from({ length: 50 }, (_, index) => work(people[index % 2] ?? reviewer)));
    const decided = await race((ctx) => decideReview({ ctx, input: { reviewId, decisions } }));
    expect(decided.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { waiting } = await getReview({ ctx: admin, input: { reviewId } });
    const proposedAt = waiting?.proposedAt ?? new Date(0);
    const confirmed = await race((ctx) => confirmReview({ ctx, input: { reviewId, proposedAt } }));
    expect(confirmed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [first, last] = await readAudit(admin, reviewId);
    expect(first?.actorId).not.toBe(last?.actorId);
  });
});

describe('T-42: break-glass', () => {
  let small: Domain;
  let owner: ServiceContext;
  const glass = { breakGlass: true, reason: 'The shop is on fire' };
  beforeAll(async () => {
    const made = await makeWorkspace(world.runtime);
    const whole = await makeDomain(made);
    owner = await made.as('owner');
    // an owner who is alone with it: the others of the fixture leave
    for (const ctx of [whole.reviewer, whole.second])
      await removeMember({ ctx: owner, input: { membershipId: getActorId(ctx.actor) } });
    small = { ...whole, admin: owner };
    await removeMember({ ctx: owner, input: { membershipId: getActorId(whole.admin.actor) } });
  });

  test('is refused while two people can decide, to all but owners, without a reason or a need, and for a lower risk', async () => {
    const { reviewId } = await openReview([defineDestructive('cancel_order')]);
    const other = await workspace.as('owner');
    const refused = await expectRefused('not_permitted', decide(other, reviewId, {}, glass));
    expect(refused.message).toContain('two people');
    await expectRefused('not_permitted', decide(reviewer, reviewId, {}, glass));
    const alone = await openReview([defineDestructive('cancel_order')], small);
    expect((await getReview({ ctx: owner, input: { reviewId: alone.reviewId } })).canBreakGlass.ok).toBe(true);
    await expectRefused('not_permitted', decide(owner, alone.reviewId));
    await expectRefused('invalid', decide(owner, alone.reviewId, {}, { breakGlass: true }));
    await expectRefused('invalid', decide(owner, alone.reviewId, { cancel_order: { risk: 'read' } }, glass));
    await expectRefused('invalid', decide(owner, alone.reviewId, { cancel_order: { verdict: 'rejected' } }, glass));
  });

  test('holds for seven days, is shown and audited, is not prolonged, and ends in off', async () => {
    const own = await openWorld();
    try {
      const made = await makeWorkspace(own.runtime);
      const whole = await makeDomain(made);
      const { tenantId } = whole.admin;
      const alone = await made.as('owner');
      for (const ctx of [whole.reviewer, whole.second, whole.admin])
        await removeMember({ ctx: alone, input: { membershipId: getActorId(ctx.actor) } });
      const mine = { ...whole, admin: alone };
      const { serverId, reviewId } = await openReview([defineDestructive('cancel_order')], mine);
      const { validUntil } = await decide(alone, reviewId, {}, glass);
      expect(validUntil.getTime() - own.runtime.now().getTime()).toBeLessThanOrEqual(7 * DAY_MS);
      const served = await serve(serverId, ['cancel_order'], mine);
      expect(await served()).toEqual(['cancel_order']);
      // whoever broke it confirms nothing, so it waits for others; a reviewer who comes is told
      expect(await listNeeds({ ctx: alone })).toMatchObject({ counts: {}, others: 1 });
      const later = await made.as('reviewer');
      expect((await listNeeds({ ctx: later })).items).toMatchObject([
        { kind: 'break_glass', id: reviewId, place: 'Ada Example', reason: glass.reason, until: validUntil },
      ]);
      await removeMember({ ctx: alone, input: { membershipId: getActorId(later.actor) } });
      expect((await getReview({ ctx: alone, input: { reviewId } })).waiting).toMatchObject({
        isInEffect: true,
        canConfirm: { ok: false },
      });
      expect((await readAudit(alone, reviewId))[0]?.after).toMatchObject({
        breakGlass: true,
        reason: glass.reason,
        takesTwo: true,
      });
      own.advanceClock(5 * DAY_MS);
      expect((await decide(alone, reviewId, {}, { ...glass, again: true })).validUntil).toEqual(validUntil);
      own.advanceClock(2 * DAY_MS + 1);
      await expireRecords({ ctx: made.asSystem('expire-records') });
      expect(await served()).toEqual([]);
      expect((await listNeeds({ ctx: alone })).counts).toMatchObject({ approval_ending: 1 });
      const rows = await runInTenant(getFixtureDb(own.runtime), tenantId, (tx) => tx.review.findMany({ where: { tenantId } }));
      expect(rows.map(({ state }) => state)).toEqual(['expired']);
    } finally {
      await own.close();
    }
  });

  test('ends after the hours that the owner gives it, seven days at most, as the signed configuration says', async () => {
    const { serverId, reviewId } = await openReview([defineDestructive('cancel_order')], small);
    await expectRefused('invalid', decide(owner, reviewId, {}, { ...glass, breakGlassHours: 169 }));
    const { validUntil } = await decide(owner, reviewId, {}, { ...glass, breakGlassHours: 4 });
    await serve(serverId, ['cancel_order'], small);
    const findServed = async () =>
      (await readNewestSnapshot(small))?.content.profiles
        .flatMap(({ entries }) => entries)
        .find((entry) => entry.serverId === serverId);
    // the end is in what is signed, so that an agent without a hub knows of it; what two people decided ends with the configuration
    expect(await findServed()).toMatchObject({ endsAt: validUntil.toISOString() });
    const left = validUntil.getTime() - world.runtime.now().getTime();
    expect([left <= 4 * 3_600_000, left > 3 * 3_600_000]).toEqual([true, true]);
    const newcomer = await small.workspace.as('reviewer');
    await confirm(small, reviewId, newcomer);
    await removeMember({ ctx: owner, input: { membershipId: getActorId(newcomer.actor) } });
    expect(await findServed()).not.toHaveProperty('endsAt');
  });

  test('is for seven days in all: neither a review more, nor taking it back, nor another name of the server begins them anew', async () => {
    const own = await openWorld();
    try {
      const made = await makeWorkspace(own.runtime);
      const whole = await makeDomain(made);
      const alone = await made.as('owner');
      for (const ctx of [whole.reviewer, whole.second, whole.admin])
        await removeMember({ ctx: alone, input: { membershipId: getActorId(ctx.actor) } });
      const mine = { ...whole, admin: alone };
      const tool = defineDestructive('cancel_order');
      const transport = { kind: 'http', url: 'http://127.0.0.1:3030/glass' } as const;
      const { id: serverId } = await addServer(mine, { transport });
      const reviewId = (await discover(mine, serverId, [tool])).openReviewId ?? '';
      const { decisionId } = await decide(alone, reviewId, {}, { ...glass, breakGlassHours: 1 });
      const end = own.runtime.now().getTime() + 7 * DAY_MS;
      own.advanceClock(DAY_MS / 48);
      await takeBackDecision({ ctx: alone, input: { reviewId, decisionId } });
      expect((await decide(alone, reviewId, {}, glass)).validUntil.getTime()).toBeLessThanOrEqual(end);
      own.advanceClock(6 * DAY_MS);
      // the same text in a review more, and in another server of the same upstream
      const { openReviewId } = await discover(mine, serverId, [tool, defineDestructive('drop_order')]);
      const no = { drop_order: { verdict: 'rejected' } } as const;
      expect((await decide(alone, openReviewId ?? '', no, glass)).validUntil.getTime()).toBeLessThanOrEqual(end);
      const other = await addServer(mine, { transport, name: 'Something else' });
      const renamed = await discover(mine, other.id, [tool]);
      expect((await decide(alone, renamed.openReviewId ?? '', {}, glass)).validUntil.getTime()).toBeLessThanOrEqual(end);
      own.advanceClock(DAY_MS);
      await expireRecords({ ctx: made.asSystem('expire-records') });
      // said before anyone tries: of one text, and of all that there is
      const spent = await discover(mine, other.id, [tool, defineDestructive('spin_order')]);
      expect(await getReview({ ctx: alone, input: { reviewId: spent.openReviewId ?? '' } })).toMatchObject({
        canBreakGlass: { ok: true },
        glassOver: { entries: [{ kind: 'tool', name: 'cancel_order' }] },
      });
      const all = await discover(mine, other.id, [tool]);
      const told = await getReview({ ctx: alone, input: { reviewId: all.openReviewId ?? '' } });
      const last = await discover(mine, serverId, [tool, defineDestructive('seek_order')]);
      const refused = await expectRefused(
        'not_permitted',
        decide(alone, last.openReviewId ?? '', { seek_order: { verdict: 'rejected' } }, glass),
      );
      expect(refused.message).toContain('cancel_order');
      expect(told.canBreakGlass).toEqual({ ok: false, reason: refused.message });
      // what was never approved alone has its own seven days
      expect(await decide(alone, last.openReviewId ?? '', { cancel_order: { verdict: 'rejected' } }, glass)).toMatchObject({
        approved: 1,
      });
    } finally {
      await own.close();
    }
  });

  test('ends as soon as a second person confirms, who is neither the owner nor an author', async () => {
    const { serverId, reviewId } = await openReview([defineDestructive('cancel_order')], small);
    await decide(owner, reviewId, {}, { ...glass, validDays: 90 });
    await expectRefused('not_permitted', confirm(small, reviewId, owner));
    const newcomer = await small.workspace.as('reviewer');
    await confirm(small, reviewId, newcomer);
    const { review, waiting } = await getReview({ ctx: owner, input: { reviewId } });
    expect([waiting, review.confirmedBy?.id]).toEqual([null, getActorId(newcomer.actor)]);
    expect((review.validUntil?.getTime() ?? 0) - world.runtime.now().getTime()).toBeGreaterThan(89 * DAY_MS);
    const served = await serve(serverId, ['cancel_order'], small);
    expect(await served()).toContain('cancel_order');
  });
});

test('T-35: nothing of another tenant can be confirmed', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const { reviewId } = await openReview([defineDestructive('a')], other);
  await decide(other.reviewer, reviewId);
  const { waiting } = await getReview({ ctx: other.second, input: { reviewId } });
  await expectRefused(
    'not_found',
    confirmReview({ ctx: second, input: { reviewId, proposedAt: waiting?.proposedAt ?? new Date() } }),
  );
});
