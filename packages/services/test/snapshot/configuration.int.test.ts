import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { IndexPart, KeysPart, Manifest, ProfilePart, ServerPart, toBucket } from '@gatehouse/policy/documents/manifest';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getAgent } from '../../src/agent/get-agent.ts';
import { recordConfigStatus } from '../../src/agent/record-config-status.ts';
import { mutate } from '../../src/audit/mutate.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { getServer } from '../../src/server/get-server.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { getDesiredConfig, getDesiredManifest } from '../../src/snapshot/get-desired-config.ts';
import { EVERYTHING, type Change } from '../../src/snapshot/parts/build-trees.ts';
import { pruneConfigurations } from '../../src/snapshot/prune-configurations.ts';
import { readParts } from '../../src/snapshot/read-parts.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { renewLeases } from '../../src/snapshot/renew-leases.ts';
import { writeConfiguration } from '../../src/snapshot/write-configuration.ts';
import { addApprovedServer, createDraftedProfile, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const world = await openWorld();
afterAll(() => world.close());

/** A site whose one agent fetches parts, with a published profile of one tool and a person who may use it. */
async function setUp() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, agentCtx, workspace } = domain;
  const tenantId = workspace.tenant.id;
  const setFeatures = (features: string[]) =>
    runInTenant(world.runtime.db, tenantId, (tx) =>
      tx.agent.update({ where: { tenantId_id: { tenantId, id: agent.id } }, data: { features } }),
    );
  await setFeatures(['parts']);
  const server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('list_orders')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getActorId(admin.actor) } });

  const readManifest = async () => {
    const desired = await getDesiredManifest({ ctx: agentCtx });
    return Manifest.parse(JSON.parse(Buffer.from(desired?.manifest.payload ?? '', 'base64').toString()));
  };
  const readPart = async (version: number, hash: string): Promise<unknown> => {
    const [part] = await readParts({ ctx: agentCtx, input: { version, hashes: [hash] } });
    return JSON.parse(Buffer.from(part?.bytes ?? []).toString());
  };
  const readIndex = async (kind: keyof Manifest['roots']) => {
    const { version, roots } = await readManifest();
    return new Map<string, string>(IndexPart.parse(await readPart(version, roots[kind])).entries);
  };
  const countParts = () => runInTenant(world.runtime.db, tenantId, (tx) => tx.configPart.count({ where: { tenantId } }));
  const createKey = () => createClientKey({ ctx: admin, input: { profileId: profile.id, name: 'mine' } });
  const write = (change: Change = EVERYTHING, reason = 'test.write' as const) =>
    mutate(admin, async (m) => {
      await m.audit({ action: 'test.write', entityType: 'site', entityId: workspace.site.id });
      return writeConfiguration(m, admin, workspace.site.id, reason, change);
    });
  const tools = { readManifest, readPart, readIndex, countParts, createKey, write, setFeatures };
  return { ...domain, ...tools, tenantId, server, profile, system: workspace.asSystem('test') };
}

test.each(['[]', '"a word"', '{"logging": "yes"}'])(
  'a hub that writes %s as what a server offers beside its lists stops no configuration: the server is served without',
  async (features) => {
    const { readIndex, readManifest, readPart, server, tenantId, write } = await setUp();
    const owner = await world.database.connectOwner();
    await owner.query('update server_revision set features = $1 where tenant_id = $2', [features, tenantId]);
    await write();
    const { version } = await readManifest();
    const hash = (await readIndex('servers')).get(server.id) ?? '';
    const part = ServerPart.parse(await readPart(version, hash));
    expect(part.server.features).toEqual({ logging: false, completions: false, resourceSubscriptions: false });
    expect(part.entries.map(({ name }) => name)).toEqual(['get_order']);
  },
);

test('a configuration is a tree: a server has the definitions that are used, a profile the pins', async () => {
  const { readIndex, readManifest, readPart, server, profile } = await setUp();
  const { version } = await readManifest();
  const [[, serverHash] = []] = await readIndex('servers');
  const served = ServerPart.parse(await readPart(version, serverHash ?? ''));
  expect(served.server.id).toBe(server.id);
  expect(served.entries.map(({ name }) => name)).toEqual(['get_order']);
  const [[, profileHash] = []] = await readIndex('profiles');
  const published = ProfilePart.parse(await readPart(version, profileHash ?? ''));
  expect(published).toMatchObject({ id: profile.id, entries: [{ serverId: server.id, pin: served.entries[0]?.pin }] });
  expect(published.entries[0]).not.toHaveProperty('definition');
});

test('one key moves the manifest, the index of keys and one bucket; its end moves the same', async () => {
  const { countParts, createKey, readIndex, readManifest, readPart, admin } = await setUp();
  const before = { manifest: await readManifest(), count: await countParts() };
  const { id } = await createKey();
  const after = await readManifest();
  const { keys: _, ...others } = before.manifest.roots;
  expect(after).toMatchObject({ version: before.manifest.version + 1, roots: others });
  expect(await countParts()).toBe(before.count + 2);
  const bucket = (await readIndex('keys')).get(toBucket(id)) ?? '';
  expect(KeysPart.parse(await readPart(after.version, bucket)).keys.map(({ keyId }) => keyId)).toEqual([id]);

  await revokeClientKey({ ctx: admin, input: { keyId: id } });
  expect((await readManifest()).roots).toEqual(before.manifest.roots);
  expect(await countParts()).toBe(before.count + 2);
});

test('what a change does not name is taken over, and the whole pass finds what was not named', async () => {
  const { tenantId, server, system, readIndex, write } = await setUp();
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.server.update({ where: { tenantId_id: { tenantId, id: server.id } }, data: { disabledAt: new Date() } }),
  );
  expect(await write({ keys: [randomUUID()] })).toBeNull();
  expect((await readIndex('servers')).size).toBe(1);
  expect(await refreshSnapshots({ ctx: system })).toEqual({ written: 1 });
  expect((await readIndex('servers')).size).toBe(0);
  expect((await readIndex('profiles')).size).toBe(1);
});

test('T-10: nothing is taken over from a manifest that the tenant’s key did not sign for this version of this site', async () => {
  const { tenantId, workspace, write, readManifest, createKey } = await setUp();
  const before = await readManifest();
  await createKey();
  const genuine = await readManifest();
  const where = { tenantId_siteId_version: { tenantId, siteId: workspace.site.id, version: BigInt(genuine.version) } };
  const forged = { ...genuine, roots: before.roots };
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.manifest.update({ where, data: { payload: Buffer.from(JSON.stringify(forged)), contentHash: hashContent(forged.roots) } }),
  );
  expect(await write({})).toEqual({ version: genuine.version + 1 });
  expect((await readManifest()).roots).toEqual(genuine.roots);

  const earlier = await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.manifest.findFirstOrThrow({ where: { tenantId, version: 1 }, select: { payload: true, signature: true } }),
  );
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.manifest.updateMany({ where: { tenantId, version: genuine.version + 1 }, data: earlier }),
  );
  expect(await write({})).toEqual({ version: genuine.version + 2 });
  expect((await readManifest()).roots).toEqual(genuine.roots);
});

test('T-11: keys that are made at the same time are all in the newest version, and each has its own', async () => {
  const { createKey, readIndex, readManifest, readPart } = await setUp();
  const { version: first } = await readManifest();
  const made = await Promise.all(Array.from({ length: 8 }, createKey));
  const { version } = await readManifest();
  expect(version).toBe(first + made.length);
  const served: string[] = [];
  for (const hash of (await readIndex('keys')).values()) {
    served.push(...KeysPart.parse(await readPart(version, hash)).keys.map(({ keyId }) => keyId));
  }
  expect(served.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
});

test('T-12: a part of another site and of another tenant is refused, and one that a newer manifest dropped, too', async () => {
  const own = await setUp();
  const foreign = await setUp();
  const { version, roots } = await own.readManifest();
  const read = (hashes: string[], ctx = own.agentCtx, of = version) => readParts({ ctx, input: { version: of, hashes } });
  expect((await read([roots.access, roots.profiles])).map(({ hash }) => hash)).toEqual([roots.access, roots.profiles]);

  const other = await foreign.readManifest();
  expect((await expectRefused('invalid', read([roots.access, other.roots.profiles]))).reason).toBe('foreign_id');
  expect((await expectRefused('invalid', read(['0'.repeat(64)]))).reason).toBe('foreign_id');
  const elsewhere = await makeSite(world.runtime.db, own.tenantId);
  const neighbour = await makeAgent(world.runtime.db, own.tenantId, { siteId: elsewhere.id });
  const ctx = own.workspace.makeContext({ kind: 'agent', agentId: neighbour.id, siteId: elsewhere.id });
  expect((await expectRefused('invalid', read([roots.profiles], ctx))).reason).toBe('foreign_id');
  await own.createKey();
  expect((await expectRefused('invalid', read([roots.keys], own.agentCtx, version + 1))).reason).toBe('foreign_id');
});

test('a lease is renewed over the same roots, without a new part', async () => {
  const own = await setUp();
  const before = { ...(await own.readManifest()), count: await own.countParts() };
  const later = { ...own.system, runtime: { ...own.system.runtime, now: () => new Date(Date.now() + 7.1 * 24 * HOUR_MS) } };
  expect(await renewLeases({ ctx: later })).toEqual({ renewed: 1 });
  const after = await own.readManifest();
  expect(after.roots).toEqual(before.roots);
  expect(after.version).toBe(before.version + 1);
  expect(Date.parse(after.notAfter)).toBeGreaterThan(Date.parse(before.notAfter));
  expect(await own.countParts()).toBe(before.count);
});

test('a whole snapshot is written while an agent of the site needs one, and one that comes later is not given an older one', async () => {
  const { agentCtx, createKey, readManifest, setFeatures, system } = await setUp();
  const { id } = await createKey();
  expect(await getDesiredConfig({ ctx: agentCtx })).toBeNull();
  await setFeatures([]);
  expect(await getDesiredConfig({ ctx: agentCtx })).toBeNull();
  const { roots, version } = await readManifest();
  expect(await refreshSnapshots({ ctx: system })).toEqual({ written: 1 });
  const whole = await getDesiredConfig({ ctx: agentCtx });
  expect(whole?.version).toBe(version + 1);
  expect(JSON.parse(Buffer.from(whole?.envelope.payload ?? '', 'base64').toString())).toMatchObject({
    content: { clientKeys: [{ keyId: id }], profiles: [{ entries: [{ name: 'get_order', definition: { name: 'get_order' } }] }] },
  });
  expect((await readManifest()).roots).toEqual(roots);
  expect(await refreshSnapshots({ ctx: system })).toEqual({ written: 0 });
});

test('retention keeps the newest versions and whatever they reach, and takes the rest', async () => {
  const { agentCtx, countParts, createKey, readIndex, readManifest, system, tenantId, admin } = await setUp();
  const { id: first } = await createKey();
  await revokeClientKey({ ctx: admin, input: { keyId: first } });
  for (let count = 0; count < 19; count += 1) await createKey();
  expect(await pruneConfigurations({ ctx: system })).toMatchObject({ manifests: 0, parts: 0 });

  const later = { ...system, runtime: { ...system.runtime, now: () => new Date(Date.now() + 2 * HOUR_MS) } };
  const { version } = await readManifest();
  const pruned = await pruneConfigurations({ ctx: later });
  expect(pruned.manifests).toBe(version - 20);
  expect(pruned.parts).toBeGreaterThan(0);
  const left = await countParts();
  expect(await pruneConfigurations({ ctx: later })).toEqual({ manifests: 0, snapshots: 0, parts: 0 });
  const leaves = await Promise.all((['servers', 'profiles', 'access', 'keys'] as const).map(readIndex));
  for (const hash of leaves.flatMap((index) => [...index.values()])) {
    expect(await readParts({ ctx: agentCtx, input: { version, hashes: [hash] } })).toHaveLength(1);
  }
  const kept = await runInTenant(world.runtime.db, tenantId, (tx) => tx.manifest.findMany({ where: { tenantId } }));
  expect(kept.map((row) => Number(row.version)).toSorted((a, b) => a - b)[0]).toBe(version - 19);
  expect(await countParts()).toBe(left);

  const oldStatus = { status: 'applied', appliedHash: 'a'.repeat(64), rejectedVersion: null, error: null } as const;
  await recordConfigStatus({ ctx: agentCtx, input: { ...oldStatus, appliedVersion: 1 } });
  const unknown = recordConfigStatus({ ctx: agentCtx, input: { ...oldStatus, appliedVersion: version } });
  expect((await expectRefused('invalid', unknown)).reason).toBe('foreign_id');
});

test('a part that nothing reaches any more, but that a change takes up while it is about to be removed, stays', async () => {
  const { admin, createKey, system, readManifest, readPart, readIndex } = await setUp();
  const { id } = await createKey();
  const { version, roots } = await readManifest();
  await revokeClientKey({ ctx: admin, input: { keyId: id } });
  const later = { ...system, runtime: { ...system.runtime, now: () => new Date(Date.now() + 2 * HOUR_MS) } };
  const db = world.runtime.db;
  // as the writer of a key does it: the parts of before are taken up, and the transaction is still open when the retention comes by
  const pruned = await runInTenant(db, admin.tenantId, async (tx) => {
    await tx.$executeRaw`delete from manifest where tenant_id = ${admin.tenantId}::uuid and version = ${version}`;
    return tx.configPart.count({ where: { tenantId: admin.tenantId, hash: roots.keys } });
  });
  expect(pruned).toBe(1);
  const taken = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const writer = runInTenant(db, admin.tenantId, async (tx) => {
    await tx.configPart.update({
      where: { tenantId_hash: { tenantId: admin.tenantId, hash: roots.keys } },
      data: { usedAt: new Date(Date.now() + 2 * HOUR_MS) },
    });
    taken.resolve();
    await release.promise;
  });
  await taken.promise;
  const prune = pruneConfigurations({ ctx: later });
  release.resolve();
  await writer;
  await prune;
  const left = await runInTenant(db, admin.tenantId, (tx) =>
    tx.configPart.count({ where: { tenantId: admin.tenantId, hash: roots.keys } }),
  );
  expect(left).toBe(1);
  expect((await readIndex('profiles')).size).toBe(1);
  await expectRefused('invalid', readPart(version, roots.keys));
});

test('what an agent leaves out is kept as it said it, until it says otherwise', async () => {
  const { admin, agent, agentCtx, readManifest, server, tenantId } = await setUp();
  const { version, roots } = await readManifest();
  const status = {
    status: 'applied',
    appliedVersion: version,
    appliedHash: hashContent(roots),
    rejectedVersion: null,
    error: null,
  } as const;
  const withheld = [{ kind: 'server', id: server.id, code: 'guardrail', message: 'orders is not allowed here' } as const];
  await recordConfigStatus({ ctx: agentCtx, input: { ...status, withheld } });
  const readAgent = () =>
    runInTenant(world.runtime.db, tenantId, (tx) =>
      tx.agent.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: agent.id } } }),
    );
  expect(await readAgent()).toMatchObject({ ackedVersion: BigInt(version), withheld });
  const shown = await getAgent({ ctx: admin, input: { agentId: agent.id } });
  expect(shown).toMatchObject({
    desired: { version, contentHash: hashContent(roots) },
    withheld: [{ ...withheld[0], entity: { name: expect.stringContaining('Orders'), slug: server.slug } }],
  });
  const told = { agentId: agent.id, state: 'withheld', withheldCode: 'guardrail', error: withheld[0]?.message };
  const readServer = () => getServer({ ctx: admin, input: { serverId: server.id } });
  const readRow = async () => (await listServers({ ctx: admin })).rows.find(({ id }) => id === server.id);
  expect(await readServer()).toMatchObject({ health: { reports: [told] }, withheldBy: 1 });
  expect(await readRow()).toMatchObject({ withheldBy: 1 });
  // once it is connected, its word is also the state of the server; what it said of the connection before is none any more
  await runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.agent.update({
      where: { tenantId_id: { tenantId, id: agent.id } },
      data: {
        lastSeenAt: new Date(),
        connectedAt: new Date(),
        serverHealth: [{ serverId: server.id, state: 'connected', error: null, at: null }],
      },
    }),
  );
  expect(await readServer()).toMatchObject({ state: 'Withheld', health: { reports: [{ ...told, live: true, connections: 0 }] } });
  await recordConfigStatus({ ctx: agentCtx, input: status });
  expect(await readAgent()).toMatchObject({ ackedVersion: BigInt(version), withheld: [] });
  expect(await readRow()).toMatchObject({ state: 'Approved', withheldBy: 0 });
});
