import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview, type DecideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { getServer } from '../../src/server/get-server.ts';
import {
  addServer,
  addApprovedServer,
  type ChoiceChange,
  listChoices,
  defineDestructive,
  discover,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
  listServed,
  listTools,
} from '../support/domain.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
type Choice = DecideReview['decisions'][number];
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

async function openReview(tools = [defineTool('get_order'), defineDestructive('cancel_order')], where = domain) {
  const server = await addServer(where);
  const { openReviewId } = await discover(where, server.id, tools);
  return { server, reviewId: openReviewId ?? '' };
}

async function decide(
  ctx: ServiceContext,
  reviewId: string,
  changes: Record<string, ChoiceChange> = {},
  rest: Partial<DecideReview> = {},
) {
  const decisions = await listChoices(domain.reviewer, reviewId, changes);
  return decideReview({ ctx, input: { reviewId, decisions, ...rest } });
}

/** Opens the connections beforehand, so that what is started together runs together. */
const warmPool = () => Promise.all(Array.from({ length: 10 }, () => listReviews({ ctx: domain.reviewer, input: {} })));

const readState = async (reviewId: string) => (await getReview({ ctx: domain.reviewer, input: { reviewId } })).review.state;

test('T-35: a review of another tenant is as unknown', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await openReview([defineTool('a')], other);
  const { reviewer } = domain;
  const decisions: Choice[] = [{ kind: 'tool', name: 'a', verdict: 'approved', risk: 'read' }];
  const seen = await expectRefused('not_found', getReview({ ctx: reviewer, input: { reviewId: foreign.reviewId } }));
  const unknown = await expectRefused('not_found', getReview({ ctx: reviewer, input: { reviewId: randomUUID() } }));
  expect(seen.message).toBe(unknown.message);
  await expectRefused('not_found', decideReview({ ctx: reviewer, input: { reviewId: foreign.reviewId, decisions } }));
  expect((await getReview({ ctx: other.reviewer, input: { reviewId: foreign.reviewId } })).review.state).toBe('open');
  expect((await listReviews({ ctx: reviewer, input: {} })).rows.map(({ id }) => id)).not.toContain(foreign.reviewId);
});

test('roles: builders and auditors look, they do not decide; members see nothing', async () => {
  const { workspace } = domain;
  const { reviewId } = await openReview();
  for (const role of ['builder', 'auditor'] as const) {
    const ctx = await workspace.as(role);
    const { canDecide } = await getReview({ ctx, input: { reviewId } });
    expect(canDecide).toMatchObject({ ok: false });
    await expectRefused('not_permitted', decide(ctx, reviewId));
  }
  const member = await workspace.as('member');
  // only who owns its server is shown it
  await expectRefused('not_found', getReview({ ctx: member, input: { reviewId } }));
  await expectRefused('not_permitted', listReviews({ ctx: member, input: {} }));
  expect(await readState(reviewId)).toBe('open');
});

test('a decision is audited with every tool, lasts 90 days and names who made it', async () => {
  const { reviewer } = domain;
  const { server, reviewId } = await openReview();
  const before = world.runtime.now().getTime();
  const result = await decide(reviewer, reviewId, { cancel_order: { verdict: 'rejected', note: 'not needed' } });
  expect(result).toMatchObject({ approved: 1, rejected: 1 });
  expect(result.validUntil.getTime() - before).toBeGreaterThanOrEqual(90 * DAY_MS);
  const [row] = await readAudit(reviewer, reviewId);
  expect(row).toMatchObject({
    action: 'review.decide',
    actorId: getActorId(reviewer.actor),
    after: {
      serverId: server.id,
      decisions: [
        { kind: 'tool', name: 'cancel_order', verdict: 'rejected' },
        { kind: 'tool', name: 'get_order', verdict: 'approved' },
      ],
    },
  });
  const { entries, review } = await getReview({ ctx: reviewer, input: { reviewId } });
  expect(review.state).toBe('decided');
  expect(entries[0]?.decision).toMatchObject({
    verdict: 'rejected',
    note: 'not needed',
    decidedBy: { id: getActorId(reviewer.actor) },
  });
});

test('every tool is decided once, and no other', async () => {
  const { reviewId } = await openReview();
  const { reviewer } = domain;
  const all = await listChoices(reviewer, reviewId);
  const attempt = (decisions: Choice[]) =>
    expectRefused('invalid', decideReview({ ctx: reviewer, input: { reviewId, decisions } }));
  expect((await attempt(all.slice(1))).message).toContain('cancel_order');
  await attempt([...all, ...all.slice(0, 1)]);
  expect((await attempt([...all, { kind: 'tool', name: 'other', verdict: 'approved', risk: 'read' }])).message).toContain(
    'other',
  );
  expect(await readState(reviewId)).toBe('open');
});

test('whoever rejects says why: of each, or once for all that have no note; a rejection that stands keeps what was said', async () => {
  const server = await addServer(domain);
  const reviewId = (await discover(domain, server.id, [defineTool('a'), defineTool('b')])).openReviewId ?? '';
  const { reviewer, second } = domain;
  const no = { verdict: 'rejected', note: '' } as const;
  const refused = await expectRefused('invalid', decide(reviewer, reviewId, { a: no, b: { ...no, note: 'Unused' } }));
  expect(refused).toMatchObject({ field: 'reason', message: 'Say why these are rejected: a.' });
  // what nobody can read says nothing
  await expectRefused('invalid', decide(reviewer, reviewId, { a: { ...no, note: '\u200b' }, b: { ...no, note: 'Unused' } }));
  await expectRefused('invalid', decide(reviewer, reviewId, { a: no, b: { ...no, note: 'Unused' } }, { reason: '\u2060\u200b' }));
  await decide(reviewer, reviewId, { a: no, b: { ...no, note: 'Unused' } }, { reason: 'It tells too much' });
  const listNotes = async () =>
    (await getReview({ ctx: reviewer, input: { reviewId } })).entries.map(({ decision }) => decision.note);
  expect(await listNotes()).toEqual(['It tells too much', 'Unused']);
  await decide(second, reviewId, { a: no, b: no }, { again: true });
  expect(await listNotes()).toEqual(['It tells too much', 'Unused']);
});

test('only fields that a schema declares can be marked, and the mark reaches the snapshot', async () => {
  const { admin, reviewer } = domain;
  const outputSchema = { type: 'object', properties: { status: { type: 'string' } } };
  const { server, reviewId } = await openReview([defineTool('get_order', { outputSchema }), defineTool('plain')]);
  for (const mark of [{ logArguments: ['/nope'] }, { logArguments: [''] }, { logResults: ['/orderId'] }]) {
    await expectRefused('invalid', decide(reviewer, reviewId, { get_order: mark }));
  }
  await expectRefused('invalid', decide(reviewer, reviewId, { plain: { logResults: ['/status'] } }));
  await decide(reviewer, reviewId, { get_order: { logArguments: ['/orderId'], logResults: ['/status'] } });
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const tools = (await readNewestSnapshot(domain))?.content.profiles.find(({ id }) => id === profile.id)?.entries;
  expect(tools).toMatchObject([{ logArguments: ['/orderId'], logResults: ['/status'] }]);
});

test('of reviewers at the same time one decides; the others are told who; later it can be decided again', async () => {
  const { reviewer, workspace } = domain;
  const second = await workspace.as('reviewer');
  const { server, reviewId } = await openReview([defineTool('a')]);
  const decisions = await listChoices(reviewer, reviewId);
  await warmPool();
  const attempts = [reviewer, second, reviewer, second, reviewer, second].map((ctx) =>
    decideReview({ ctx, input: { reviewId, decisions } }),
  );
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  for (const reason of reasons) expect(reason).toContain('has decided this review already');
  await expectRefused('conflict', decide(second, reviewId));
  expect(await readAudit(reviewer, reviewId)).toHaveLength(1);

  await decide(second, reviewId, { a: { verdict: 'rejected' } }, { again: true });
  expect((await getServer({ ctx: reviewer, input: { serverId: server.id } })).state).toBe('Rejected');
  expect(await readAudit(reviewer, reviewId)).toHaveLength(2);
});

test('a review that a newer one took the place of is closed', async () => {
  const { reviewer } = domain;
  const { server, reviewId } = await openReview([defineTool('a')]);
  const all = await listChoices(reviewer, reviewId);
  const { openReviewId } = await discover(domain, server.id, [defineTool('a'), defineTool('b')]);
  await expectRefused('conflict', decideReview({ ctx: reviewer, input: { reviewId, decisions: all } }));
  expect((await getReview({ ctx: reviewer, input: { reviewId } })).canDecide.ok).toBe(false);
  await decide(reviewer, openReviewId ?? '');
  const again = await expectRefused(
    'conflict',
    decideReview({ ctx: reviewer, input: { reviewId, decisions: all, again: true } }),
  );
  expect(again.message).toContain('newer');
});

test('a decision writes the snapshots of the sites at once: a tool that is rejected later is no longer served', async () => {
  const { admin, reviewer } = domain;
  const server = await addApprovedServer(domain, [defineTool('kept'), defineTool('dropped')]);
  const profile = await createDraftedProfile(
    domain,
    ['kept', 'dropped'].map((name) => ({ serverId: server.id, name })),
  );
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const names = async () =>
    listTools((await readNewestSnapshot(domain))?.content.profiles.find(({ id }) => id === profile.id)).map(({ name }) => name);
  expect(await names()).toEqual(['dropped', 'kept']);
  const { sites } = await decide(reviewer, server.reviewId, { dropped: { verdict: 'rejected' } }, { again: true });
  expect(sites).toEqual([{ siteId: domain.workspace.site.id, snapshotVersion: (await readNewestSnapshot(domain))?.version }]);
  expect(await names()).toEqual(['kept']);
});

test('the list says what changed and who may decide', async () => {
  const { admin, reviewer, workspace } = domain;
  const server = await addApprovedServer(domain, [defineTool('a'), defineTool('b')]);
  const changed = defineTool('b', { description: 'Now different' });
  const { openReviewId } = await discover(domain, server.id, [defineTool('a'), changed, defineDestructive('c')]);
  const rowFor = async (ctx: ServiceContext) =>
    (await listReviews({ ctx, input: {} })).rows.find(({ id }) => id === openReviewId);
  expect(await rowFor(reviewer)).toMatchObject({
    server: { id: server.id, slug: server.slug },
    revision: 2,
    offered: { tool: 3 },
    added: { tool: 1 },
    changed: { tool: 1 },
    destructiveCount: 1,
    requestedBy: { id: getActorId(admin.actor) },
    canDecide: { ok: true },
  });
  expect(await rowFor(await workspace.as('auditor'))).toMatchObject({ canDecide: { ok: false } });
  const decidedIds = (await listReviews({ ctx: reviewer, input: { state: 'decided' } })).rows.map(({ id }) => id);
  expect(decidedIds).toContain(server.reviewId);
  expect(decidedIds).not.toContain(openReviewId);
});

test('who has left goes on to be named', async () => {
  const { workspace, reviewer } = domain;
  const owner = await workspace.as('owner');
  const leaver = await workspace.as('admin');
  const mine = { ...domain, admin: leaver };
  const { reviewId } = await openReview([defineTool('a')], mine);
  await removeMember({ ctx: owner, input: { membershipId: getActorId(leaver.actor) } });
  expect((await getReview({ ctx: reviewer, input: { reviewId } })).requestedBy).toEqual({
    id: getActorId(leaver.actor),
    name: 'Ada Example (left)',
    email: null,
  });
});

test('approvals lapse: the server expires, its tools wait again, a new discovery opens a new review', async () => {
  const own = await openWorld();
  try {
    const mine = await makeDomain(await makeWorkspace(own.runtime));
    const server = await addApprovedServer(mine, [defineTool('a')]);
    const profile = await createDraftedProfile(mine, [{ serverId: server.id, name: 'a' }]);
    await publishProfile({ ctx: mine.admin, input: { profileId: profile.id } });
    expect(listServed(await readNewestSnapshot(mine))).toHaveLength(1);
    own.advanceClock(91 * DAY_MS);
    const view = await getServer({ ctx: mine.admin, input: { serverId: server.id } });
    expect(view).toMatchObject({ state: 'Expired', approved: { tool: 0 }, entries: [{ verdict: 'pending' }] });
    const { openReviewId } = await discover(mine, server.id, [defineTool('a')]);
    expect(openReviewId).not.toBeNull();
    expect(openReviewId).not.toBe(server.reviewId);
    const decisions = await listChoices(mine.reviewer, openReviewId ?? '');
    await decideReview({ ctx: mine.reviewer, input: { reviewId: openReviewId ?? '', decisions, validDays: 1 } });
    expect((await getServer({ ctx: mine.admin, input: { serverId: server.id } })).state).toBe('Approved');
    own.advanceClock(DAY_MS + 1);
    expect((await getServer({ ctx: mine.admin, input: { serverId: server.id } })).state).toBe('Expired');
  } finally {
    await own.close();
  }
});
