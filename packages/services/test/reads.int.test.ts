import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { countReads, type ReadCost } from '@gatehouse/db/testing';

import { listAgents } from '../src/agent/list-agents.ts';
import { getOverview } from '../src/overview/get-overview.ts';
import { listChoices } from '../src/profile/draft/list-choices.ts';
import { getProfile } from '../src/profile/get-profile.ts';
import { listProfiles } from '../src/profile/list-profiles.ts';
import { getRollout } from '../src/profile/publish/get-rollout.ts';
import { previewTools } from '../src/profile/publish/preview-tools.ts';
import { listReceipts } from '../src/receipt/list-receipts.ts';
import { getReview } from '../src/review/get-review.ts';
import { listReviews } from '../src/review/list-reviews.ts';
import { getServer } from '../src/server/get-server.ts';
import { listServers } from '../src/server/list-servers.ts';
import { assembleContent } from '../src/snapshot/assemble-content.ts';
import { getApprovedEntries } from '../src/snapshot/offered-entries.ts';
import type { Domain } from './support/domain.ts';
import { makeFleet } from './support/fleet.ts';
import { openWorld } from './support/world.ts';

/** Rows that one thing on a page may take: itself, what it is joined with, and its counts. */
const ROWS_PER_ITEM = 8;

const world = await openWorld();
afterAll(() => world.close());
let few: Fleet;
let many: Fleet;
let old: Fleet;

beforeAll(async () => {
  few = await openFleet({ servers: 30, history: 3 });
  many = await openFleet({ servers: 300, history: 3 });
  old = await openFleet({ servers: 300, history: 20 });
}, 60_000);

type Fleet = Pick<Domain, 'admin' | 'workspace'> & { profileId: string; reviewId: string };

async function openFleet(size: Parameters<typeof makeFleet>[1]): Promise<Fleet> {
  const { admin, workspace } = await makeFleet(world.runtime, size);
  const { profile } = await getProfile({ ctx: admin, input: { slug: 'profile-1' } });
  const { openReviewId } = await getServer({ ctx: admin, input: { slug: 'server-1' } });
  if (openReviewId === null) throw new Error('No review is open');
  return { admin, workspace, profileId: profile.id, reviewId: openReviewId };
}

const READS: [name: string, read: (fleet: Fleet) => Promise<unknown>][] = [
  ['listServers', ({ admin: ctx }) => listServers({ ctx })],
  ['getServer', ({ admin: ctx }) => getServer({ ctx, input: { slug: 'server-1' } })],
  ['listReviews, open', ({ admin: ctx }) => listReviews({ ctx, input: { limit: 200 } })],
  ['listReviews, decided', ({ admin: ctx }) => listReviews({ ctx, input: { state: 'decided', limit: 200 } })],
  ['getReview', ({ admin: ctx, reviewId }) => getReview({ ctx, input: { reviewId } })],
  ['listProfiles', ({ admin: ctx }) => listProfiles({ ctx })],
  ['getProfile', ({ admin: ctx, profileId }) => getProfile({ ctx, input: { profileId } })],
  ['listChoices', ({ admin: ctx, profileId }) => listChoices({ ctx, input: { profileId } })],
  ['previewTools, draft', ({ admin: ctx, profileId }) => previewTools({ ctx, input: { profileId, of: 'draft' } })],
  ['previewTools, published', ({ admin: ctx, profileId }) => previewTools({ ctx, input: { profileId, of: 'published' } })],
  ['getOverview', ({ admin: ctx }) => getOverview({ ctx })],
  ['listAgents', ({ admin: ctx }) => listAgents({ ctx })],
  ['getRollout', ({ admin: ctx, profileId }) => getRollout({ ctx, input: { profileId } })],
  ['listReceipts', ({ admin: ctx }) => listReceipts({ ctx, input: { limit: 20 } })],
  [
    'assembleContent',
    (fleet) => inFleet(fleet, (tx, which) => assembleContent(tx, { ...which, siteId: fleet.workspace.site.id })),
  ],
  ['approvedEntries', (fleet) => inFleet(fleet, async (tx, which) => [...(await getApprovedEntries(tx, which)).values()])],
];

function inFleet<T>(
  { admin: { tenantId, runtime } }: Fleet,
  read: (tx: Parameters<typeof getApprovedEntries>[0], which: { tenantId: string; now: Date }) => Promise<T>,
): Promise<T> {
  return runInTenant(runtime.db, tenantId, (tx) => read(tx, { tenantId, now: runtime.now() }));
}

describe.each(READS)('%s', (_, read) => {
  /** Fails when the second asks other queries, or reads more rows than it returns more. */
  async function compare(first: Fleet, second: Fleet): Promise<void> {
    const [before, after] = [await costOf(read, first), await costOf(read, second)];
    expect(after.queries).toBe(before.queries);
    expect(after.rows - before.rows).toBeLessThanOrEqual(ROWS_PER_ITEM * (after.items - before.items));
  }

  test('asks no query for each of 300 servers', () => compare(few, many));

  test('reads no history', () => compare(many, old));
});

async function costOf(read: (fleet: Fleet) => Promise<unknown>, fleet: Fleet): Promise<ReadCost & { items: number }> {
  const { result, ...cost } = await countReads(world.runtime.db, () => read(fleet));
  return { ...cost, items: countItems(result) };
}

/** Objects that stand in lists, at any depth: what a page has rows or cards for. */
function countItems(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts: unknown[] = Object.values(value);
  const own = Array.isArray(value) ? parts.filter((part) => typeof part === 'object').length : 0;
  return own + parts.reduce<number>((sum, part) => sum + countItems(part), 0);
}
