import { expect, test } from 'vitest';
import { z } from 'zod';

import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { getActorId, type ServiceContext } from '@gatehouse/services/context';
import { addMembers } from '@gatehouse/services/group/add-members';
import { createGroup } from '@gatehouse/services/group/create-group';
import { grantGroup } from '@gatehouse/services/group/grant-group';
import { removeMembers } from '@gatehouse/services/group/remove-members';
import { revokeGroup } from '@gatehouse/services/group/revoke-group';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getSite } from '@gatehouse/services/site/get-site';

import { serveOneTool } from './support/one-tool.ts';
import { expectWithin, type Site } from './support/site.ts';
import { openHub, type RunningHub, type Workspace } from './support/world.ts';

const { world, hub: shared } = await openHub();
/** Long enough for a key to get to the agent, to be used, and for the hub to go. */
const ACCESS_MS = 30_000;

/** A site with a real agent that serves a profile, to which nobody has access yet. */
const serve = (workspace: Workspace, hub: RunningHub) =>
  serveOneTool({ workspace, hub }, async (_owner, input) => decideReview({ ctx: await workspace.as('reviewer'), input }));

const Answer = z.object({ error: z.object({ message: z.string() }).optional() });

/** What the agent says to a client that opens a session with this key: "welcome", or why not. */
async function ask({ url }: Site, slug: string, key: string): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const response = await fetch(`${url}/p/${slug}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  const { error } = Answer.parse(await response.json());
  return error?.message ?? 'welcome';
}

const makeKey = async (ctx: ServiceContext, profileId: string) =>
  (await createClientKey({ ctx, input: { profileId, name: 'test' } })).key;

test('T-39: who loses the group is refused by the agent as after a revocation, and who comes into it is let in', async () => {
  const workspace = await world.makeWorkspace();
  const { owner, site, profileId, slug } = await serve(workspace, shared);
  const [ada, ben] = [await workspace.as('member'), await workspace.as('member')];
  const { id: groupId } = await createGroup({ ctx: owner, input: { name: 'Support' } });
  await grantGroup({ ctx: owner, input: { profileId, groupId } });
  const members = { groupId, membershipIds: [ada, ben].map(({ actor }) => getActorId(actor)) };
  await addMembers({ ctx: owner, input: members });
  const [ofAda, ofBen] = [await makeKey(ada, profileId), await makeKey(ben, profileId)];
  for (const key of [ofAda, ofBen]) await expectWithin(() => ask(site, slug, key)).toBe('welcome');

  const times: string[] = [];
  /** Acts, and notes how long it takes until the agent answers the owner of the key accordingly. */
  async function effect(what: string, answer: RegExp, act: () => Promise<string>): Promise<void> {
    const began = performance.now();
    const key = await act();
    await expectWithin(() => ask(site, slug, key)).toMatch(answer);
    times.push(`${what} ${Math.round(performance.now() - began)} ms`);
  }
  const refused = /This client key was revoked/;

  await effect('out of the group', refused, async () => {
    await removeMembers({ ctx: owner, input: { groupId, membershipIds: [getActorId(ada.actor)] } });
    return ofAda;
  });
  expect(await ask(site, slug, ofBen)).toBe('welcome');
  // back in the group with a new key; the old one stays ended
  let anew = '';
  await effect('into the group, with a key', /^welcome$/, async () => {
    await addMembers({ ctx: owner, input: { groupId, membershipIds: [getActorId(ada.actor)] } });
    return (anew = await makeKey(ada, profileId));
  });
  expect(await ask(site, slug, ofAda)).toMatch(refused);

  await effect('the profile away from the group', refused, async () => {
    await revokeGroup({ ctx: owner, input: { profileId, groupId } });
    return anew;
  });
  await expectWithin(() => ask(site, slug, ofBen)).toMatch(refused);
  process.stderr.write(`MEASURED, from an act on a group to the answer of the agent: ${times.join(', ')}\n`);
}, 240_000);

test('T-39: access with an end is over at the agent when it ends, with no hub to say so', async () => {
  const workspace = await world.makeWorkspace();
  const hub = await world.startHub();
  const { owner, site, profileId, slug } = await serve(workspace, hub);
  const person = await workspace.as('member');
  const membershipId = getActorId(person.actor);
  // a key that was made under an access without end: its own end is far
  await grantAccess({ ctx: owner, input: { profileId, membershipId } });
  const key = await makeKey(person, profileId);
  await expectWithin(() => ask(site, slug, key)).toBe('welcome');
  const until = new Date(Date.now() + ACCESS_MS);
  await grantAccess({ ctx: owner, input: { profileId, membershipId, until: until.toISOString() } });
  const { configuration } = await getSite({ ctx: owner, input: { slug: 'north' } });
  // what an agent never heard of it cannot know
  await expectWithin(async () => (await workspace.readAgent(site.agentId)).ackedVersion).toBe(
    BigInt(configuration?.version ?? 0),
  );
  await hub.stop();
  expect(await ask(site, slug, key)).toBe('welcome');
  await expectWithin(() => ask(site, slug, key)).toContain('has ended');
  expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
}, 240_000);
