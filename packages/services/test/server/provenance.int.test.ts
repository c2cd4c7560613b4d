import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId } from '../../src/context.ts';
import { setServerOwner } from '../../src/owner/set-owner.ts';
import { updateServer } from '../../src/server/edit/update-server.ts';
import { getServer } from '../../src/server/get-server.ts';
import { getProvenance } from '../../src/server/provenance/get-provenance.ts';
import { addServer, approveReview, discover, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, reviewer, workspace } = domain;

test('provenance says what each revision has and what it changed, the newest five, and whose word each is', async () => {
  const { id: serverId } = await addServer(domain);
  const [a, b, c] = [defineTool('read_a'), defineTool('read_b'), defineTool('read_c')];
  const other = defineTool('read_b', { description: 'Reads something else.' });
  for (const tools of [[a], [a, b], [a, other], [other, c], [c], [a]]) await discover(domain, serverId, tools);

  const { entered, revisions } = await getProvenance({ ctx: reviewer, input: { serverId } });
  expect(entered).toMatchObject({ by: { id: getActorId(admin.actor) }, edits: [] });
  expect(revisions.map(({ number, tools, change }) => ({ number, tools, change }))).toEqual([
    { number: 6, tools: 1, change: { added: 1, changed: 0, removed: 1 } },
    { number: 5, tools: 1, change: { added: 0, changed: 0, removed: 1 } },
    { number: 4, tools: 2, change: { added: 1, changed: 0, removed: 1 } },
    { number: 3, tools: 2, change: { added: 0, changed: 1, removed: 0 } },
    { number: 2, tools: 2, change: { added: 1, changed: 0, removed: 0 } },
  ]);
  expect(revisions[0]).toMatchObject({
    askedBy: { id: getActorId(admin.actor) },
    seen: [{ siteName: workspace.site.name, agentName: domain.agent.name }],
    imported: null,
    isOfOtherAddress: false,
    bytes: Buffer.byteLength(JSON.stringify(a)),
  });
});

test('the provenance of a review ends with its own revision, and is told to the owner who is asked about it', async () => {
  const member = await workspace.as('member');
  const { id: serverId } = await addServer(domain);
  const first = await discover(domain, serverId, [defineTool('read_a')]);
  const reviewId = String(first.openReviewId);
  await expectRefused('not_found', getProvenance({ ctx: member, input: { reviewId } }));
  await expectRefused('not_permitted', getProvenance({ ctx: member, input: { serverId } }));
  const { revision } = await getServer({ ctx: admin, input: { serverId } });
  await setServerOwner({ ctx: admin, input: { serverId, revision, owner: { kind: 'person', id: getActorId(member.actor) } } });
  await discover(domain, serverId, [defineTool('read_b')]);
  const { revisions } = await getProvenance({ ctx: member, input: { reviewId } });
  expect(revisions.map(({ number, change }) => ({ number, change }))).toEqual([{ number: 1, change: null }]);
});

test('provenance names who changed the address, and what was offered at another one', async () => {
  const { id: serverId } = await addServer(domain);
  const { openReviewId } = await discover(domain, serverId, [defineTool('read_a')]);
  await approveReview(domain, String(openReviewId));
  const { revision, name, purpose, transport } = await getServer({ ctx: admin, input: { serverId } });
  const url = `http://127.0.0.1:3031/${randomUUID()}`;
  await updateServer({
    ctx: admin,
    input: { serverId, revision, name, purpose, limits: {}, siteIds: [workspace.site.id], transport: { kind: 'http', url } },
  });
  const { entered, revisions } = await getProvenance({ ctx: reviewer, input: { serverId } });
  expect(entered.edits).toMatchObject([
    { changed: 'connection', address: { before: transport.kind === 'http' && transport.url, after: url } },
  ]);
  expect(revisions).toMatchObject([{ number: 1, isOfOtherAddress: true }]);
});
