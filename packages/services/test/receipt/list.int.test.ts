import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computePin, hashContent } from '@gatehouse/policy/documents/content-hash';
import { defineTool } from '@gatehouse/policy/testing/build';
import { GENESIS_HASH, type Receipt } from '@gatehouse/protocol/receipt';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { getReceiptFilters } from '../../src/receipt/get-receipt-filters.ts';
import { getReceipt } from '../../src/receipt/get-receipt.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listReceipts, type ListReceipts } from '../../src/receipt/list-receipts.ts';
import { addApprovedServer, createDraftedProfile, discover, makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { getFixtureDb, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

/** As long as an address may be, and hard to compress: three bytes for each character. */
const LONG_ADDRESS = `orders://${Array.from({ length: 2_039 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7_919) % 20_000))).join('')}`;

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
let member: ServiceContext;
let ids: { serverId: string; profileId: string; personId: string };
let receipts: Receipt[];

beforeAll(async () => {
  member = await domain.workspace.as('member');
  const server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('cancel_order')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  ids = { serverId: server.id, profileId: profile.id, personId: getActorId(member.actor) };
  const spool = new Spool(domain.workspace.site.id);
  const denied = { outcome: 'denied', reasonCode: 'tool_denied', result: null, name: 'cancel_order' } as const;
  const unknown = {
    ...denied,
    reasonCode: 'tool_unknown',
    name: null,
    advertisedName: null,
    nameFingerprint: 'cd'.repeat(16),
  } as const;
  receipts = [
    ...spool.makeBatch(7, ids),
    ...spool.makeBatch(4, { ...ids, ...denied }),
    ...spool.makeBatch(2, { ...ids, ...unknown }),
    ...spool.makeBatch(3, { ...ids, personId: getActorId(domain.reviewer.actor) }),
    ...spool.makeBatch(2),
    ...spool.makeBatch(3, { ...ids, method: 'prompts/get', name: 'get_order' }),
    ...spool.makeBatch(2, { ...ids, method: 'resources/read', name: LONG_ADDRESS, advertisedName: LONG_ADDRESS }),
  ];
  for (const batch of [receipts.slice(0, 9), receipts.slice(9, 10), receipts.slice(10)]) {
    await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: batch } });
    world.advanceClock(1_000);
  }
});

const list = (input: ListReceipts, ctx = domain.admin) => listReceipts({ ctx, input });

async function readAllPages(input: ListReceipts, limit: number) {
  const rows: string[] = [];
  const totals = new Set<number>();
  let cursor: string | null | undefined;
  do {
    const page = await list({ ...input, limit, ...(cursor ? { cursor } : {}) });
    rows.push(...page.rows.map(({ id }) => id));
    totals.add(page.total);
    cursor = page.nextCursor;
  } while (cursor);
  return { rows, totals: [...totals] };
}

const filters: [string, () => ListReceipts, (receipt: Receipt) => boolean][] = [
  ['everything', () => ({}), () => true],
  ['a tool', () => ({ name: 'cancel_order' }), ({ name }) => name === 'cancel_order'],
  ['part of a name', () => ({ name: 'order' }), () => false],
  ['a method', () => ({ method: 'prompts/get' }), ({ method }) => method === 'prompts/get'],
  [
    'a tool and not the prompt of that name',
    () => ({ method: 'tools/call', name: 'get_order' }),
    ({ method, name }) => method === 'tools/call' && name === 'get_order',
  ],
  ['an address that is longer than an index entry', () => ({ name: LONG_ADDRESS }), ({ name }) => name === LONG_ADDRESS],
  ['a person', () => ({ personId: ids.personId }), ({ personId }) => personId === ids.personId],
  ['an outcome', () => ({ outcome: 'denied' }), ({ outcome }) => outcome === 'denied'],
  ['a profile', () => ({ profileId: ids.profileId }), ({ profileId }) => profileId === ids.profileId],
  ['a server', () => ({ serverId: ids.serverId }), ({ serverId }) => serverId === ids.serverId],
  [
    'all at once',
    () => ({ name: 'get_order', outcome: 'allowed', ...ids }),
    ({ name, personId }) => name === 'get_order' && personId === ids.personId,
  ],
];

test.each(filters)(
  'the total of %s equals the rows of all pages, each receipt once, newest first',
  async (_name, input, matches) => {
    const expected = receipts
      .filter(matches)
      .map(({ id }) => id)
      .toReversed();
    for (const limit of [1, 3, 5, 200]) {
      const { rows, totals } = await readAllPages(input(), limit);
      expect(rows).toEqual(expected);
      expect(totals).toEqual([expected.length]);
    }
  },
);

test('receipts are found by words of the tool, the person and the profile that they name', async () => {
  const { name } = (await list({ personId: ids.personId, limit: 1 })).rows[0]?.person ?? { name: '' };
  const count = async (search: string, ctx = domain.admin) => (await list({ search }, ctx)).total;
  expect(await count('CANCEL')).toBe(receipts.filter((receipt) => receipt.name === 'cancel_order').length);
  expect(await count(name.slice(1))).toBeGreaterThan(0);
  expect(await count(`cancel ${name}`)).toBe(
    receipts.filter((receipt) => receipt.name === 'cancel_order' && receipt.personId === ids.personId).length,
  );
  expect(await count('100%')).toBe(0);
  expect(await count('cancel', await domain.workspace.as('builder'))).toBe(0);
});

test('a time range holds what was received at or after its start and before its end', async () => {
  const { rows } = await list({ limit: 200 });
  const times = [...new Set(rows.map(({ receivedAt }) => receivedAt.getTime()))].toSorted((a, b) => a - b);
  expect(times).toHaveLength(3);
  const [first = 0, second = 0, third = 0] = times;
  expect((await list({ from: new Date(second), to: new Date(third) })).total).toBe(1);
  expect((await list({ to: new Date(second) })).total).toBe(9);
  expect((await list({ from: new Date(third).toISOString() })).total).toBe(receipts.length - 10);
  expect((await list({ from: new Date(first), to: new Date(first) })).total).toBe(0);
});

test('a page goes on where it ended, whatever arrives meanwhile', async () => {
  const first = await list({ limit: 4 });
  const spool = new Spool(domain.workspace.site.id);
  await ingestReceipts({
    ctx: domain.agentCtx,
    input: { spoolId: spool.spoolId, receipts: spool.makeBatch(3, { name: 'late' }) },
  });
  const second = await list({ limit: 4, ...(first.nextCursor ? { cursor: first.nextCursor } : {}) });
  const shown = [...first.rows, ...second.rows].map(({ id }) => id);
  expect(shown).toEqual(
    receipts
      .map(({ id }) => id)
      .toReversed()
      .slice(0, 8),
  );
});

test('receipts of several spools that arrived at the same moment are all paged through', async () => {
  const at = world.runtime.now();
  const ctx = { ...domain.agentCtx, runtime: { ...world.runtime, now: () => at } };
  const sent: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const spool = new Spool(domain.workspace.site.id);
    const batch = spool.makeBatch(2, { name: 'tied' });
    await ingestReceipts({ ctx, input: { spoolId: spool.spoolId, receipts: batch } });
    sent.push(...batch.map(({ id }) => id));
  }
  const { rows, totals } = await readAllPages({ name: 'tied' }, 1);
  expect(rows.toSorted()).toEqual(sent.toSorted());
  expect(totals).toEqual([12]);
});

test.each(['x', 'bnVsbA', Buffer.from('["2026-01-01T00:00:00Z","1","x"]').toString('base64url')])(
  'a cursor that is none is refused: %s',
  async (cursor) => {
    await expectRefused('invalid', list({ cursor }));
  },
);

test('a row names who, what and where, shows logged values and counts the rest', async () => {
  const { rows } = await list({ name: 'get_order', personId: ids.personId, limit: 1 });
  expect(rows[0]).toMatchObject({
    person: { id: ids.personId, name: expect.any(String), email: expect.stringContaining('@') },
    client: 'Cursor 2.0',
    name: 'get_order',
    server: { id: ids.serverId },
    profile: { id: ids.profileId, version: 1 },
    agent: { id: domain.agent.id, name: domain.agent.name, siteName: domain.workspace.site.name },
    argumentsSummary: 'order_id=8841 · 1 value not kept',
    resultSummary: 'text (312)',
    durationMs: 12.5,
  });
  const { rows: unknown } = await list({ outcome: 'denied', limit: 1 });
  expect(unknown[0]).toMatchObject({ name: null, advertisedName: null, nameFingerprint: 'cd'.repeat(16), resultSummary: null });
  const { rows: nobody } = await list({ limit: 1, to: new Date(), from: new Date(0) });
  expect(nobody.every(({ person }) => person === null || person.id !== '')).toBe(true);
});

test('control and direction characters in values are written out', async () => {
  const spool = new Spool(domain.workspace.site.id);
  const logged = [{ pointer: '/order_id', value: 'a\u202Eb\n', redacted: false }];
  const receipt = spool.makeNext({ name: 'bidi', arguments: { fields: [], logged, bytes: 1, truncated: false } });
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [receipt] } });
  expect((await list({ name: 'bidi' })).rows[0]?.argumentsSummary).toBe('order_id=a\\u{202e}b\\u{a}');
});

test('roles: members and builders read their own calls and nothing else', async () => {
  const own = receipts.filter(({ personId }) => personId === ids.personId);
  const foreign = receipts.find(({ personId }) => personId === getActorId(domain.reviewer.actor))?.id ?? '';
  expect((await list({}, member)).total).toBe(own.length);
  expect((await list({ personId: getActorId(domain.reviewer.actor) }, member)).total).toBe(0);
  expect((await getReceipt({ ctx: member, input: { id: own[0]?.id ?? '' } })).person?.id).toBe(ids.personId);
  const ofForeign = await expectRefused('not_found', getReceipt({ ctx: member, input: { id: foreign } }));
  expect(ofForeign.message).toBe(
    (await expectRefused('not_found', getReceipt({ ctx: member, input: { id: randomUUID() } }))).message,
  );
  expect((await list({}, await domain.workspace.as('builder'))).total).toBe(0);
  expect((await list({}, await domain.workspace.as('auditor'))).total).toBeGreaterThan(own.length);
  await expectRefused('not_permitted', list({}, domain.agentCtx));
  await expectRefused('not_permitted', getReceipt({ ctx: domain.agentCtx, input: { id: foreign } }));
  await expectRefused('not_permitted', getReceiptFilters({ ctx: domain.agentCtx }));
});

test('T-35: another tenant sees nothing of it, whatever ids it knows', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  expect(await list({ ...ids }, other.admin)).toEqual({ rows: [], total: 0, nextCursor: null });
  expect((await list({}, other.admin)).total).toBe(0);
  await expectRefused('not_found', getReceipt({ ctx: other.admin, input: { id: receipts[0]?.id ?? '' } }));
  const spool = new Spool(other.workspace.site.id);
  await ingestReceipts({ ctx: other.agentCtx, input: { spoolId: spool.spoolId, receipts: [spool.makeNext({ ...ids })] } });
  const [row] = (await list({}, other.admin)).rows;
  expect(row).toMatchObject({ person: { name: 'Former member', email: null }, server: null, profile: null });
});

test('the detail is the whole document, verified, found with and without its time', async () => {
  const { rows } = await list({ limit: 1, name: 'cancel_order' });
  const { id = '', receivedAt } = rows[0] ?? {};
  const detail = await getReceipt({ ctx: domain.admin, input: { id } });
  const original = receipts.find((receipt) => receipt.id === id);
  expect(detail.document).toEqual(original);
  expect(detail.integrity).toEqual({
    hash: original?.hash,
    prevHash: original?.prevHash,
    spoolId: original?.spoolId,
    seq: original?.seq,
    verified: true,
  });
  expect((await getReceipt({ ctx: domain.admin, input: { id, receivedAt } })).id).toBe(id);
  await expectRefused('not_found', getReceipt({ ctx: domain.admin, input: { id, receivedAt: new Date(0) } }));
});

test('a row of a resource has its whole address, one of an older receipt without a method is of a tool', async () => {
  const { rows } = await list({ method: 'resources/read' });
  expect(rows[0]).toMatchObject({ method: 'resources/read', name: LONG_ADDRESS, advertisedName: LONG_ADDRESS });

  const spool = new Spool(domain.workspace.site.id);
  const { method: _method, hash: _hash, ...old } = spool.makeEarlier(ids);
  const document = { ...old, hash: hashContent(old) };
  const { tenantId, runtime } = domain.admin;
  await ingestReceipts({
    ctx: domain.agentCtx,
    input: { spoolId: spool.spoolId, receipts: [spool.makeNext({ seq: 1, prevHash: GENESIS_HASH })] },
  });
  const [stored] = (await list({ limit: 1 })).rows;
  await runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const row = await tx.receipt.findFirstOrThrow({ where: { tenantId, id: stored?.id } });
    await tx.receipt.create({
      data: { ...row, id: old.id, document, hash: document.hash, receivedAt: new Date(row.receivedAt.getTime() + 1) },
    });
  });
  const detail = await getReceipt({ ctx: domain.admin, input: { id: old.id } });
  expect(detail).toMatchObject({ method: 'tools/call', integrity: { verified: true } });
});

test('filters offer what there is; who may read the own calls is offered no more', async () => {
  const all = await getReceiptFilters({ ctx: domain.admin });
  expect(all.tools.map(({ name }) => name)).toEqual(['cancel_order', 'get_order']);
  expect(all.people.map(({ id }) => id)).toEqual(expect.arrayContaining([ids.personId, getActorId(domain.reviewer.actor)]));
  expect(all.profiles.map(({ id }) => id)).toEqual([ids.profileId]);
  expect(all.methods).toEqual(['tools/call', 'prompts/get', 'resources/read']);
  expect(all.outcomes).toEqual(['allowed', 'denied', 'held', 'failed']);
  expect(await getReceiptFilters({ ctx: member })).toMatchObject({ tools: [], people: [{ id: ids.personId }], profiles: [] });
});

test('of what can be filtered by, some of each kind are offered, what is looked for, and what is chosen', async () => {
  const find = (input: object) => getReceiptFilters({ ctx: domain.admin, input });
  expect((await find({ tool: 'CANCEL' })).tools.map(({ name }) => name)).toEqual(['cancel_order']);
  const { people } = await find({});
  const [first, second] = people;
  expect((await find({ person: second?.email ?? '' })).people).toEqual([second]);
  expect((await find({ person: second?.email ?? '', personId: first?.id })).people).toEqual([first, second]);
  expect((await find({ person: 'nobody at all', profile: 'nothing' })).profiles).toEqual([]);
  expect((await find({ profile: 'nothing', profileId: ids.profileId })).profiles.map(({ id }) => id)).toEqual([ids.profileId]);
  expect((await find({ personId: 'no id' })).people).toEqual(people);
});

test('a tool is found by the name under which a profile shows it, and nothing else is', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const server = await addApprovedServer(own, [defineTool('refund'), defineTool('get_order')]);
  const profile = await createDraftedProfile(own, [
    { serverId: server.id, name: 'refund', rename: 'give_back' },
    { serverId: server.id, name: 'get_order' },
  ]);
  await publishProfile({ ctx: own.admin, input: { profileId: profile.id } });
  const spool = new Spool(own.workspace.site.id);
  const receiptsOf = [
    spool.makeNext({ serverId: server.id, name: 'refund', advertisedName: 'give_back' }),
    spool.makeNext({ serverId: server.id, name: 'refund', advertisedName: 'refund' }),
    spool.makeNext({ serverId: server.id, name: 'get_order', advertisedName: 'get_order' }),
  ];
  await ingestReceipts({ ctx: own.agentCtx, input: { spoolId: spool.spoolId, receipts: receiptsOf } });
  const find = async (name: string) => (await list({ name }, own.admin)).rows.map((row) => row.advertisedName);
  expect(await find('give_back')).toEqual(['give_back']);
  expect(await find('refund')).toEqual(['refund', 'give_back']);
  expect(await find('get_order')).toEqual(['get_order']);
  expect((await getReceiptFilters({ ctx: own.admin })).tools).toEqual([
    { name: 'get_order', shownAs: [] },
    { name: 'refund', shownAs: ['give_back'] },
  ]);
});

test('a call that was refused because its server defines the tool otherwise names the revision that is held', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const server = await addApprovedServer(own, [defineTool('get_order')]);
  const about = { serverId: server.id, name: 'get_order', pin: computePin(defineTool('get_order')) };
  const refused = { ...about, outcome: 'denied', reasonCode: 'tool_not_approved', result: null } as const;
  const spool = new Spool(own.workspace.site.id);
  const [denied, allowed] = [spool.makeNext(refused), spool.makeNext(about)];
  await ingestReceipts({ ctx: own.agentCtx, input: { spoolId: spool.spoolId, receipts: [denied, allowed] } });
  const read = async (id: string) => (await getReceipt({ ctx: own.admin, input: { id } })).held;
  // nobody knows of another definition, or not any more
  expect(await read(denied.id)).toBeNull();
  const changed = await discover(own, server.id, [defineTool('get_order', { description: 'Otherwise' })]);
  const held = { serverSlug: server.slug, revision: 2, reviewId: changed.openReviewId, isOpen: true, isOffered: true };
  expect(await read(denied.id)).toEqual(held);
  expect(await read(allowed.id)).toBeNull();
  await discover(own, server.id, []);
  expect(await read(denied.id)).toMatchObject({ revision: 3, isOffered: false });
});

test('a person who has left goes on to be named, on old receipts too, and is found by that name', async () => {
  const leaver = await domain.workspace.as('member');
  const personId = getActorId(leaver.actor);
  const spool = new Spool(domain.workspace.site.id);
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [spool.makeNext({ personId })] } });
  await removeMember({ ctx: await domain.workspace.as('owner'), input: { membershipId: personId } });
  expect((await list({ personId })).rows[0]?.person).toEqual({ id: personId, name: 'Ada Example (left)', email: null });
});
