import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { makeSite } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { grantGroup } from '../../src/group/grant-group.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addApprovedServer, createDraftedProfile, type Domain, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { makeWorkspace, openWorld } from '../support/world.ts';

type Row = Record<string, unknown>;

const world = await openWorld();
const owner = await world.database.connectOwner();
afterAll(() => world.close());

let domain: Domain;
let tenantId: string;
let otherSiteId: string;
let reviewId: string;
let keyId: string;
let profileId: string;
/** what is served before anything is stolen */
let before: unknown;

const readContent = async () => (await readNewestSnapshot(domain))?.content;

/** What the worker would sign now, whoever has written what there is. */
async function signAgain(): Promise<Awaited<ReturnType<typeof readContent>>> {
  await refreshSnapshots({ ctx: domain.workspace.asSystem('refresh-snapshots') });
  return readContent();
}

beforeAll(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, workspace } = domain;
  tenantId = workspace.tenant.id;
  otherSiteId = (await makeSite(world.runtime.db, tenantId)).id;
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  ({ reviewId } = server);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getActorId(admin.actor) } });
  ({ id: keyId } = await createClientKey({ ctx: admin, input: { profileId: profile.id, name: 'mine' } }));
  profileId = profile.id;
  // a group with a profile of which nothing is served, and somebody in it
  const { id: groupId } = await createGroup({ ctx: admin, input: { name: 'Support' } });
  const other = await createDraftedProfile(domain, []);
  await grantGroup({ ctx: admin, input: { profileId: other.id, groupId } });
  await addMembers({ ctx: admin, input: { groupId, membershipIds: [getActorId(domain.reviewer.actor)] } });
  before = await signAgain();
  expect(before).toMatchObject({ clientKeys: [{ keyId }], profiles: [{ entries: [{ name: 'get_order' }] }] });
});

/** Runs SQL with nothing but the URL of a role: the tenant is a setting that anybody may make. */
async function runAs(url: string, sql: string, values: unknown[] = []): Promise<number | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
    return (await client.query(sql, values)).rowCount;
  } finally {
    await client.end();
  }
}

/** A row of the table as the verbs write it, changed to what a thief wants. */
async function buildForgedRow(table: string, change: Row): Promise<Row> {
  const actsFirst = SIGNED_BY_ACT.has(table) ? 'audit_id IS NULL, ' : '';
  const { rows } = await owner.query<{ row: Row }>(
    `SELECT to_jsonb(t) AS row FROM ${table} t WHERE tenant_id = $1 ORDER BY ${actsFirst} to_jsonb(t) ->> 'id' IS DISTINCT FROM $2 LIMIT 1`,
    [tenantId, keyId],
  );
  return { ...rows[0]?.row, ...change };
}

async function insertAs(url: string, table: string, row: Row): Promise<void> {
  await runAs(url, `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(null::public.${table}, $1)`, [JSON.stringify(row)]);
}

const SIGNED_BY_ACT = new Set([
  'client_key',
  'profile_access',
  'profile_group',
  'group_member',
  'profile_version',
  'server',
  'review',
  'entry_decision',
]);
const HASH = 'f'.repeat(64);

/** For each table that a configuration is made of, or that the signer believes: the row that a thief would like to add. */
const INSERTS: [table: string, change: () => Row][] = [
  ['client_key', () => ({ id: randomUUID(), key_hash: HASH })],
  ['profile_access', () => ({ membership_id: getActorId(domain.reviewer.actor) })],
  ['person_group', () => ({ id: randomUUID(), name: 'Forged' })],
  ['group_member', () => ({ membership_id: getActorId(domain.second.actor) })],
  ['profile_group', () => ({ profile_id: profileId })],
  ['membership', () => ({ id: randomUUID(), user_id: randomUUID() })],
  ['profile', () => ({ id: randomUUID(), slug: 'forged' })],
  ['profile_version', () => ({ number: 2 })],
  ['profile_site', () => ({ site_id: otherSiteId })],
  ['server', () => ({ id: randomUUID(), slug: 'forged' })],
  ['server_site', () => ({ site_id: otherSiteId })],
  ['review', () => ({ id: randomUUID(), revision_id: randomUUID() })],
  ['entry_decision', () => ({ pin: HASH })],
  ['site', () => ({ id: randomUUID(), slug: 'forged' })],
  ['signing_key', () => ({ id: randomUUID() })],
  ['admin_audit', () => ({ id: randomUUID(), actor_kind: 'person', action: 'client_key.create' })],
];
const UPDATES = [
  `client_key SET key_hash = '${HASH}'`,
  'client_key SET revoked_at = NULL',
  `client_key SET expires_at = now() + interval '1 year'`,
  'profile SET published_version = 1',
  'profile SET disabled_at = NULL',
  `server SET transport = '{"kind":"http","url":"http://thief.example/mcp","credential":null}'`,
  'server SET disabled_at = NULL',
  `review SET valid_until = now() + interval '1 year'`,
  `review SET audit_id = NULL`,
  `entry_decision SET verdict = 'approved'`,
  'group_member SET audit_id = NULL',
  'profile_group SET audit_id = NULL',
  'profile_access SET until = NULL',
  `membership SET role = 'owner'`,
  `"user" SET disabled_at = NULL`,
];

describe.each(['hub', 'worker'] as const)('T-10: with the database URL of the %s alone', (name) => {
  test.each(INSERTS)('a row of %s cannot be added', async (table, change) => {
    const row = await buildForgedRow(table, change());
    await expect(insertAs(world.database.urls[name], table, row)).rejects.toMatchObject({ code: '42501' });
  });

  test.each(UPDATES)('nothing that is signed can be changed: %s', async (change) => {
    await expect(runAs(world.database.urls[name], `UPDATE ${change}`)).rejects.toMatchObject({ code: '42501' });
  });

  test('what is signed afterwards is what was signed before', async () => {
    expect(await signAgain()).toEqual(before);
  });
});

/** An act that a process other than the console may write, named like the one that the row needs. */
async function insertActAs(name: 'hub' | 'worker', action: string, entityId: unknown, after: Row = {}): Promise<string> {
  const id = randomUUID();
  const [kind, actor] = name === 'hub' ? ['agent', domain.agent.id] : ['system', 'refresh-snapshots'];
  await runAs(
    world.database.urls[name],
    `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, after) VALUES ($1, $2, $3, $4, $5, 'x', $6, $7)`,
    [tenantId, id, kind, actor, action, entityId, JSON.stringify(after)],
  );
  return id;
}

const ACTIONS: Record<string, [action: string, entity: string]> = {
  client_key: ['client_key.create', 'id'],
  profile_access: ['profile.grant_access', 'profile_id'],
  profile_version: ['profile.publish', 'profile_id'],
  server: ['server.create', 'id'],
  review: ['review.decide', 'id'],
};

describe('T-10: a row that got in all the same is not signed', () => {
  // As if a right were granted by mistake: everything here is written by a role that may write it.
  const { fixtureUrl } = world.database;

  test.each(['none', 'hub', 'worker', 'of another row'] as const)('a client key with the act: %s', async (act) => {
    const id = randomUUID();
    const row = await buildForgedRow('client_key', { id, key_hash: HASH.slice(0, -1) + act.length.toString(16) });
    const auditId =
      act === 'none' ? null : act === 'of another row' ? row.audit_id : await insertActAs(act, 'client_key.create', id);
    await insertAs(fixtureUrl, 'client_key', { ...row, audit_id: auditId });
    expect(await signAgain()).toEqual(before);
  });

  test.each(Object.keys(ACTIONS))('a row of %s whose act is of a person and about it, and another one', async (table) => {
    const [, entity] = ACTIONS[table] ?? ['', ''];
    const row = await buildForgedRow(table, {});
    const act = randomUUID();
    await runAs(
      fixtureUrl,
      `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, after)
       SELECT tenant_id, $1, actor_kind, actor_id, 'site.rename', entity_type, $2, after FROM admin_audit WHERE tenant_id = $3 AND id = $4`,
      [act, row[entity], tenantId, row.audit_id],
    );
    const change = `UPDATE ${table} SET audit_id = $1 WHERE tenant_id = $2 AND audit_id = $3`;
    await runAs(fixtureUrl, change, [act, tenantId, row.audit_id]);
    const without = await signAgain();
    expect((without?.clientKeys.length ?? 0) * (without?.profiles[0]?.entries.length ?? 0)).toBe(0);
    await runAs(fixtureUrl, change, [row.audit_id, tenantId, act]);
    expect(await signAgain()).toEqual(before);
  });

  test.each<[string, (row: Row) => Row]>([
    ['hash', () => ({ key_hash: HASH })],
    ['person', () => ({ membership_id: getActorId(domain.reviewer.actor) })],
    ['end', ({ expires_at: end }) => ({ expires_at: new Date(Date.parse(String(end)) + 1_000).toISOString() })],
  ])('a key with another %s than the act of its person says', async (_, change) => {
    const row = await buildForgedRow('client_key', {});
    const put = (values: Row) =>
      runAs(
        fixtureUrl,
        'UPDATE client_key SET key_hash = $1, membership_id = $2, expires_at = $3 WHERE tenant_id = $4 AND id = $5',
        [values.key_hash, values.membership_id, values.expires_at, tenantId, keyId],
      );
    await put({ ...row, ...change(row) });
    expect((await signAgain())?.clientKeys).toEqual([]);
    await put(row);
    expect(await signAgain()).toEqual(before);
  });

  test('a key for another profile than the act of its person says', async () => {
    const { id } = await createDraftedProfile(domain, []);
    const row = await buildForgedRow('client_key', {});
    const change = 'UPDATE client_key SET profile_id = $1 WHERE tenant_id = $2 AND id = $3';
    await runAs(fixtureUrl, change, [id, tenantId, keyId]);
    expect((await signAgain())?.clientKeys).toEqual([]);
    await runAs(fixtureUrl, change, [row.profile_id, tenantId, keyId]);
    expect(await signAgain()).toEqual(before);
  });

  test.each(Object.keys(ACTIONS))(
    'a row of %s whose act is of an agent takes itself out, and comes back with its own',
    async (table) => {
      const [action, entity] = ACTIONS[table] ?? ['', ''];
      const row = await buildForgedRow(table, {});
      const act = await insertActAs('hub', action, row[entity], {
        version: 1,
        contentHash: row.content_hash,
        transport: row.transport,
      });
      const change = `UPDATE ${table} SET audit_id = $1 WHERE tenant_id = $2 AND audit_id = $3`;
      await runAs(fixtureUrl, change, [act, tenantId, row.audit_id]);
      const without = await signAgain();
      expect(without).not.toEqual(before);
      expect((without?.clientKeys.length ?? 0) * (without?.profiles[0]?.entries.length ?? 0)).toBe(0);
      await runAs(fixtureUrl, change, [row.audit_id, tenantId, act]);
      expect(await signAgain()).toEqual(before);
    },
  );

  test('another transport, another site, another content than the act says', async () => {
    const elsewhere = { kind: 'http', url: 'http://thief.example/mcp', credential: null };
    const row = await buildForgedRow('server', {});
    const change = 'UPDATE server SET transport = $1 WHERE tenant_id = $2 AND id = $3';
    await runAs(fixtureUrl, change, [JSON.stringify(elsewhere), tenantId, row.id]);
    expect((await signAgain())?.servers).toEqual([]);
    await runAs(fixtureUrl, change, [JSON.stringify(row.transport), tenantId, row.id]);
    await insertAs(fixtureUrl, 'profile_version', await buildForgedRow('profile_version', { number: 2 }));
    await runAs(fixtureUrl, 'UPDATE profile SET published_version = 2');
    expect((await signAgain())?.profiles).toEqual([]);
    await runAs(fixtureUrl, 'UPDATE profile SET published_version = 1');
    expect(await signAgain()).toEqual(before);
  });

  test('a decision that was put into a decided review', async () => {
    const change = 'UPDATE entry_decision SET audit_id = $1 WHERE tenant_id = $2 AND review_id = $3';
    const row = await buildForgedRow('entry_decision', {});
    await runAs(fixtureUrl, change, [null, tenantId, reviewId]);
    expect((await signAgain())?.profiles[0]?.entries).toEqual([]);
    await runAs(fixtureUrl, change, [row.audit_id, tenantId, reviewId]);
    expect(await signAgain()).toEqual(before);
  });
});

test.each([
  `INSERT INTO config_part (tenant_id, hash, bytes) VALUES (app.tenant(), encode(sha256('{}'), 'hex'), '{}')`,
  `INSERT INTO manifest (tenant_id, site_id, version, content_hash, payload, signature, key_id, not_after, reason)
     SELECT tenant_id, site_id, version + 1, content_hash, payload, signature, key_id, not_after, reason FROM manifest LIMIT 1`,
  `UPDATE config_part SET bytes = '{}'`,
  'UPDATE config_part SET used_at = now()',
  'UPDATE manifest SET version = version + 1',
  'DELETE FROM config_part',
  'DELETE FROM manifest',
])('T-10: the hub only reads parts and manifests: %s', async (sql) => {
  await expect(runAs(world.database.urls.hub, sql)).rejects.toMatchObject({ code: '42501' });
});

test.each(['console', 'worker'] as const)('T-10: the %s cannot store other bytes under the name of a part', async (name) => {
  const sql = `INSERT INTO config_part (tenant_id, hash, bytes) VALUES (app.tenant(), $1, '{}')`;
  await expect(runAs(world.database.urls[name], sql, [HASH])).rejects.toMatchObject({ code: '23514' });
  await expect(runAs(world.database.urls[name], `UPDATE config_part SET bytes = '{}'`)).rejects.toMatchObject({ code: '42501' });
});

test('T-10: the console’s role cannot let an agent or a job make a key either, and a key without an act is none', async () => {
  const url = world.database.urls.console;
  const act = await buildForgedRow('admin_audit', { id: randomUUID(), actor_kind: 'agent' });
  await expect(insertAs(url, 'admin_audit', act)).rejects.toMatchObject({ code: '42501' });
  await insertAs(
    url,
    'client_key',
    await buildForgedRow('client_key', { id: randomUUID(), key_hash: '0'.repeat(64), audit_id: null }),
  );
  expect(await signAgain()).toEqual(before);
});

test('T-10: a revision of the hub brings in nothing that no person approved, nor another definition under an approved pin', async () => {
  const url = world.database.urls.hub;
  const revision = await buildForgedRow('server_revision', { id: randomUUID(), number: 99 });
  await insertAs(url, 'server_revision', revision);
  const entry = await buildForgedRow('revision_entry', { revision_id: revision.id });
  const definition = { ...defineTool('get_order'), description: 'Sends everything to the thief' };
  await insertAs(url, 'revision_entry', { ...entry, definition });
  await insertAs(url, 'revision_entry', { ...entry, definition, pin: HASH });
  expect((await signAgain())?.profiles[0]?.entries).toEqual([]);
});
