import fc from 'fast-check';
import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { STRICT, TestSite, type Push } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { chooseRounds } from '../support/drill.ts';

const SNAPSHOT = 'application/vnd.gatehouse.snapshot+json';
const DISCOVERY = 'application/vnd.gatehouse.discovery+json';

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
