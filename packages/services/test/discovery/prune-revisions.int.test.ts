import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { pruneRevisions } from '../../src/discovery/prune-revisions.ts';
import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { expireRecords } from '../../src/jobs/expire-records.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { addComment } from '../../src/review/discussion/add-comment.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import {
  addServer,
  approveReview,
  createDraftedProfile,
  discover,
  type Domain,
  listChoices,
  makeDomain,
  makeFound,
} from '../support/domain.ts';
import { getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const FIND = defineTool('find', { description: 'Finds an order.' });
const FIND_NEW = defineTool('find', { description: 'Finds an order, and who made it.' });
const LIST = defineTool('list');
const DROP = defineTool('drop');

const world = await openWorld();
afterAll(() => world.close());
let domain: Domain;
beforeAll(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
});

const prune = () => pruneRevisions({ ctx: domain.workspace.asSystem('expire-records') });
const listNumbers = async (serverId: string) =>
  (await getServer({ ctx: domain.admin, input: { serverId } })).revisions.map(({ number }) => number).toSorted((a, b) => a - b);

/** A server of which these were found one after the other, each approved by a review. */
async function addHistory(...found: ReturnType<typeof defineTool>[][]) {
  const { id, slug } = await addServer(domain);
  const reviewIds: string[] = [];
  for (const tools of found) {
    const { openReviewId } = await discover(domain, id, tools);
    if (openReviewId === null) throw new Error('No review was opened');
    await approveReview(domain, openReviewId);
    reviewIds.push(openReviewId);
  }
  return { id, slug, reviewIds };
}

test('a revision goes 90 days after it was made, once all in it was decided again and no site, profile or person refers to it; the log says which', async () => {
  const { workspace, admin, reviewer } = domain;
  const plain = await addHistory([FIND], [FIND, LIST], [FIND_NEW, LIST]);
  const published = await addHistory([FIND]);
  const profile = await createDraftedProfile(domain, [{ serverId: published.id, name: 'find' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  for (const tools of [[FIND_NEW], [FIND_NEW, LIST]]) {
    await approveReview(domain, (await discover(domain, published.id, tools)).openReviewId ?? '');
  }
  const rejecting = await addHistory([FIND]);
  const { openReviewId } = await discover(domain, rejecting.id, [FIND, DROP]);
  const decisions = await listChoices(reviewer, openReviewId ?? '', { drop: { verdict: 'rejected' } });
  await decideReview({ ctx: reviewer, input: { reviewId: openReviewId ?? '', decisions } });
  await approveReview(domain, (await discover(domain, rejecting.id, [FIND, LIST])).openReviewId ?? '');
  const talkedAbout = await addHistory([FIND], [FIND, LIST]);
  await addComment({ ctx: reviewer, input: { reviewId: talkedAbout.reviewIds[0] ?? '', text: 'Why does it need this?' } });
  const elsewhere = await addHistory([FIND]);
  await recordElsewhere(elsewhere.id, [FIND]);
  await approveReview(domain, (await discover(domain, elsewhere.id, [FIND, LIST])).openReviewId ?? '');

  expect(await prune()).toEqual({ pruned: 0 });
  world.advanceClock(91 * DAY_MS);
  await expireRecords({ ctx: workspace.asSystem('expire-records') });
  const list = () => Promise.all([plain, published, rejecting, talkedAbout, elsewhere].map(({ id }) => listNumbers(id)));
  // what was decided again goes; the approval of what was changed since, which has only just lapsed, stays
  expect(await list()).toEqual([
    [2, 3],
    [1, 3],
    [2, 3],
    [1, 2],
    [1, 2],
  ]);
  expect((await readAudit(admin, plain.id)).filter(({ action }) => action === 'revision.prune')).toMatchObject([
    { actorId: 'expire-records', before: { revisions: [1] } },
  ]);
  await expect(getReview({ ctx: reviewer, input: { reviewId: plain.reviewIds[0] ?? '' } })).rejects.toMatchObject({
    code: 'not_found',
  });

  world.advanceClock(91 * DAY_MS);
  expect(await prune()).toEqual({ pruned: 1 });
  // a version of the profile has what only the first revision of the second server had
  expect(await list()).toEqual([[3], [1, 3], [2, 3], [1, 2], [1, 2]]);
  expect(await prune()).toEqual({ pruned: 0 });
});

test('a pass removes so many and no more, the oldest first', async () => {
  const { tenantId, runtime } = domain.admin;
  const { id: serverId } = await addHistory([FIND]);
  const data = Array.from({ length: 203 }, (_, index) => ({
    tenantId,
    serverId,
    number: index + 2,
    protocolVersion: '2025-11-25',
    serverInfo: {},
    contentHash: String(index),
    isDrift: true,
    createdAt: new Date(runtime.now().getTime() - (500 - index) * DAY_MS),
  }));
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) => tx.serverRevision.createMany({ data }));
  expect(await prune()).toEqual({ pruned: 200 });
  expect(await listNumbers(serverId)).toEqual([1, 202, 203, 204]);
  expect(await prune()).toEqual({ pruned: 3 });
});

test('nobody but the worker prunes', async () => {
  await expect(pruneRevisions({ ctx: domain.admin })).rejects.toMatchObject({ code: 'not_permitted' });
});

/** An agent of another site looks at the server, which is there too, and goes on watching it. */
async function recordElsewhere(serverId: string, tools: ReturnType<typeof defineTool>[]): Promise<void> {
  const { workspace, admin } = domain;
  const [db, tenantId] = [getFixtureDb(admin.runtime), workspace.tenant.id];
  const { id: siteId } = await makeSite(db, tenantId, { slug: 'other' });
  const features = ['parts', 'revocations', 'observations'];
  const agent = await makeAgent(db, tenantId, { siteId, lastSeenAt: admin.runtime.now(), features });
  await runInTenant(db, tenantId, (tx) => tx.serverSite.create({ data: { tenantId, serverId, siteId } }));
  const { id: discoveryId } = await startDiscovery({ ctx: admin, input: { serverId, agentId: agent.id } });
  const ctx = workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId });
  await recordResult({ ctx, input: { discoveryId, outcome: makeFound(tools) } });
}
