import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';
import { buildAdvertisedLists } from '@gatehouse/policy/compile/advertise';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { saveDraft, type SaveDraft } from '../../src/profile/draft/save-draft.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { getVersion } from '../../src/profile/history/get-version.ts';
import { listVersions } from '../../src/profile/history/list-versions.ts';
import { previewRollBack } from '../../src/profile/history/preview-roll-back.ts';
import { rollBackProfile } from '../../src/profile/history/roll-back-profile.ts';
import { startDraft } from '../../src/profile/history/start-draft.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { disableProfile } from '../../src/profile/switch-profile.ts';
import { updateProfile } from '../../src/profile/update-profile.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { addApprovedServer, createDraftedProfile, discover, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
let server: { id: string; slug: string };

beforeAll(async () => {
  server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('list_orders'), defineTool('refund')]);
});

type Entries = NonNullable<SaveDraft['draft']['entries']>;
const pick = (name: string, more: object = {}) => ({ kind: 'tool' as const, serverId: server.id, name, ...more });
const save = (profileId: string, entries: Entries, ctx = admin) => saveDraft({ ctx, input: { profileId, draft: { entries } } });
const publish = (profileId: string) => publishProfile({ ctx: admin, input: { profileId } });
const look = (profileId: string) => getProfile({ ctx: admin, input: { profileId } });
const list = (profileId: string, limit?: number, cursor?: string) =>
  listVersions({ ctx: admin, input: { profileId, ...(limit && { limit }), ...(cursor && { cursor }) } });

async function rollBack(profileId: string, version: number, ctx = admin) {
  const { contentHash: expected } = await previewRollBack({ ctx, input: { profileId, version } });
  return rollBackProfile({ ctx, input: { profileId, version, expected } });
}

async function readServed(profileId: string): Promise<string> {
  const profile = (await readNewestSnapshot(domain))?.content.profiles.find(({ id }) => id === profileId);
  return JSON.stringify(buildAdvertisedLists(profile?.entries ?? []).tools);
}

/** Version 1: get_order, renamed, with a pinned argument left out; version 2: list_orders alone. */
async function makeTwoVersions() {
  const profile = await createDraftedProfile(domain, []);
  await save(profile.id, [pick('get_order', { rename: 'find_order', describe: 'Finds it.' }), pick('refund', { rule: 'deny' })]);
  await publish(profile.id);
  const first = await readServed(profile.id);
  await save(profile.id, [pick('list_orders')]);
  await publish(profile.id);
  return { id: profile.id, first };
}

test('rolling back publishes what was, as a new version, byte for byte', async () => {
  const { id, first } = await makeTwoVersions();
  expect(await readServed(id)).not.toBe(first);
  const preview = await previewRollBack({ ctx: admin, input: { profileId: id, version: 1 } });
  expect(preview).toMatchObject({ leftOut: [], isDraftKept: false, people: { peopleCount: 0 } });
  expect(preview.document.entries.map(({ name }) => name)).toEqual(['get_order', 'refund']);
  expect(await rollBack(id, 1)).toMatchObject({ version: 3, isDraftKept: false });
  expect(await readServed(id)).toBe(first);
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({
    action: 'profile.publish',
    before: { version: 2 },
    after: { version: 3, rolledBackTo: 1 },
  });
  const { rows } = await list(id);
  expect(rows.map(({ number, rolledBackTo, isCurrent }) => [number, rolledBackTo, isCurrent])).toEqual([
    [3, 1, true],
    [2, null, false],
    [1, null, false],
  ]);
  // a draft without changes of its own follows, so the next publish does not bring version 2 back
  expect((await look(id)).draft).toMatchObject({ changed: false, entries: [{ rename: 'find_order' }, { name: 'refund' }] });
  await expectRefused('conflict', publish(id));
});

test('a draft with changes of its own stays as it is', async () => {
  const { id } = await makeTwoVersions();
  await save(id, [pick('list_orders'), pick('refund', { rename: 'give_back' })]);
  const before = (await look(id)).draft;
  expect(await rollBack(id, 1)).toMatchObject({ version: 3, isDraftKept: true });
  expect((await look(id)).draft).toMatchObject({ revision: before?.revision, entries: before?.entries, changed: true });
});

test('name and description come back with the version that had them', async () => {
  const { id } = await makeTwoVersions();
  const siteIds = [workspace.site.id];
  await updateProfile({ ctx: admin, input: { profileId: id, name: 'Renamed', description: 'New', siteIds, revision: 1 } });
  await publish(id);
  await rollBack(id, 1);
  const { profile, published } = await look(id);
  expect(published?.document.description).toBe('');
  expect(profile).toMatchObject({ name: published?.document.name, description: '' });
});

test('what is approved no more is named and left out; what changed since is served as it is approved now', async () => {
  const moving = await addApprovedServer(domain, [defineTool('stays'), defineTool('moves'), defineTool('goes')]);
  const of = (name: string) => pick(name, { serverId: moving.id, rename: `my_${name}` });
  const profile = await createDraftedProfile(domain, []);
  await save(profile.id, [of('stays'), of('moves'), of('goes')]);
  await publish(profile.id);
  await save(profile.id, [of('stays')]);
  await publish(profile.id);
  await discover(domain, moving.id, [defineTool('stays'), defineTool('moves', { description: 'Other now' })]);

  const preview = await previewRollBack({ ctx: admin, input: { profileId: profile.id, version: 1 } });
  expect(preview.leftOut.map(({ name, code }) => `${name} ${code}`).toSorted()).toEqual([
    'goes not_offered',
    'moves waits_for_review',
  ]);
  // nothing would be left to do: version 2 holds exactly that
  await expectRefused('conflict', rollBack(profile.id, 1));
  await save(profile.id, [pick('get_order')]);
  await publish(profile.id);
  await rollBack(profile.id, 1);
  const { draft, published } = await look(profile.id);
  expect(published?.document.entries.map(({ name }) => name)).toEqual(['stays']);
  // and what was left out comes back with its name when it is selected again
  expect(draft?.setAside.map((entry) => 'rename' in entry && entry.rename)).toEqual(
    expect.arrayContaining(['my_moves', 'my_goes']),
  );
});

test('nothing is rolled back but what was looked at, once, and not what is served', async () => {
  const { id } = await makeTwoVersions();
  const { contentHash: expected } = await previewRollBack({ ctx: admin, input: { profileId: id, version: 1 } });
  const input = { profileId: id, version: 1, expected };
  await expectRefused('conflict', rollBackProfile({ ctx: admin, input: { ...input, expected: 'a'.repeat(64) } }));
  await expectRefused('conflict', rollBackProfile({ ctx: admin, input: { ...input, version: 2 } }));
  const people = await Promise.all([1, 2, 3].map(() => workspace.as('admin')));
  const outcomes = await Promise.allSettled(people.map((ctx) => rollBackProfile({ ctx, input })));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await list(id)).rows).toHaveLength(3);
  await disableProfile({ ctx: admin, input: { profileId: id } });
  await expectRefused('precondition', rollBackProfile({ ctx: admin, input: { ...input, version: 2 } }));
});

test('the history says who and when, how many calls a version served, and which agents run it', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const mine = await addApprovedServer(own, [defineTool('a'), defineTool('b')]);
  const profile = await createDraftedProfile(own, [{ serverId: mine.id, name: 'a' }]);
  const first = await publishProfile({ ctx: own.admin, input: { profileId: profile.id } });
  const entries = [{ kind: 'tool' as const, serverId: mine.id, name: 'b' }];
  await saveDraft({ ctx: own.admin, input: { profileId: profile.id, draft: { entries } } });
  const second = await publishProfile({ ctx: own.admin, input: { profileId: profile.id } });
  const db = getFixtureDb(own.admin.runtime);
  const { tenantId } = own.admin;
  const siteId = own.workspace.site.id;
  const acked = (written: typeof first) => BigInt(written.sites[0]?.snapshotVersion ?? 0);
  await makeAgent(db, tenantId, { siteId, name: 'behind', ackedVersion: acked(first) });
  await makeAgent(db, tenantId, { siteId, name: 'new', ackedVersion: acked(second) });
  await makeAgent(db, tenantId, { siteId, name: 'revoked', ackedVersion: acked(second), revokedAt: new Date() });
  const spool = new Spool(siteId);
  const calls = [1, 1, 2].map((profileVersion) => spool.makeNext({ profileId: profile.id, profileVersion }));
  const elsewhere = spool.makeNext({ profileId: randomUUID(), profileVersion: 1 });
  await ingestReceipts({ ctx: own.agentCtx, input: { spoolId: spool.spoolId, receipts: [...calls, elsewhere] } });

  const page = await listVersions({ ctx: own.admin, input: { profileId: profile.id } });
  expect(
    page.rows.map(({ number, callCount, entryCount, publishedBy, running }) => [
      number,
      callCount,
      entryCount,
      publishedBy.id,
      running.agents.map(({ name }) => name),
    ]),
  ).toEqual([
    [2, 1, 1, getActorId(own.admin.actor), ['new']],
    [1, 2, 1, getActorId(own.admin.actor), ['behind']],
  ]);
  expect(page.otherAgents.total, 'one that has confirmed nothing yet').toBe(1);
  const detail = await getVersion({ ctx: own.admin, input: { profileId: profile.id, version: 2 } });
  expect(detail.before?.entries.map(({ name }) => name)).toEqual(['a']);
  expect(detail.document.entries.map(({ name }) => name)).toEqual(['b']);
  expect(Object.keys(detail.serverNames)).toEqual([mine.id]);
});

test('calls are counted up to a bound, by an index, and versions come in pages', async () => {
  const { id } = await makeTwoVersions();
  const first = await list(id, 1);
  expect(first.rows.map(({ number }) => number)).toEqual([2]);
  const next = await list(id, 1, first.nextCursor ?? '');
  expect(next).toMatchObject({ rows: [{ number: 1 }], nextCursor: null });
  const plan = await runInTenant(getFixtureDb(admin.runtime), admin.tenantId, async (tx) => {
    await tx.$executeRaw`set local enable_seqscan = off`;
    return tx.$queryRaw<Record<string, string>[]>`
      explain select from receipt where tenant_id = ${admin.tenantId}::uuid and profile_id = ${id}::uuid and profile_version = 1 limit 1000`;
  });
  expect(JSON.stringify(plan)).toContain('profile_version');
});

test('a draft starts from any version; what is replaced is remembered', async () => {
  const { id } = await makeTwoVersions();
  await save(id, [pick('list_orders', { rename: 'orders' })]);
  const revision = (await look(id)).draft?.revision ?? 0;
  const builder = await workspace.as('builder');
  const started = await startDraft({ ctx: builder, input: { profileId: id, version: 1, revision } });
  expect(started).toMatchObject({ revision: revision + 1, leftOut: [] });
  const { draft, published } = await look(id);
  expect(draft?.entries).toMatchObject([
    { rename: 'find_order', describe: 'Finds it.' },
    { name: 'refund', rule: 'deny' },
  ]);
  expect(draft?.setAside).toMatchObject([{ name: 'list_orders', rename: 'orders' }]);
  expect(published?.version, 'what is served stays').toBe(2);
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({ action: 'profile.start_draft', after: { version: 1 } });
  await expectRefused('conflict', startDraft({ ctx: builder, input: { profileId: id, version: 2, revision } }));
});

test('what the roll-back changes is counted by the people who notice', async () => {
  const { id } = await makeTwoVersions();
  const person = await workspace.as('member');
  await grantAccess({ ctx: admin, input: { profileId: id, membershipId: getActorId(person.actor) } });
  await createClientKey({ ctx: person, input: { profileId: id, name: 'laptop' } });
  const { people } = await previewRollBack({ ctx: admin, input: { profileId: id, version: 1 } });
  expect(people).toMatchObject({ peopleCount: 1, keyCount: 1, people: [expect.any(String)] });
});

test('roles, other tenants and bad input', async () => {
  const { id } = await makeTwoVersions();
  const input = { profileId: id, version: 1 };
  const expected = 'a'.repeat(64);
  for (const role of ['builder', 'reviewer', 'auditor', 'member'] as const) {
    const ctx = await workspace.as(role);
    await expectRefused('not_permitted', rollBackProfile({ ctx, input: { ...input, expected } }));
    await expectRefused('not_permitted', previewRollBack({ ctx, input }));
    if (role !== 'builder') await expectRefused('not_permitted', startDraft({ ctx, input: { ...input, revision: 1 } }));
  }
  const member = await workspace.as('member');
  await expectRefused('not_permitted', listVersions({ ctx: member, input: { profileId: id } }));
  await expectRefused('not_permitted', getVersion({ ctx: member, input }));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  for (const verb of [
    () => listVersions({ ctx: other.admin, input: { profileId: id } }),
    () => getVersion({ ctx: other.admin, input }),
    () => previewRollBack({ ctx: other.admin, input }),
    () => rollBackProfile({ ctx: other.admin, input: { ...input, expected } }),
    () => startDraft({ ctx: other.admin, input: { ...input, revision: 1 } }),
    () => getVersion({ ctx: admin, input: { ...input, version: 99 } }),
  ])
    await expectRefused('not_found', verb());
  for (const version of [0, -1, 1.5, 1e12])
    await expectRefused('invalid', getVersion({ ctx: admin, input: { ...input, version } }));
  await expectRefused('invalid', listVersions({ ctx: admin, input: { profileId: id, cursor: 'x' } }));
});
