import { afterAll, expect, test } from 'vitest';

import { getAgent } from '../src/agent/get-agent.ts';
import type { ServiceContext } from '../src/context.ts';
import { getDiscovery } from '../src/discovery/get-discovery.ts';
import { getProfile } from '../src/profile/get-profile.ts';
import { listEndpoints } from '../src/profile/list-endpoints.ts';
import { getPublishRequest } from '../src/profile/request/get-publish-request.ts';
import { getReceipt } from '../src/receipt/get-receipt.ts';
import { getReview } from '../src/review/get-review.ts';
import { getServer } from '../src/server/get-server.ts';
import { makeWorkspace, openWorld, expectRefused } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const admin = await (await makeWorkspace(world.runtime)).as('admin');

const READS: [string, (ctx: ServiceContext, written: string) => Promise<unknown>][] = [
  ['agent', (ctx, agentId) => getAgent({ ctx, input: { agentId } })],
  ['review', (ctx, reviewId) => getReview({ ctx, input: { reviewId } })],
  ['request to publish', (ctx, requestId) => getPublishRequest({ ctx, input: { requestId } })],
  ['receipt', (ctx, id) => getReceipt({ ctx, input: { id } })],
  ['discovery', (ctx, discoveryId) => getDiscovery({ ctx, input: { discoveryId } })],
  ['server', (ctx, slug) => getServer({ ctx, input: { slug } })],
  ['profile', (ctx, slug) => getProfile({ ctx, input: { slug } })],
  ['endpoints of a profile', (ctx, slug) => listEndpoints({ ctx, input: { slug } })],
];

test.each(READS)('%s: what is no id and no slug is not found, whatever stands in the address', async (_, read) => {
  for (const written of ['abc!', 'x'.repeat(300), '\0', '']) {
    const error = await expectRefused('not_found', read(admin, written));
    expect(error.message).toMatch(/^This .* does not exist/);
  }
});
