import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { hashContent } from '@gatehouse/policy/documents/canonical';
import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { DiscoveryOrders } from '../src/config/discovery-order.ts';
import { STRICT, TestSite, withCredential, type Push } from './support/control-plane/site.ts';
import { makeDiskError, FailingDisk } from './support/disk/failing-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';
import { chooseRounds } from './support/drill.ts';

const SNAPSHOT = 'application/vnd.gatehouse.snapshot+json';
const DISCOVERY = 'application/vnd.gatehouse.discovery+json';

test('a newer snapshot is stored, swapped and acknowledged; it serves again after a restart without the hub', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const server = makeServer();
  const agent = site.startAgent(path);
  expect(agent.applier.getStatus()).toMatchObject({ appliedVersion: 0, appliedHash: null });

  const snapshot = site.makeSnapshot(7, { servers: [server] });
  const status = await agent.applier.apply(site.push(snapshot));
  expect(status).toMatchObject({ status: 'applied', appliedVersion: 7, appliedHash: snapshot.contentHash, error: null });
  for (const { current } of [agent, site.startAgent(path)]) {
    expect(current.get()).toMatchObject({ version: 7, contentHash: snapshot.contentHash, notAfter: snapshot.notAfter });
    expect([...(current.get()?.compiled.serversById.values() ?? [])]).toEqual([server]);
  }
  expect((await agent.applier.apply(site.push(snapshot))).status).toBe('applied');
});

test('a snapshot of the earlier format is taken, kept and still serves after a restart, under the hash that was signed', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const server = makeServer();
  const { entries: _, ...profile } = makeProfile([]);
  const { kind: _kind, name: toolName, ...tool } = makeTool(server, { name: 'get_order' });
  const content = {
    servers: [server],
    profiles: [{ ...profile, tools: [{ toolName, ...tool }] }],
    clientKeys: [],
    revokedKeyIds: [],
  };
  const earlier = { ...site.makeSnapshot(3), format: 1, content, contentHash: hashContent(content) };
  const envelope = site.root.sign(SNAPSHOT, earlier);
  const push = { ...site.push(site.makeSnapshot(3)), contentHash: earlier.contentHash, envelope };
  expect(await site.startAgent(path).applier.apply(push)).toMatchObject({ status: 'applied', appliedHash: earlier.contentHash });
  const lists = site.startAgent(path).current.get()?.compiled.profilesBySlug.get('support')?.lists;
  expect(lists?.tools).toEqual([tool.definition]);
});

test('the compiled form is what calls are decided with', async () => {
  const site = new TestSite();
  const { applier, current } = site.startAgent(makeTempDir());
  const server = makeServer();
  const snapshot = site.makeSnapshot(1, { servers: [server] });
  const [profile] = snapshot.content.profiles;
  if (!profile) throw new Error('no profile');
  const filled = site.makeSnapshot(1, {
    servers: [server],
    profiles: [{ ...profile, entries: [makeTool(server, { name: 'get_order' })] }],
  });
  expect((await applier.apply(site.push(filled))).status).toBe('applied');
  expect(
    current
      .get()
      ?.compiled.profilesBySlug.get('support')
      ?.lists.tools.map((tool) => tool.name),
  ).toEqual(['get_order']);

  const broken = site.makeSnapshot(2, {
    servers: [],
    profiles: [{ ...profile, entries: [makeTool(server, { name: 'get_order' })] }],
  });
  expect(await applier.apply(site.push(broken))).toMatchObject({
    status: 'rejected',
    appliedVersion: 1,
    error: { code: 'malformed' },
  });
});

test('T-10: a flipped byte anywhere in payload or signature is refused and the old snapshot keeps serving', async () => {
  const site = new TestSite();
  const { applier, current } = site.startAgent(makeTempDir());
  await applier.apply(site.push(site.makeSnapshot(1)));
  const good = site.push(site.makeSnapshot(2));
  const payload = Buffer.from(good.envelope.payload, 'base64');
  const signature = Buffer.from(good.envelope.signature, 'base64');

  for (const [name, bytes] of [
    ['payload', payload],
    ['signature', signature],
  ] as const) {
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x01, at);
      const push = { ...good, envelope: { ...good.envelope, [name]: flipped.toString('base64') } };
      expect(await applier.apply(push), `${name} byte ${at}`).toMatchObject({
        status: 'rejected',
        error: { code: 'bad_signature' },
      });
    }
  }
  expect(current.get()?.version).toBe(1);
  expect(await applier.apply(good)).toMatchObject({ status: 'applied', appliedVersion: 2 });
});

test('T-10: a flipped bit of a large snapshot is refused wherever it is', async () => {
  const site = new TestSite();
  const { applier } = site.startAgent(makeTempDir());
  const servers = Array.from({ length: 500 }, (_, n) => makeServer({ slug: `server-${n}` }));
  const good = site.push(site.makeSnapshot(1, { servers }));
  const payload = Buffer.from(good.envelope.payload, 'base64');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: payload.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const flipped = Buffer.from(payload);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
      const push = { ...good, envelope: { ...good.envelope, payload: flipped.toString('base64') } };
      expect(await applier.apply(push)).toMatchObject({
        status: 'rejected',
        appliedVersion: 0,
        error: { code: 'bad_signature' },
      });
    }),
    { numRuns: chooseRounds(1_000) },
  );
});

test('T-10: another spelling of the same base64 is refused', async () => {
  const site = new TestSite();
  const { applier } = site.startAgent(makeTempDir());
  const good = site.push(site.makeSnapshot(1));
  const { signature } = good.envelope;
  const last = signature.charAt(85);
  const twin = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    .split('')
    .find(
      (letter) =>
        letter !== last && Buffer.from(`${signature.slice(0, 85)}${letter}==`, 'base64').equals(Buffer.from(signature, 'base64')),
    );
  expect(twin).toBeDefined();
  const push = { ...good, envelope: { ...good.envelope, signature: `${signature.slice(0, 85)}${twin}==` } };
  expect(await applier.apply(push)).toMatchObject({ error: { code: 'bad_signature' } });
});

test('T-10: a key that was not pinned, another payload type and a lying push are refused', async () => {
  const site = new TestSite();
  const { applier } = site.startAgent(makeTempDir());
  const snapshot = site.makeSnapshot(5);
  const stranger = new TestKey();
  const cases: [Push, string][] = [
    [site.push(snapshot, stranger), 'unknown_key'],
    [{ ...site.push(snapshot), envelope: { ...stranger.sign(SNAPSHOT, snapshot), keyId: site.root.keyId } }, 'bad_signature'],
    [{ ...site.push(snapshot), envelope: site.root.sign(DISCOVERY, snapshot) }, 'bad_signature'],
    [{ ...site.push(snapshot), envelope: { ...site.root.sign(DISCOVERY, snapshot), payloadType: SNAPSHOT } }, 'bad_signature'],
    [{ ...site.push(snapshot), version: 6 }, 'hash_mismatch'],
    [{ ...site.push(snapshot), contentHash: 'f'.repeat(64) }, 'hash_mismatch'],
    [site.push({ ...snapshot, contentHash: 'f'.repeat(64) }), 'hash_mismatch'],
    [{ ...site.push(snapshot), envelope: site.root.sign(SNAPSHOT, 'no json') }, 'malformed'],
    [{ ...site.push(snapshot), envelope: site.root.sign(SNAPSHOT, { ...snapshot, format: 3 }) }, 'malformed'],
  ];
  for (const [push, code] of cases) {
    const status = await applier.apply(push);
    expect(status).toMatchObject({ status: 'rejected', appliedVersion: 0, error: { code } });
  }
});

test('T-11: an older snapshot is refused, also after a restart and when the stored one is out of bounds now', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const first = site.startAgent(path);
  const server = makeServer();
  for (const version of [41, 42]) await first.applier.apply(site.push(site.makeSnapshot(version, { servers: [server] })));
  const old = site.push(site.makeSnapshot(41));
  const sameNumber = site.push(site.makeSnapshot(42, { servers: [] }));
  const restarted = site.startAgent(path);
  for (const { applier, current } of [first, restarted]) {
    expect(await applier.apply(old)).toMatchObject({ appliedVersion: 42, rejectedVersion: 41, error: { code: 'rollback' } });
    expect(await applier.apply(sameNumber)).toMatchObject({ appliedVersion: 42, error: { code: 'rollback' } });
    expect(current.get()?.version).toBe(42);
    expect(applier.getStatus()).toMatchObject({ status: 'applied', rejectedVersion: null });
  }

  const narrowed = site.startAgent(path, { guardrails: { ...STRICT, http: { hosts: ['crm.example'], privateHosts: [] } } });
  expect([...(narrowed.current.get()?.withheld.keys() ?? [])]).toEqual([server.id]);
  expect(await narrowed.applier.apply(old)).toMatchObject({ appliedVersion: 42, error: { code: 'rollback' } });
});

test('T-12: the snapshots of other sites and tenants are refused, 1,000 pairs', async () => {
  const sites = Array.from({ length: chooseRounds(1_000) }, () => new TestSite());
  const [own = new TestSite()] = sites;
  const { applier, current } = own.startAgent(makeTempDir());
  for (const other of sites.slice(1)) {
    const foreignKey = await applier.apply(other.push(other.makeSnapshot(1)));
    expect(foreignKey).toMatchObject({ status: 'rejected', error: { code: 'unknown_key' } });
    const ownKey = await applier.apply(own.push(other.makeSnapshot(1)));
    expect(ownKey).toMatchObject({ status: 'rejected', error: { code: 'wrong_site' } });
    const otherSite = await applier.apply(own.push({ ...own.makeSnapshot(1), siteId: other.siteId }));
    expect(otherSite).toMatchObject({ status: 'rejected', error: { code: 'wrong_site' } });
  }
  expect(current.get()).toBeNull();
});

test('T-16: a crash at any step of storing leaves exactly the old or the new snapshot', async () => {
  const site = new TestSite();
  const servers = [withCredential('https://orders.example/mcp')];
  const seen = new Set<number>();
  for (let crashAt = 0; ; crashAt++) {
    const path = makeTempDir();
    await site.startAgent(path).applier.apply(site.push(site.makeSnapshot(1)));
    const disk = new FailingDisk();
    disk.fail = (_step, index) => (index >= crashAt ? makeDiskError('EIO') : null);
    const { applier, current } = site.startAgent(path, { disk });
    const status = await applier.apply(site.push(site.makeSnapshot(2, { servers })));
    const after = site.startAgent(path).current.get()?.version ?? 0;
    seen.add(after);
    if (status.status === 'applied') {
      expect(after).toBe(2);
      break;
    }
    expect(status).toMatchObject({ appliedVersion: 1, error: { code: 'storage' } });
    expect(current.get()?.version).toBe(1);
    expect([1, 2]).toContain(after);
  }
  expect(seen).toEqual(new Set([1, 2]));
});

test('T-16: a half-written temporary file is no obstacle to the next configuration', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  writeFileSync(join(path, 'snapshot.json.new'), '{"payloadTy');
  const { applier } = site.startAgent(path);
  expect(await applier.apply(site.push(site.makeSnapshot(1)))).toMatchObject({ status: 'applied' });
});

test('a stored snapshot that was altered on disk is not served', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const first = site.startAgent(path);
  await first.applier.apply(site.push(site.makeSnapshot(3)));
  const stored = JSON.parse(readFileSync(first.dir.snapshot.path, 'utf8'));
  const altered = JSON.stringify({ ...site.makeSnapshot(4) });
  writeFileSync(first.dir.snapshot.path, JSON.stringify({ ...stored, payload: Buffer.from(altered).toString('base64') }));
  expect(site.startAgent(path).current.get()).toBeNull();
  writeFileSync(first.dir.snapshot.path, '{');
  expect(site.startAgent(path).current.get()).toBeNull();
  expect(await site.startAgent(path).applier.apply(site.push(site.makeSnapshot(4)))).toMatchObject({ status: 'applied' });
});

test('T-15: what could not be stored is tried again; a refusal is told until something newer runs', async () => {
  const site = new TestSite();
  const disk = new FailingDisk();
  const { applier, current } = site.startAgent(makeTempDir(), { disk });
  expect(await applier.retry()).toBeNull();
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  const refusal = { status: 'rejected', rejectedVersion: 1, error: { code: 'storage' } };
  expect(await applier.apply(site.push(site.makeSnapshot(1)))).toMatchObject(refusal);
  expect(await applier.retry()).toBeNull();
  expect(applier.getStatus()).toMatchObject({ ...refusal, nonce: null });
  disk.fail = () => null;
  expect(await applier.retry()).toMatchObject({ nonce: null, status: 'applied', appliedVersion: 1, error: null });
  expect(current.get()?.version).toBe(1);

  await applier.apply(site.push(site.makeSnapshot(2, {}, { notAfter: '2026-01-01T00:00:00.000Z' })));
  expect(applier.getStatus()).toMatchObject({ appliedVersion: 1, rejectedVersion: 2, error: { code: 'lease_expired' } });
  expect(await applier.retry()).toBeNull();
  await applier.apply(site.push(site.makeSnapshot(3)));
  expect(applier.getStatus()).toMatchObject({ appliedVersion: 3, rejectedVersion: null, error: null });
});

test('T-13: an ended snapshot is not taken, a running one stops serving at its end', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const end = '2026-11-21T13:00:00.000Z';
  let now = Date.parse(end);
  const { applier, current } = site.startAgent(path, { now: () => now });
  const push = site.push(site.makeSnapshot(1, {}, { notAfter: end }));
  expect(await applier.apply(push)).toMatchObject({ error: { code: 'lease_expired' } });
  now -= 1;
  expect(await applier.apply(push)).toMatchObject({ status: 'applied' });
  expect(current.checkServing(now).ok).toBe(true);
  expect(current.checkServing(now + 1)).toMatchObject({ ok: false, code: 'lease_expired' });
  expect(site.startAgent(path).current.checkServing(now + 1)).toMatchObject({ ok: false, code: 'lease_expired' });
});

test('a revoked or quarantined agent serves nothing and says why', async () => {
  const site = new TestSite();
  const { applier, current } = site.startAgent(makeTempDir());
  await applier.apply(site.push(site.makeSnapshot(1)));
  const now = Date.parse('2026-11-21T12:00:00Z');
  for (const standing of ['revoked', 'quarantined'] as const) {
    current.setStanding(standing);
    expect(current.checkServing(now)).toMatchObject({
      ok: false,
      code: `agent_${standing}`,
      message: expect.stringContaining(standing),
    });
  }
  current.setStanding('good');
  expect(current.checkServing(now).ok).toBe(true);
});

test('T-15: a server that breaks a guardrail takes itself out, by name; the rest is applied, revocations with it', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const [good, stdio] = [
    makeServer(),
    makeServer({ slug: 'files', transport: { kind: 'stdio', processes: 'shared', entry: 'files' } }),
  ];
  const profile = makeProfile([makeTool(good, { name: 'get' }), makeTool(stdio, { name: 'read' })]);
  const kept = makeClientKey(profile).key;
  const content = { servers: [good, stdio], profiles: [profile], clientKeys: [kept, makeClientKey(profile).key] };
  const agent = site.startAgent(path);
  expect(await agent.applier.apply(site.push(site.makeSnapshot(1, content)))).toMatchObject({ status: 'applied', error: null });
  const revoked = { ...content, clientKeys: [kept] };
  expect(await agent.applier.apply(site.push(site.makeSnapshot(2, revoked)))).toMatchObject({ appliedVersion: 2 });
  for (const { current } of [agent, site.startAgent(path)]) {
    const config = current.get();
    expect(config?.withheld).toEqual(
      new Map([
        [stdio.id, { kind: 'server', code: 'guardrail', reason: expect.stringContaining('no stdio entry "files"') as string }],
      ]),
    );
    expect([...(config?.compiled.clientKeysByHash.keys() ?? [])]).toEqual([kept.hash]);
  }
});

test.each(['damaged', 'altered', 'missing'])('T-16: a stored snapshot that is %s leaves the one before it', async (how) => {
  const site = new TestSite();
  const path = makeTempDir();
  const { applier, dir } = site.startAgent(path);
  for (const version of [1, 2]) await applier.apply(site.push(site.makeSnapshot(version)));
  const stored = JSON.parse(readFileSync(dir.snapshot.path, 'utf8'));
  if (how === 'missing') rmSync(dir.snapshot.path);
  else writeFileSync(dir.snapshot.path, how === 'damaged' ? '{' : JSON.stringify({ ...stored, payload: 'e30=' }));
  expect(site.startAgent(path).current.get()?.version).toBe(1);

  // the damaged one does not take the place of the good one, whatever happens to the next
  const disk = new FailingDisk();
  disk.fail = (step) => (step === 'sync' ? makeDiskError('ENOSPC') : null);
  const full = site.startAgent(path, { disk });
  expect(await full.applier.apply(site.push(site.makeSnapshot(3)))).toMatchObject({ error: { code: 'storage' } });
  const restarted = site.startAgent(path);
  expect(restarted.current.get()?.version).toBe(1);
  expect(await restarted.applier.apply(site.push(site.makeSnapshot(3)))).toMatchObject({ appliedVersion: 3 });
  writeFileSync(dir.snapshot.path, '');
  expect(site.startAgent(path).current.get()?.version).toBe(1);
});

test('pushes that come at once are applied one after the other', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const { applier } = site.startAgent(path);
  const versions = [3, 1, 5, 2, 4];
  const statuses = await Promise.all(versions.map((version) => applier.apply(site.push(site.makeSnapshot(version)))));
  expect(statuses.map((status) => status.appliedVersion)).toEqual([3, 3, 5, 5, 5]);
  expect(site.startAgent(path).current.get()?.version).toBe(5);
});

test('a discovery order is known again, and opened only when signed, by the agent it names, while it lives', () => {
  const site = new TestSite();
  const now = Date.parse('2026-11-21T12:00:00Z');
  const order = {
    format: 1,
    tenantId: site.tenantId,
    siteId: site.siteId,
    agentId: site.agentId,
    discoveryId: site.agentId,
    nonce: 'a'.repeat(24),
    issuedAt: new Date(now).toISOString(),
    notAfter: new Date(now + 60_000).toISOString(),
    server: makeServer(),
  };
  const orders = new DiscoveryOrders(site.trust);
  const open = (change: object, at = now, root = site.root, type: typeof DISCOVERY | typeof SNAPSHOT = DISCOVERY) =>
    orders.open(root.sign(type, { ...order, ...change }), order.discoveryId, at);
  expect(open({}, now, new TestKey())).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({}, now, site.root, SNAPSHOT)).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ agentId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ siteId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ discoveryId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({}, now + 121_000)).toMatchObject({ ok: false, code: 'expired' });
  expect(open({}, now - 61_000)).toMatchObject({ ok: false, code: 'expired' });
  expect(open({})).toMatchObject({ ok: true, repeated: false });
  expect(open({}, now + 1_000)).toMatchObject({ ok: true, repeated: true });
});
