import { expect, test } from 'vitest';

import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getReview } from '@gatehouse/services/review/get-review';
import { createServer } from '@gatehouse/services/server/create-server';
import { getServer } from '@gatehouse/services/server/get-server';
import { refreshSnapshots } from '@gatehouse/services/snapshot/refresh-snapshots';

import { expectWithin, openClient, startMcpServer, startSite } from './support/site.ts';
import { openHub, type Workspace } from './support/world.ts';

const { world, hub } = await openHub();

/** An MCP server is another one for each credential: it says which by the description of `find`. */
const SHOPS: Record<string, string> = { 'Bearer t0ken-one': 'the north shop', 'Bearer t0ken-two': 'the south shop' };

function answer(method: string, shop: string): object | null {
  const annotations = { readOnlyHint: true };
  const describe = (name: string, description: string) => ({ name, description, annotations, inputSchema: { type: 'object' } });
  switch (method) {
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1' } };
    case 'tools/list':
      return { tools: [describe('find', `Finds an order of ${shop}.`), describe('list', 'Lists orders.')] };
    case 'tools/call':
      return { content: [{ type: 'text', text: `from ${shop}` }] };
    default:
      return null;
  }
}

/** Approves all of a review, as somebody who has not brought it in. */
async function approve(workspace: Workspace, reviewId: string): Promise<void> {
  const ctx = await workspace.as('reviewer');
  const { entries } = await getReview({ ctx, input: { reviewId } });
  const decisions = entries.map(({ name }) => ({
    kind: 'tool' as const,
    name,
    verdict: 'approved' as const,
    risk: 'read' as const,
  }));
  await decideReview({ ctx, input: { reviewId, decisions } });
}

test('T-51: two agents whose servers differ are told apart, and each serves the accepted text that its server has', async () => {
  const workspace = await world.makeWorkspace();
  const url = await startMcpServer((method, { authorization = '' }) => answer(method, SHOPS[authorization] ?? 'nobody'));
  const [north, south] = [
    await startSite({ hub, workspace }, 'north', url, 't0ken-one'),
    await startSite({ hub, workspace }, 'south', url, 't0ken-two'),
  ];
  const [owner, siteIds] = [await workspace.as('owner'), [north.id, south.id]];
  const refresh = () => refreshSnapshots({ ctx: workspace.makeContext({ kind: 'system', job: 'refresh-snapshots' }) });
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ORDERS' } as const;
  const transport = { kind: 'http', url: `${url}/mcp`, credential } as const;
  const { id: serverId } = await createServer({ ctx: owner, input: { name: 'Orders', transport, purpose: 'Orders', siteIds } });
  const read = () => getServer({ ctx: owner, input: { serverId } });

  const { id: discoveryId } = await startDiscovery({ ctx: owner, input: { serverId, agentId: north.agentId } });
  const look = () => getDiscovery({ ctx: owner, input: { discoveryId } });
  await expectWithin(async () => (await look()).status).toBe('succeeded');
  await approve(workspace, (await look()).openReviewId ?? '');
  const { id: profileId, slug } = await createProfile({ ctx: owner, input: { name: 'Support', siteIds } });
  const entries = ['find', 'list'].map((name) => ({ kind: 'tool' as const, serverId, name }));
  await saveDraft({ ctx: owner, input: { profileId, draft: { entries } } });
  await publishProfile({ ctx: owner, input: { profileId } });
  const key = await createKey(owner, profileId);
  const [atNorth, atSouth] = [openClient(north, slug, key), openClient(south, slug, key)];
  const [ofNorth, ofSouth, list] = ['Finds an order of the north shop.', 'Finds an order of the south shop.', 'Lists orders.'];
  await expectWithin(atNorth.listTools).toEqual([ofNorth, list]);
  await expectWithin(atSouth.listTools).toEqual([ofNorth, list]);

  // the agent of the south refuses at the call, whatever the control plane knows, and then the control plane knows
  expect(await atNorth.call('find')).toMatchObject({ result: { content: [{ text: 'from the north shop' }] } });
  expect(await atSouth.call('find')).toMatchObject({ result: { isError: true } });
  await expectWithin(async () => (await read()).sites.map(({ revision }) => revision)).toEqual([1, 2]);
  await refresh();
  await expectWithin(atSouth.listTools).toEqual([list]);
  expect(await atSouth.call('list')).toMatchObject({ result: { content: [{ text: 'from the south shop' }] } });
  expect(await atNorth.listTools()).toEqual([ofNorth, list]);

  const [, seen] = (await read()).sites;
  expect(seen).toMatchObject({ slug: 'south', agentName: 'south', openReviewId: expect.any(String) });
  await approve(workspace, seen?.openReviewId ?? '');
  await publishProfile({ ctx: owner, input: { profileId } });
  await expectWithin(atSouth.listTools).toEqual([ofSouth, list]);
  expect(await atSouth.call('find')).toMatchObject({ result: { content: [{ text: 'from the south shop' }] } });
  expect(await atNorth.call('find')).toMatchObject({ result: { content: [{ text: 'from the north shop' }] } });
}, 240_000);

async function createKey(ctx: ServiceContext, profileId: string): Promise<string> {
  if (ctx.actor.kind !== 'person') throw new Error('A key belongs to a person');
  await grantAccess({ ctx, input: { profileId, membershipId: ctx.actor.membershipId } });
  return (await createClientKey({ ctx, input: { profileId, name: 'test' } })).key;
}
