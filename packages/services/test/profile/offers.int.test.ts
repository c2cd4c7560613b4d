import { afterAll, beforeAll, expect, test } from 'vitest';

import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { Risk } from '@gatehouse/policy/documents/definition';
import { defineTool } from '@gatehouse/policy/testing/build';

import { recordObservation } from '../../src/discovery/record-observation.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { getChoice, type ListChoices, listChoices } from '../../src/profile/draft/list-choices.ts';
import { type ListOffers, listOffers } from '../../src/profile/draft/list-offers.ts';
import { archiveServer } from '../../src/server/end/archive-server.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import {
  addApprovedServer,
  addServer,
  defineDestructive,
  discover,
  type Domain,
  makeDomain,
  makeOffer,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
let domain: Domain;
let profileId: string;
let ids: Record<'archived' | 'both' | 'far' | 'held' | 'new' | 'off' | 'usable', string>;

/** What a server may say of a tool, with and without a word on its risk. */
const HELD = [
  defineTool('100%_sure', { title: 'Under_score', annotations: { readOnlyHint: true } }),
  defineTool('look_up', { annotations: { readOnlyHint: true, openWorldHint: true } }),
  defineTool('set_state', { annotations: { destructiveHint: false, openWorldHint: false } }),
  defineTool('send_out', { annotations: { destructiveHint: false, openWorldHint: true } }),
  defineTool('drop_all', { annotations: { destructiveHint: true } }),
  { name: 'says_nothing', description: 'Finds the LOST parcels.', inputSchema: { type: 'object' as const } },
  { name: 'titled', annotations: { title: 'Hinted title', readOnlyHint: false }, inputSchema: { type: 'object' as const } },
];
const PROMPT = { kind: 'prompt' as const, definition: { name: 'summary', description: 'Sums up an order.' } };
const RESOURCE = { kind: 'resource' as const, definition: { uri: 'orders://terms', name: 'Terms of sale' } };

beforeAll(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, workspace } = domain;
  const elsewhere = await makeSite(admin.runtime.db, admin.tenantId);
  const agent = await makeAgent(getFixtureDb(admin.runtime), admin.tenantId, {
    siteId: elsewhere.id,
    lastSeenAt: admin.runtime.now(),
    features: ['parts', 'revocations', 'observations'],
  });
  const agentCtx = workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId: elsewhere.id });
  const there: Domain = { ...domain, agent, agentCtx };
  const at = [workspace.site.id, elsewhere.id];

  const held = await addServer(domain, { name: 'Aardvark' });
  await discover(domain, held.id, HELD, { entries: [PROMPT, RESOURCE] });
  const usable = await addApprovedServer(domain, [defineTool('get_order'), defineDestructive('cancel_order')], { name: 'zebra' });
  const off = await addApprovedServer(domain, [defineTool('off')], { name: 'Off' });
  await disableServer({ ctx: admin, input: { serverId: off.id } });
  const far = await addApprovedServer(there, [defineTool('far')], { name: 'Far', siteIds: [elsewhere.id] });
  // one text here is approved; another one there waits, which is none of this profile's
  const both = await addApprovedServer(domain, [defineTool('same')], { name: 'Both', siteIds: at });
  const other = defineTool('same', { description: 'Other words' });
  await recordObservation({
    ctx: agentCtx,
    input: { serverId: both.id, offer: makeOffer(other) },
  });
  const fresh = await addServer(domain, { name: 'New' });
  const archived = await addApprovedServer(domain, [defineTool('gone')], { name: 'Archived' });
  await archiveServer({ ctx: admin, input: { serverId: archived.id } });
  ids = { archived: archived.id, both: both.id, far: far.id, held: held.id, new: fresh.id, off: off.id, usable: usable.id };
  profileId = (await createProfile({ ctx: admin, input: { name: 'Offers', siteIds: [workspace.site.id] } })).id;
});

const list = (asked: Omit<ListOffers, 'profileId'>) => listOffers({ ctx: domain.admin, input: { profileId, ...asked } });
const choose = (serverId: string, asked: Omit<ListChoices, 'profileId' | 'serverId'>) =>
  listChoices({ ctx: domain.admin, input: { profileId, serverId, ...asked } });
const find = async (search: string, kinds: ListOffers['kinds'] = ['tool']) =>
  (await choose(ids.held, { kinds, search })).map(({ name }) => name);

test('what can be selected comes first, then by name; an archived server is not among them, a new one is among those for tools', async () => {
  const { rows, total, nextCursor } = await list({ kinds: ['tool'] });
  expect(rows.map(({ name, offered, usable }) => [name, offered, usable])).toEqual([
    ['Both', 1, 1],
    ['zebra', 2, 2],
    ['Aardvark', 7, 0],
    ['Far', 1, 0],
    ['New', 0, 0],
    ['Off', 1, 0],
  ]);
  expect([total, nextCursor]).toEqual([6, null]);
  expect((await list({ kinds: ['resource', 'template'] })).rows).toMatchObject([{ name: 'Aardvark', offered: 1 }]);
});

test('pages go on where the one before ended, whatever stands on them', async () => {
  const all = (await list({ kinds: ['tool'] })).rows;
  const met: typeof all = [];
  let cursor: string | undefined;
  do {
    const page = await list({ kinds: ['tool'], limit: 2, ...(cursor !== undefined && { cursor }) });
    expect(page.total).toBe(all.length);
    met.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(met).toEqual(all);
  await expectRefused('invalid', list({ kinds: ['tool'], cursor: 'bm90aGluZw' }));
});

test('the counts are those of the entries, with every filter and without', async () => {
  const filters = [
    {},
    ...Risk.options.map((risk) => ({ risk })),
    { search: 'o' },
    { search: '*_*' },
    { search: 'o', risk: 'read' as const },
  ];
  for (const filter of filters) {
    const rows = new Map((await list({ kinds: ['tool'], ...filter })).rows.map((row) => [row.serverId, row]));
    for (const serverId of [ids.both, ids.far, ids.held, ids.off, ids.usable]) {
      const all = await choose(serverId, { kinds: ['tool'] });
      const matching = await choose(serverId, { kinds: ['tool'], ...filter });
      const row = rows.get(serverId);
      expect(row?.matching ?? 0, JSON.stringify(filter)).toBe(matching.length);
      if (!row) continue;
      expect(row).toMatchObject({ offered: all.length, usable: all.filter(({ problem }) => problem === null).length });
      if ('risk' in filter && !('search' in filter)) {
        expect(matching.map(({ name }) => name)).toEqual(all.filter(({ risk }) => risk === filter.risk).map(({ name }) => name));
      }
    }
  }
});

test.each<[string, string[]]>([
  ['LOOK', ['look_up']],
  ['lost parcels', ['says_nothing']],
  ['hinted', ['titled']],
  ['100%', ['100%_sure']],
  // both signs mean something to the database
  ['t%e', []],
  ['se__out', []],
  ['se*_out', ['send_out']],
  ['*_sta*', ['set_state']],
  ['look', ['look_up']],
  ['look*', ['look_up']],
  ['*look', []],
  ['*%*', ['100%_sure']],
  ['*\\*', []],
])('%j finds %j', async (search, names) => {
  expect(await find(search)).toEqual(names);
});

test('a resource is found by its name too, a prompt by what it is for', async () => {
  expect(await find('terms of', ['resource', 'template'])).toEqual(['orders://terms']);
  expect(await find('sums up', ['prompt'])).toEqual(['summary']);
  expect(await find('sums up', ['tool'])).toEqual([]);
});

test('one entry is read with its definition, also of a server that is archived', async () => {
  const { admin } = domain;
  const read = (serverId: string, name: string) => getChoice({ ctx: admin, input: { profileId, serverId, kind: 'tool', name } });
  expect(await read(ids.held, 'look_up')).toMatchObject({ definition: HELD[1], problem: { code: 'waits_for_review' } });
  expect(await read(ids.both, 'same')).toMatchObject({ problem: null, otherTexts: [] });
  expect(await read(ids.archived, 'gone')).toMatchObject({ problem: { text: 'its server is archived' } });
  await expectRefused('not_found', read(ids.held, 'unheard_of'));
  await expectRefused('not_found', choose(ids.archived, { kinds: ['tool'] }));
});
