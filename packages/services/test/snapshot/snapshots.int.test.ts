import { verify } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { Snapshot } from '@gatehouse/policy/documents/snapshot';
import { defineTool } from '@gatehouse/policy/testing/build';
import { importPublicKey } from '@gatehouse/protocol/ed25519';
import { encodePreAuth, type SignedEnvelope } from '@gatehouse/protocol/envelope';

import { mutate } from '../../src/audit/mutate.ts';
import type { ServiceContext } from '../../src/context.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { openRuntime } from '../../src/runtime.ts';
import { findRootKey } from '../../src/signing/keys.ts';
import { getDesiredConfig } from '../../src/snapshot/get-desired-config.ts';
import { EVERYTHING } from '../../src/snapshot/parts/build-trees.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { renewLeases } from '../../src/snapshot/renew-leases.ts';
import { writeConfiguration, type WriteReason } from '../../src/snapshot/write-configuration.ts';
import { putClientKey, putProfile, putRevision, putServer } from '../support/catalogue.ts';
import { listTools } from '../support/domain.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const world = await openWorld();
afterAll(() => world.close());

async function setUp(runtime = world.runtime) {
  const workspace = await makeWorkspace(runtime);
  const { tenant, site } = workspace;
  const admin = await workspace.as('admin');
  const write = (reason: WriteReason = 'test.write', siteId = site.id, ctx = admin) =>
    mutate(ctx, async (m) => {
      await m.audit({ action: 'test.write', entityType: 'site', entityId: siteId });
      return writeConfiguration(m, ctx, siteId, reason, EVERYTHING);
    });
  const agent = await makeAgent(runtime.db, tenant.id, { siteId: site.id });
  const agentCtx = workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId: site.id });
  const current = async () => {
    const desired = await getDesiredConfig({ ctx: agentCtx });
    if (!desired) throw new Error('No snapshot');
    return { ...desired, snapshot: Snapshot.parse(JSON.parse(Buffer.from(desired.envelope.payload, 'base64').toString('utf8'))) };
  };
  return { workspace, tenant, site, admin, write, agentCtx, current, system: workspace.asSystem('test') };
}

/** Checks envelopes against the tenant's root key. */
async function createVerifier({ runtime, tenantId }: ServiceContext): Promise<(envelope: SignedEnvelope) => boolean> {
  const { publicKey } = await runInTenant(runtime.db, tenantId, (tx) => findRootKey(tx, tenantId));
  const key = importPublicKey(publicKey);
  return ({ payloadType, payload, signature }) =>
    verify(null, encodePreAuth(payloadType, Buffer.from(payload, 'base64')), key, Buffer.from(signature, 'base64'));
}

test('a snapshot names its tenant and site, carries its content hash, and is signed by the root', async () => {
  const { tenant, site, admin, write, current } = await setUp();
  expect(await write()).toEqual({ version: 1 });
  const { version, contentHash: hash, envelope, snapshot } = await current();
  expect(snapshot).toMatchObject({ tenantId: tenant.id, tenantSlug: tenant.slug, siteId: site.id, siteSlug: site.slug, version });
  expect(hash).toBe(hashContent(snapshot.content));
  expect(Date.parse(snapshot.notAfter) - Date.parse(snapshot.issuedAt)).toBe(14 * DAY_MS);
  expect((await createVerifier(admin))(envelope)).toBe(true);
});

test('T-10: any flipped byte, another payload type and another tenant make the signature invalid', async () => {
  const { admin, write, current } = await setUp();
  await write();
  const { envelope } = await current();
  const isValid = await createVerifier(admin);
  const bytes = Buffer.from(envelope.payload, 'base64');
  for (const offset of bytes.keys()) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8((altered[offset] ?? 0) ^ 1, offset);
    expect(isValid({ ...envelope, payload: altered.toString('base64') })).toBe(false);
  }
  expect(isValid({ ...envelope, payloadType: 'application/vnd.gatehouse.discovery+json' })).toBe(false);
  const isValidElsewhere = await createVerifier((await setUp()).admin);
  expect(isValidElsewhere(envelope)).toBe(false);
  expect(isValid(envelope)).toBe(true);
});

test('T-27: a sealed key that was copied into the row of another tenant does not open, and nothing is signed with it', async () => {
  const [source, target] = [await setUp(), await setUp()];
  const { db } = world.runtime;
  const { privateKeySealed } = await runInTenant(db, source.tenant.id, (tx) => tx.signingKey.findFirstOrThrow());
  await runInTenant(db, target.tenant.id, (tx) => tx.signingKey.updateMany({ data: { privateKeySealed } }));
  await expectRefused('unavailable', target.write());
  expect(await source.write()).toEqual({ version: 1 });
});

test('T-11: versions of a site rise by one under concurrency and no two snapshots share one', async () => {
  const { tenant, site, write } = await setUp();
  const written = await Promise.all(Array.from({ length: 20 }, () => write('lease')));
  const versions = written.map((snapshot) => snapshot?.version ?? 0).toSorted((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  const stored = await runInTenant(world.runtime.db, tenant.id, (tx) =>
    tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId: tenant.id, id: site.id } } }),
  );
  expect(stored.snapshotVersion).toBe(20n);
});

test('content that has not changed makes no new version', async () => {
  const { write, current, system } = await setUp();
  await write();
  expect(await write()).toBeNull();
  expect(await refreshSnapshots({ ctx: system })).toEqual({ written: 0 });
  expect((await current()).version).toBe(1);
});

test('the catalogue is the published version intersected with what is approved at this moment', async () => {
  const { site, admin, write, current } = await setUp();
  const [search, refund, remove] = [defineTool('search'), defineTool('refund'), defineTool('remove')];
  const serverId = await putServer(admin, site.id);
  const idle = await putServer(admin, site.id);
  await putRevision(admin, serverId, [
    { definition: search, risk: 'read' },
    { definition: refund, risk: 'destructive' },
    { definition: remove, verdict: 'rejected' },
  ]);
  const tools = [search, refund, remove].map((definition) => ({ serverId, definition }));
  const profileId = await putProfile(admin, site.id, tools);
  await write();
  const { content } = (await current()).snapshot;
  expect(content.servers.map(({ id }) => id)).toEqual([serverId]);
  expect(content.servers.map(({ id }) => id)).not.toContain(idle);
  expect(content.profiles.map(({ id }) => id)).toEqual([profileId]);
  expect(listTools(content.profiles[0]).map(({ advertisedName, risk }) => [advertisedName, risk])).toEqual([
    ['refund', 'destructive'],
    ['search', 'read'],
  ]);
  expect(content.profiles[0]?.entries[1]?.definition).toEqual(search);
});

test('a tool that its server changed is off at once, before anybody decides', async () => {
  const { site, admin, write, current } = await setUp();
  const [search, refund] = [defineTool('search'), defineTool('refund')];
  const serverId = await putServer(admin, site.id);
  await putRevision(admin, serverId, [{ definition: search }, { definition: refund }]);
  await putProfile(
    admin,
    site.id,
    [search, refund].map((definition) => ({ serverId, definition })),
  );
  await write();
  const changed = defineTool('refund', { description: 'Now does something else' });
  await putRevision(admin, serverId, [{ definition: search }, { definition: changed }], { open: true });
  await write();
  const { content } = (await current()).snapshot;
  expect(listTools(content.profiles[0]).map(({ advertisedName }) => advertisedName)).toEqual(['search']);
});

test('a rejection after an approval of the same definition counts, also when it has lapsed', async () => {
  const { site, admin, write, current, system } = await setUp();
  const search = defineTool('search');
  const serverId = await putServer(admin, site.id);
  await putRevision(admin, serverId, [{ definition: search }]);
  await putProfile(admin, site.id, [{ serverId, definition: search }]);
  await write();
  const tools = async () => (await current()).snapshot.content.profiles.flatMap((profile) => profile.entries);
  expect(await tools()).toHaveLength(1);
  await putRevision(admin, serverId, [{ definition: search, verdict: 'rejected' }], { validForMs: 1 });
  await refreshSnapshots({ ctx: system });
  expect(await tools()).toHaveLength(0);
});

test('a disabled server and a server that left the site take their tools with them', async () => {
  const { tenant, site, admin, write, current } = await setUp();
  const tenantId = tenant.id;
  const servers = [await putServer(admin, site.id), await putServer(admin, site.id), await putServer(admin, site.id)];
  const tools = servers.map((serverId, index) => ({ serverId, definition: defineTool(`tool-${index}`) }));
  for (const { serverId, definition } of tools) await putRevision(admin, serverId, [{ definition }]);
  await putProfile(admin, site.id, tools);
  const [disabled = '', moved = '', kept = ''] = servers;
  await runInTenant(world.runtime.db, tenantId, async (tx) => {
    await tx.server.updateMany({ where: { tenantId, id: disabled }, data: { disabledAt: new Date() } });
    await tx.serverSite.deleteMany({ where: { tenantId, serverId: moved } });
  });
  await write();
  const { content } = (await current()).snapshot;
  expect(content.servers.map(({ id }) => id)).toEqual([kept]);
  expect(content.profiles[0]?.entries.map(({ serverId }) => serverId)).toEqual([kept]);
});

test('only live keys of people with access are served; revoked ones are named until they would have expired', async () => {
  const { workspace, site, admin, write, current } = await setUp();
  const profileId = await putProfile(admin, site.id, []);
  const member = await workspace.as('member');
  const outsider = await workspace.as('member');
  const idOf = (ctx: ServiceContext) => (ctx.actor.kind === 'person' ? ctx.actor.membershipId : '');
  const past = new Date(Date.now() - 1_000);
  const live = await putClientKey(admin, { profileId, membershipId: idOf(member) });
  const revoked = await putClientKey(admin, { profileId, membershipId: idOf(member), revokedAt: past });
  await putClientKey(admin, { profileId, membershipId: idOf(member), expiresAt: past });
  await putClientKey(admin, { profileId, membershipId: idOf(outsider), withoutAccess: true });
  await write();
  const { content } = (await current()).snapshot;
  expect(content.clientKeys.map(({ keyId, personId }) => [keyId, personId])).toEqual([[live, idOf(member)]]);
  expect(content.revokedKeyIds).toEqual([revoked]);

  await removeMember({ ctx: admin, input: { membershipId: idOf(member) } });
  const after = await current();
  expect(after.version).toBe(2);
  expect(after.snapshot.content.clientKeys).toEqual([]);
});

test('T-12: an agent gets the configuration of its own site only', async () => {
  const { workspace, tenant, site, agentCtx, write } = await setUp();
  const other = await makeSite(world.runtime.db, tenant.id);
  await write('test.write', other.id);
  expect(await getDesiredConfig({ ctx: agentCtx })).toBeNull();
  await write();
  expect(await getDesiredConfig({ ctx: agentCtx, input: { newerThan: 1 } })).toBeNull();
  const foreign = workspace.makeContext({ kind: 'agent', agentId: 'x', siteId: (await setUp()).site.id });
  expect(await getDesiredConfig({ ctx: foreign })).toBeNull();
  expect((await getDesiredConfig({ ctx: agentCtx }))?.version).toBe(1);
  expect(site.id).not.toBe(other.id);
});

test('a site of another tenant is not found', async () => {
  const { admin } = await setUp();
  const foreign = await setUp();
  const work = mutate(admin, (m) => writeConfiguration(m, admin, foreign.site.id, 'test.write', EVERYTHING));
  await expectRefused('not_found', work);
});

test('T-13: the lease is renewed once half of it is over, with the same content under a higher version', async () => {
  const own = await openWorld();
  const { site, write, current, system } = await setUp(own.runtime);
  await write();
  const first = await current();
  own.advanceClock(6.9 * DAY_MS);
  expect(await renewLeases({ ctx: system })).toEqual({ renewed: 0 });
  own.advanceClock(0.2 * DAY_MS);
  expect(await renewLeases({ ctx: system })).toEqual({ renewed: 1 });
  expect(await renewLeases({ ctx: system })).toEqual({ renewed: 0 });
  const second = await current();
  expect(second.version).toBe(first.version + 1);
  expect(second.contentHash).toBe(first.contentHash);
  expect(Date.parse(second.snapshot.notAfter)).toBeGreaterThan(Date.parse(first.snapshot.notAfter));
  expect((await readAudit(system, site.id)).map(({ action }) => action)).toEqual(['test.write', 'snapshot.renew']);
  await own.close();
});

test('a process without the key-encryption key cannot write a snapshot', async () => {
  const { admin, site } = await setUp();
  const { log } = world.runtime;
  const keyless = await openRuntime({
    appDatabaseUrl: world.database.urls.console,
    hubPublicUrl: 'ws://127.0.0.1:3001',
    log,
    poolSize: 2,
  });
  const ctx = { ...admin, runtime: keyless };
  await expectRefused(
    'unavailable',
    mutate(ctx, (m) => writeConfiguration(m, ctx, site.id, 'test.write', EVERYTHING)),
  );
  await keyless.close();
});

test('people and agents cannot start what is for jobs', async () => {
  const { workspace, agentCtx } = await setUp();
  const owner = await workspace.as('owner');
  await expectRefused('not_permitted', renewLeases({ ctx: owner }));
  await expectRefused('not_permitted', refreshSnapshots({ ctx: agentCtx }));
});
