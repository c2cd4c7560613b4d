import pg from 'pg';
import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot } from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { Keyset } from '@gatehouse/protocol/keyset';
import { makeKeyset, makeKeysetKey } from '@gatehouse/protocol/testing/make-keyset';
import { TestKey } from '@gatehouse/protocol/testing/test-key';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import type { ServiceContext } from '../../src/context.ts';
import { getNewestKeyset } from '../../src/keyset/get-newest-keyset.ts';
import { keepKeyset } from '../../src/keyset/keep-keyset.ts';
import { listPublicKeys } from '../../src/keyset/read-keyset.ts';
import { recordKeyset } from '../../src/keyset/record-keyset.ts';
import { rotateSigningKey } from '../../src/keyset/rotate-signing-key.ts';
import { hashPayload } from '../../src/revocation/envelope-row.ts';
import { forwardRevocations } from '../../src/revocation/forward-revocations.ts';
import { getNewRevocations } from '../../src/revocation/get-new-revocations.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { disableServer, enableServer } from '../../src/server/switch-server.ts';
import { findRootKey } from '../../src/signing/keys.ts';
import { getDesiredManifest } from '../../src/snapshot/get-desired-config.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addServer, makeDomain } from '../support/domain.ts';
import { saveTenant } from '../support/save-tenant.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const KEYSET = 'application/vnd.gatehouse.keyset+json';
const DAY_MS = 24 * 3_600_000;

const world = await openWorld();
const owner = await world.database.connectOwner();
afterAll(() => world.close());

/** A workspace with a configuration and an agent that follows keysets. */
async function makeKept() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { workspace, agent, agentCtx } = domain;
  const tenantId = workspace.tenant.id;
  await owner.query(`UPDATE agent SET features = '{parts,revocations,keyset}' WHERE id = $1`, [agent.id]);
  const keep = () => keepKeyset({ ctx: workspace.asSystem('keep-keyset') });
  const refresh = () => refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
  await keep();
  await refresh();
  const root = await runInTenant(world.runtime.db, tenantId, (tx) => findRootKey(tx, tenantId));
  /** the keyset as an agent takes it, by the root that it pinned */
  const readKeyset = async (): Promise<Keyset> => {
    const envelope = (await getNewestKeyset({ ctx: agentCtx }))?.envelope;
    if (!envelope) throw new Error('no keyset');
    return JSON.parse(verifyEnvelope(envelope, new Map([[root.keyId, root.publicKey]]), KEYSET).toString());
  };
  const readManifest = async () => (await getDesiredManifest({ ctx: agentCtx }))?.manifest;
  const rotate = async () => rotateSigningKey({ ctx: await workspace.as('owner') });
  return { ...domain, tenantId, keep, refresh, root, readKeyset, readManifest, rotate };
}

const fetchLog = (ctx: ServiceContext) => getNewRevocations({ ctx, input: { after: 0 } });
const verify = (envelope: SignedEnvelope | undefined, { keys }: Keyset, keyId: string): Buffer => {
  const key = keys.find((each) => each.keyId === keyId);
  if (!envelope || !key) throw new Error('nothing to verify');
  return verifyEnvelope(envelope, new Map([[keyId, Buffer.from(key.publicKey, 'base64')]]), envelope.payloadType);
};

test('the worker signs the first keyset, which names the root, and the same again once half of its time is over', async () => {
  const { keep, root, readKeyset } = await makeKept();
  const first = await readKeyset();
  expect(first).toMatchObject({ version: 1, keys: [{ keyId: root.keyId, validUntil: null }] });
  expect(Date.parse(first.notAfter) - Date.parse(first.issuedAt)).toBe(30 * DAY_MS);
  expect(await keep()).toEqual({ written: null });
  world.advanceClock(16 * DAY_MS);
  expect(await keep()).toEqual({ written: 2 });
  expect(await readKeyset()).toMatchObject({ version: 2, keys: first.keys });
});

test('a rotation gives everything a new signature: keyset, log, head and, by the worker, the configuration', async () => {
  const kept = await makeKept();
  const { admin, agentCtx, tenantId, refresh, root, readKeyset, readManifest, rotate } = kept;
  const server = await addServer(kept);
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  const before = await fetchLog(agentCtx);
  const { keyId, keysetVersion } = await rotate();

  const keyset = await readKeyset();
  expect(keyset.version).toBe(keysetVersion);
  expect(keyset.keys).toMatchObject([
    { keyId: root.keyId, validUntil: expect.any(String) },
    { keyId, validUntil: null },
  ]);
  const log = await fetchLog(agentCtx);
  expect(log?.entries.slice(0, -1).map(({ payload }) => payload)).toEqual(before?.entries.map(({ payload }) => payload));
  const entries = log?.entries.map((entry): unknown => JSON.parse(verify(entry, keyset, keyId).toString())) ?? [];
  expect(entries.at(-1)).toMatchObject({ act: 'end', subject: { kind: 'signing_key', id: root.keyId } });
  verify(log?.head, keyset, keyId);
  const hashes = log?.entries.map(({ payload }) => hashPayload(Buffer.from(payload, 'base64'))).sort() ?? [];
  expect(log?.root).toBe(computeLogRoot(hashes));

  expect((await readManifest())?.keyId).toBe(root.keyId);
  expect(await refresh()).toEqual({ written: 1 });
  verify(await readManifest(), keyset, keyId);
  expect(await refresh()).toEqual({ written: 0 });
  expect(await readAudit(admin, keyId)).toMatchObject([
    {
      tenantId,
      actorKind: 'person',
      action: 'signing_key.rotate',
      before: { keyId: root.keyId },
      after: { keyId, keysetVersion },
    },
  ]);

  const again = await rotate();
  expect((await readKeyset()).keys.map((key) => [key.keyId, key.validUntil === null])).toEqual([
    [root.keyId, false],
    [keyId, false],
    [again.keyId, true],
  ]);
});

test('only an owner rotates, and not while an agent in use cannot follow, which is named', async () => {
  const { admin, agent, readKeyset, rotate } = await makeKept();
  await expectRefused('not_permitted', rotateSigningKey({ ctx: admin }));
  await owner.query(`UPDATE agent SET features = '{parts,revocations}' WHERE id = $1`, [agent.id]);
  const { message } = await expectRefused('precondition', rotate());
  expect(message).toContain(agent.name);
  expect((await readKeyset()).version).toBe(1);
  await owner.query(`UPDATE agent SET revoked_at = now() WHERE id = $1`, [agent.id]);
  expect(await rotate()).toMatchObject({ keysetVersion: 2 });
});

test('T-10: a signing key that no act of a person made signs nothing', async () => {
  const { admin, refresh, rotate } = await makeKept();
  const { keyId } = await rotate();
  const [act] = await readAudit(admin, keyId);
  const change = (action: string) => owner.query('UPDATE admin_audit SET action = $1 WHERE id = $2', [action, act?.id]);
  await change('site.create');
  await expectRefused('unavailable', refresh());
  await change('signing_key.rotate');
  expect(await refresh()).toEqual({ written: 1 });
});

test('T-10: with the database URL of hub or worker alone no key is added, brought back or named', async () => {
  const { tenantId, keep, refresh, readKeyset, rotate } = await makeKept();
  const run = async (name: 'hub' | 'worker' | 'console', sql: string) => {
    const client = new pg.Client({ connectionString: world.database.urls[name] });
    await client.connect();
    try {
      await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await run('hub', `UPDATE agent SET ahead_keyset = 'x', keyset_version = 99`);
  expect(await rotate()).toMatchObject({ keysetVersion: 2 });
  for (const name of ['hub', 'worker'] as const) {
    await expect(run(name, 'UPDATE signing_key SET retired_at = NULL')).rejects.toMatchObject({ code: '42501' });
    await expect(run(name, 'UPDATE signing_key SET is_root = true')).rejects.toMatchObject({ code: '42501' });
  }
  await expect(run('console', 'UPDATE signing_key SET retired_at = NULL')).rejects.toMatchObject({ code: '42501' });
  await expect(run('hub', `UPDATE keyset SET payload = ''`)).rejects.toMatchObject({ code: '42501' });
  // what the worker's role may overwrite says nothing without the root
  const { version, keys } = await readKeyset();
  const forged = makeKeyset(tenantId, 9, [...keys, makeKeysetKey(new TestKey())]);
  const payload = Buffer.from(JSON.stringify(forged)).toString('hex');
  await run('worker', `UPDATE keyset SET version = 9, payload = decode('${payload}', 'hex')`);
  await expect(readKeyset()).rejects.toThrow('no keyset');
  expect(await keep()).toEqual({ written: null });
  await refresh();
  expect(version).toBe(2);
});

test('T-12: what an agent says that it holds counts with the root of its own tenant only', async () => {
  const { agentCtx, readKeyset } = await makeKept();
  const other = await makeKept();
  const record = (keyset: SignedEnvelope | null) => recordKeyset({ ctx: agentCtx, input: { keyset } });
  const [own, foreign] = [await getNewestKeyset({ ctx: agentCtx }), await getNewestKeyset({ ctx: other.agentCtx })];
  expect(await record(foreign?.envelope ?? null)).toEqual({ version: 0, keyIds: [], isAhead: false });
  const { keys } = await readKeyset();
  expect(await record(own?.envelope ?? null)).toEqual({ version: 1, keyIds: keys.map(({ keyId }) => keyId), isAhead: false });
  const forged = new TestKey().sign(KEYSET, makeKeyset(agentCtx.tenantId, 7, keys));
  expect(await record(forged)).toMatchObject({ version: 0, isAhead: false });
});

test('a database that is restored to before a rotation goes on above it, and takes over what the lost key has revoked but not what it lifted', async () => {
  const kept = await makeKept();
  const { workspace, admin, agentCtx, tenantId, keep, readKeyset, rotate } = kept;
  const { id: serverId } = await addServer(kept);
  const restore = await saveTenant(owner, tenantId);
  const lost = await rotate();
  await disableServer({ ctx: admin, input: { serverId } });
  await enableServer({ ctx: admin, input: { serverId } });
  const held = await getNewestKeyset({ ctx: agentCtx });
  const entries = (await fetchLog(agentCtx))?.entries ?? [];
  expect(entries).toHaveLength(3);

  await restore();
  expect(await recordKeyset({ ctx: agentCtx, input: { keyset: held?.envelope ?? null } })).toMatchObject({ isAhead: true });
  expect(await keep()).toEqual({ written: null });
  expect(await rotate()).toEqual({ keyId: expect.any(String), keysetVersion: lost.keysetVersion + 1 });
  expect((await readKeyset()).keys).toMatchObject([
    { validUntil: expect.any(String) },
    { keyId: lost.keyId, validUntil: expect.any(String) },
    {},
  ]);
  const known = await runInTenant(getFixtureDb(admin.runtime), tenantId, (tx) => listPublicKeys(tx, tenantId));
  expect(known.has(lost.keyId)).toBe(true);

  expect(await forwardRevocations({ ctx: agentCtx, input: { entries } })).toBe(2);
  expect(await keepRevocations({ ctx: workspace.asSystem('keep-revocations') })).toMatchObject({ takenOver: 2 });
  const keyset = await readKeyset();
  const signing = keyset.keys.at(-1)?.keyId ?? '';
  for (const entry of (await fetchLog(agentCtx))?.entries ?? []) verify(entry, keyset, signing);
  await expectRefused('conflict', disableServer({ ctx: admin, input: { serverId } }));
});

test('what is revoked while the key is rotated is signed with the new one', async () => {
  const kept = await makeKept();
  const { admin, agentCtx, readKeyset, rotate } = kept;
  const servers = await Promise.all([1, 2, 3, 4].map(() => addServer(kept)));
  const [{ keyId }] = await Promise.all([
    rotate(),
    ...servers.map(({ id }) => disableServer({ ctx: admin, input: { serverId: id } })),
  ]);
  const keyset = await readKeyset();
  const log = await fetchLog(agentCtx);
  expect(log?.entries).toHaveLength(5);
  for (const envelope of [...(log?.entries ?? []), log?.head]) verify(envelope, keyset, keyId);
});
