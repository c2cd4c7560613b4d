import { expect, test } from 'vitest';

import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { getActorId, type ServiceContext } from '@gatehouse/services/context';
import { listMembers } from '@gatehouse/services/member/list-members';
import { removeMember } from '@gatehouse/services/member/remove-member';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getSite } from '@gatehouse/services/site/get-site';

import { serveOneTool } from './support/one-tool.ts';
import { expectWithin, openClient } from './support/site.ts';
import { openHub } from './support/world.ts';

const { world } = await openHub();
const HOUR_MS = 3_600_000;
/** Long enough to publish, for a key to get to the agent, to be used, and for the hub to go. */
const OPEN_MS = 30_000;

/** Nobody else is left who could decide. */
async function removeOthers(ctx: ServiceContext): Promise<void> {
  const { rows } = await listMembers({ ctx });
  for (const { id } of rows) if (id !== getActorId(ctx.actor)) await removeMember({ ctx, input: { membershipId: id } });
}

test('T-42: what an owner has decided alone ends at the agent when it ends, with no hub to say so', async () => {
  const workspace = await world.makeWorkspace();
  const hub = await world.startHub();
  let endsAt = new Date();
  const { owner, site, profileId, slug } = await serveOneTool({ workspace, hub }, async (ctx, input) => {
    await removeOthers(ctx);
    // an hour is the least that can be given, so the owner has given it a while ago
    const then = new Date(Date.now() + OPEN_MS - HOUR_MS);
    const earlier = { ...ctx, runtime: { ...ctx.runtime, now: () => then } };
    const glass = { breakGlass: true, breakGlassHours: 1, reason: 'The shop is on fire' };
    endsAt = (await decideReview({ ctx: earlier, input: { ...input, ...glass } })).validUntil;
  });
  await grantAccess({ ctx: owner, input: { profileId, membershipId: getActorId(owner.actor) } });
  const { key } = await createClientKey({ ctx: owner, input: { profileId, name: 'test' } });
  const client = openClient(site, slug, key);
  const call = async () => JSON.stringify(await client.call('list'));
  await expectWithin(call).toContain('an order');
  const { configuration } = await getSite({ ctx: owner, input: { slug: 'north' } });
  await expectWithin(async () => (await workspace.readAgent(site.agentId)).ackedVersion).toBe(
    BigInt(configuration?.version ?? 0),
  );
  await hub.stop();
  expect(await client.listTools()).toEqual(['Lists orders.']);
  await expectWithin(call).toContain('Unknown tool');
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt.getTime());
  expect(await client.listTools()).toEqual([]);
}, 240_000);
