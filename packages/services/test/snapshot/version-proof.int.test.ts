import pg from 'pg';
import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeSite } from '@gatehouse/db/testing';
import { Manifest } from '@gatehouse/policy/documents/manifest';
import { defineTool } from '@gatehouse/policy/testing/build';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { recordConfigStatus } from '../../src/agent/record-config-status.ts';
import { mutate } from '../../src/audit/mutate.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { getDesiredManifest } from '../../src/snapshot/get-desired-config.ts';
import { EVERYTHING } from '../../src/snapshot/parts/build-trees.ts';
import { writeConfiguration } from '../../src/snapshot/write-configuration.ts';
import { addApprovedServer, createDraftedProfile, makeDomain } from '../support/domain.ts';
import { saveTenant } from '../support/save-tenant.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const TYPE = 'application/vnd.gatehouse.manifest+json';
const world = await openWorld();
const owner = new pg.Client({ connectionString: world.database.ownerUrl });
await owner.connect();
afterAll(async () => {
  await owner.end();
  await world.close();
});

/** A site with an agent that hands its manifest back, and a published profile. */
async function setUp() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, agentCtx, workspace } = domain;
  const { tenantId } = admin;
  await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.agent.update({
      where: { tenantId_id: { tenantId, id: agent.id } },
      data: { features: ['parts', 'manifest-back'], lastSeenAt: new Date() },
    }),
  );
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getActorId(admin.actor) } });
  const makeKey = (name: string) => createClientKey({ ctx: admin, input: { profileId: profile.id, name } });
  const readEnvelope = async (): Promise<SignedEnvelope> => {
    const newest = await getDesiredManifest({ ctx: agentCtx });
    if (!newest) throw new Error('The site has no manifest');
    return newest.manifest;
  };
  /** What the agent says after its handshake: it serves this version, and hands back what proves it. */
  const report = (appliedVersion: number, manifest?: SignedEnvelope) =>
    recordConfigStatus({
      ctx: agentCtx,
      input: {
        status: 'applied',
        appliedVersion,
        appliedHash: 'a'.repeat(64),
        rejectedVersion: null,
        error: null,
        ...(manifest && { manifest }),
      },
    });
  const keep = () => keepRevocations({ ctx: workspace.asSystem('keep-revocations') });
  return { ...domain, tenantId, siteId: agent.siteId, makeKey, readEnvelope, report, keep };
}

const open = ({ payload }: SignedEnvelope): Manifest => Manifest.parse(JSON.parse(Buffer.from(payload, 'base64').toString()));

test('a database that was restored to before the agent’s version goes on above it, on the word of its own signature', async () => {
  const { admin, tenantId, siteId, makeKey, readEnvelope, report, keep } = await setUp();
  const restore = await saveTenant(owner, tenantId);
  for (const name of ['first', 'second', 'third']) await makeKey(name);
  const ahead = await readEnvelope();
  await restore();

  const before = open(await readEnvelope()).version;
  const { version } = open(ahead);
  expect(version).toBe(before + 3);
  await expectRefused('invalid', report(version, ahead));
  expect(await keep()).toMatchObject({ passed: 1 });
  expect(open(await readEnvelope())).toMatchObject({ version: version + 1, siteId });
  expect(await readAudit(admin, siteId)).toMatchObject([
    expect.objectContaining({ action: 'snapshot.pass_ahead', actorKind: 'system', after: { version: version + 1 } }),
  ]);
  // told again, it moves nothing
  await expectRefused('invalid', report(version, ahead));
  expect(await keep()).toMatchObject({ passed: 0 });
});

test('so it does where it has reached the very version of the agent by then, with something else in it', async () => {
  const { tenantId, makeKey, readEnvelope, report, keep } = await setUp();
  const restore = await saveTenant(owner, tenantId);
  for (const name of ['first', 'second']) await makeKey(name);
  const ahead = await readEnvelope();
  const { version } = open(ahead);
  await restore();
  // before the agent comes back
  for (const name of ['third', 'fourth']) await makeKey(name);
  expect(open(await readEnvelope()).version).toBe(version);
  await expectRefused('invalid', report(version, ahead));
  expect(await keep()).toMatchObject({ passed: 1 });
  expect(open(await readEnvelope()).version).toBe(version + 1);
  expect(await keep()).toMatchObject({ passed: 0 });
});

test('and where it reaches that between the word of the agent and the next run of the job', async () => {
  const { tenantId, makeKey, readEnvelope, report, keep } = await setUp();
  const restore = await saveTenant(owner, tenantId);
  for (const name of ['first', 'second']) await makeKey(name);
  const ahead = await readEnvelope();
  const { version } = open(ahead);
  await restore();
  await expectRefused('invalid', report(version, ahead));
  for (const name of ['third', 'fourth']) await makeKey(name);
  expect(open(await readEnvelope()).version).toBe(version);
  expect(await keep()).toMatchObject({ passed: 1 });
  expect(open(await readEnvelope()).version).toBe(version + 1);
});

test('what a site has itself and an agent hands back moves nothing', async () => {
  const { makeKey, readEnvelope, keep, agentCtx, tenantId } = await setUp();
  await makeKey('one');
  const manifest = await readEnvelope();
  const { version } = open(manifest);
  const { rows } = await owner.query<{ hash: string }>(
    'select content_hash as hash from manifest where tenant_id = $1 and version = $2',
    [tenantId, version],
  );
  const status = { status: 'applied', appliedVersion: version, rejectedVersion: null, error: null, manifest } as const;
  await recordConfigStatus({ ctx: agentCtx, input: { ...status, appliedHash: rows[0]?.hash ?? '' } });
  expect(await keep()).toMatchObject({ passed: 0 });
});

test('an agent that serves an older version, because its newest is damaged, still proves how far versions had come', async () => {
  const { tenantId, makeKey, readEnvelope, keep, agentCtx } = await setUp();
  const kept = await readEnvelope();
  const restore = await saveTenant(owner, tenantId);
  await makeKey('lost');
  const ahead = await readEnvelope();
  await restore();
  const { version } = open(kept);
  const { rows } = await owner.query<{ hash: string }>(
    'select content_hash as hash from manifest where tenant_id = $1 and version = $2',
    [tenantId, version],
  );
  const status = { status: 'applied', appliedVersion: version, rejectedVersion: null, error: null, manifest: ahead } as const;
  await recordConfigStatus({ ctx: agentCtx, input: { ...status, appliedHash: rows[0]?.hash ?? '' } });
  expect(await keep()).toMatchObject({ passed: 1 });
  expect(open(await readEnvelope()).version).toBe(open(ahead).version + 1);
});

const HUGE = 9_000_000_000_000_000;

/** What an agent, or a hub in its name, might hand back instead of a proof. */
async function makeForgeries(
  own: Awaited<ReturnType<typeof setUp>>,
): Promise<[name: string, manifest: SignedEnvelope | undefined][]> {
  const { tenantId } = own;
  const system = own.workspace.asSystem('renew-leases');
  const genuine = await own.readEnvelope();
  const far = { ...open(genuine), version: HUGE };
  const stranger = await setUp();
  for (const name of ['a', 'b', 'c']) await stranger.makeKey(name);
  const elsewhere = await makeSite(getFixtureDb(world.runtime), tenantId);
  for (let count = 0; count < 20; count += 1)
    await mutate(system, (m) => writeConfiguration(m, system, elsewhere.id, 'lease', EVERYTHING), { audited: false });
  const { rows } = await owner.query<{ payload: Buffer; signature: Buffer; keyId: string }>(
    'select payload, signature, key_id as "keyId" from manifest where tenant_id = $1 and site_id = $2 order by version desc limit 1',
    [tenantId, elsewhere.id],
  );
  const [other] = rows;
  if (!other) throw new Error('The other site has no manifest');
  return [
    ['no manifest', undefined],
    ['another key', new TestKey().sign(TYPE, far)],
    ['another key under the name of the tenant’s', { ...new TestKey().sign(TYPE, far), keyId: genuine.keyId }],
    ['the signature of another content', { ...genuine, payload: Buffer.from(JSON.stringify(far)).toString('base64') }],
    ['the signature of another kind of document', { ...genuine, payloadType: 'application/vnd.gatehouse.snapshot+json' }],
    ['another workspace', await stranger.readEnvelope()],
    [
      'another site',
      {
        payloadType: TYPE,
        payload: other.payload.toString('base64'),
        signature: other.signature.toString('base64'),
        keyId: other.keyId,
      },
    ],
  ];
}

test('T-11: nothing but the tenant’s signature on a manifest of this site moves its versions', async () => {
  const own = await setUp();
  const { tenantId, agent } = own;
  const before = open(await own.readEnvelope()).version;
  const forged = await makeForgeries(own);
  for (const [, manifest] of forged) await expectRefused('invalid', own.report(HUGE, manifest));
  expect(await own.keep()).toMatchObject({ passed: 0 });

  // nor when a hub writes it past its verb
  const hub = new pg.Client({ connectionString: world.database.urls.hub });
  await hub.connect();
  await hub.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
  for (const [name, manifest] of forged) {
    await hub.query('UPDATE agent SET ahead_version = $1, ahead_manifest = $2 WHERE id = $3', [
      HUGE,
      manifest ? JSON.stringify(manifest) : null,
      agent.id,
    ]);
    expect(await own.keep(), name).toMatchObject({ passed: 0 });
  }
  await hub.query(`UPDATE agent SET ahead_manifest = '"a word"' WHERE id = $1`, [agent.id]);
  expect(await own.keep()).toMatchObject({ passed: 0 });
  await hub.end();
  expect(open(await own.readEnvelope()).version).toBe(before);
});

test('T-11: what a retired key signed moves versions by a step, not to the end of numbers', async () => {
  const { tenantId, readEnvelope, report, keep } = await setUp();
  const retired = new TestKey();
  await owner.query(
    `insert into signing_key (tenant_id, id, public_key, private_key_sealed, retired_at) values ($1, $2, $3, '\\x00', now())`,
    [tenantId, retired.keyId, retired.publicKey],
  );
  const manifest = open(await readEnvelope());
  await expectRefused('invalid', report(HUGE, retired.sign(TYPE, { ...manifest, version: HUGE })));
  expect(await keep()).toMatchObject({ passed: 1 });
  expect(open(await readEnvelope()).version).toBe(manifest.version + 1_000_001);
});
