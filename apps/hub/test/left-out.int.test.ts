import { expect, test } from 'vitest';

import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { getReview } from '@gatehouse/services/review/get-review';
import { createServer } from '@gatehouse/services/server/create-server';
import { getServer } from '@gatehouse/services/server/get-server';

import { expectWithin, startMcpServer, startSite } from './support/site.ts';
import { openHub } from './support/world.ts';

const { world, hub } = await openHub();

const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
const OLD = { type: 'object', properties: { limit: { type: 'int' }, note: { type: 'string', nullable: true } } };
const LONG = 'a_rather_long_name_of_an_argument_'.repeat(8);

const define = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });
/** Each refers twice to another document, at a place with a long name. */
const FOREIGN = Array.from({ length: 120 }, (_, index) =>
  define(`foreign_${index}`, {
    inputSchema: {
      type: 'object',
      properties: { [LONG]: { $ref: `https://elsewhere.test/${index}` }, b: { $ref: 'https://elsewhere.test/b' } },
    },
  }),
);
const TOOLS = [
  define('good', { inputSchema: OLD, outputSchema: { type: 'object', properties: { total: { type: 'int' } } } }),
  ...FOREIGN,
  define('leaky', { description: `Sign in with ${TOKEN}.` }),
  define('good', { description: 'the second of this name' }),
];

test('T-50: whatever an agent holds back is in the review, each part with its place and reason, and so is what clients do not get', async () => {
  const workspace = await world.makeWorkspace();
  const url = await startMcpServer((method) => {
    const serverInfo = { name: 'odd', version: '1' };
    if (method === 'initialize') return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo };
    if (method === 'tools/list') return { tools: TOOLS };
    return null;
  });
  const site = await startSite({ hub, workspace }, 'north', url, 't0ken');
  const ctx = await workspace.as('owner');
  const transport = { kind: 'http', url: `${url}/mcp`, credential: null } as const;
  const input = { name: 'Odd', transport, purpose: 'Odd things', siteIds: [site.id] };
  const { id: serverId } = await createServer({ ctx, input });
  const { id: discoveryId } = await startDiscovery({ ctx, input: { serverId, agentId: site.agentId } });
  const look = () => getDiscovery({ ctx, input: { discoveryId } });
  await expectWithin(async () => (await look()).status).toBe('succeeded');

  const discovery = await look();
  const review = await getReview({ ctx: await workspace.as('reviewer'), input: { reviewId: discovery.openReviewId ?? '' } });
  const [held] = review.heldBack;
  expect(review.heldBack).toHaveLength(1);
  expect(held).toMatchObject({ site: { id: site.id }, agentName: 'north', more: 0 });
  const reason = 'a schema refers to another document';
  const foreign = { kind: 'tool', keyword: '$ref', cause: 'unsound', reason };
  expect(held?.parts).toEqual([
    ...FOREIGN.flatMap(({ name }) => [
      { ...foreign, name, pointer: `/inputSchema/properties/${LONG}/$ref` },
      { ...foreign, name, pointer: '/inputSchema/properties/b/$ref' },
    ]),
    expect.objectContaining({
      kind: 'tool',
      name: 'leaky',
      pointer: '/description',
      keyword: null,
      cause: 'secret',
      reason: 'a secret (token) seems to stand there; take it out of the server',
    }),
    expect.objectContaining({ name: 'good', cause: 'repeated' }),
  ]);
  expect(JSON.stringify([review, discovery])).not.toContain(TOKEN);

  expect(review.entries).toHaveLength(1);
  expect(review.entries[0]).toMatchObject({
    name: 'good',
    notShown: [{ pointer: '/outputSchema', reason: expect.stringContaining('no schema that client libraries can compile') }],
    schemaNotes: [
      { pointer: '/inputSchema/properties/limit/type', keyword: 'type', reason: 'it is read as: integer' },
      { pointer: '/inputSchema/properties/note/nullable', keyword: 'nullable', reason: 'it is read as: or null' },
      { pointer: '/outputSchema/properties/total/type', keyword: 'type', reason: 'it is read as: integer' },
    ],
  });
  expect(discovery.heldBack).toEqual(held);
  expect((await getServer({ ctx, input: { serverId } })).heldBack).toEqual(review.heldBack);
}, 240_000);
