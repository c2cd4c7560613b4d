import { randomUUID } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { ReadableRevocation } from '@gatehouse/policy/documents/revocation';
import { Revocations } from '@gatehouse/policy/revocations';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { Keyset, KeysetPush } from '@gatehouse/protocol/keyset';
import { makeKeyset, makeKeysetKey } from '@gatehouse/protocol/testing/make-keyset';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { Keyring } from '../../src/config/keyring.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { silentLog, TestSite } from '../support/control-plane/site.ts';
import { FailingDisk, makeDiskError } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

const KEYSET = 'application/vnd.gatehouse.keyset+json';
const NOW = Date.parse('2026-11-28T12:00:00Z');

/** An agent's directory, and what its tenant signs with: a root, and a key of its own for everything else. */
function makePlace({ disk = new FailingDisk(), clock = { now: NOW } } = {}) {
  const site = new TestSite();
  const signing = new TestKey();
  const dir = openStateDir(makeTempDir(), disk);
  const open = () => new Keyring({ dir, identity: site.identity, now: () => clock.now, log: silentLog });
  const build = (version: number, keys = [makeKeysetKey(signing)], overrides: Partial<Keyset> = {}) =>
    makeKeyset(site.tenantId, version, keys, { now: clock.now, ...overrides });
  const push = (keyset: Keyset, signedBy = site.root): KeysetPush => ({ type: 'keyset', keyset: signedBy.sign(KEYSET, keyset) });
  return { site, signing, dir, disk, clock, open, build, push };
}

const listKeys = ({ keys }: Keyring): string[] => [...keys.keys()];

test('the root signs everything until there is a keyset, and then only who stands in it, also after a restart', async () => {
  const { site, signing, open, build, push } = makePlace();
  const keyring = open();
  expect([listKeys(keyring), keyring.getStatus().keyset]).toEqual([[site.root.keyId], null]);
  const pushed = push(build(1));
  await keyring.take(pushed);
  for (const each of [keyring, open()]) {
    expect(listKeys(each)).toEqual([signing.keyId]);
    expect(each.getStatus().keyset).toEqual(pushed.keyset);
  }
});

test('a key that is retired counts for what is stored and for nothing that arrives, whatever the clock of the agent says', async () => {
  const { site, signing, clock, open, build, push } = makePlace();
  const retired = makeKeysetKey(site.root, { validUntil: new Date(NOW).toISOString() });
  const later = makeKeysetKey(new TestKey(), { validFrom: new Date(NOW + 1).toISOString() });
  const pushed = push(build(2, [retired, makeKeysetKey(signing), later]));
  clock.now = NOW - 3_600_000;
  const keyring = open();
  await keyring.take(pushed);
  expect(listKeys(keyring)).toEqual([signing.keyId]);
  expect([...keyring.storedKeys.keys()]).toEqual([site.root.keyId, signing.keyId, later.keyId]);
});

test('T-11: an older keyset is refused, and one of the same version that says something else; also after a restart', async () => {
  const { signing, open, build, push } = makePlace();
  const thief = makeKeysetKey(new TestKey());
  await open().take(push(build(5)));
  for (const version of [1, 4, 5]) {
    const keyring = open();
    await keyring.take(push(build(version, [thief])));
    expect(listKeys(keyring)).toEqual([signing.keyId]);
  }
});

test('T-10: a keyset of which anything is changed, or that somebody else has signed, is refused', async () => {
  const { site, signing, open, build, push } = makePlace();
  const keyset = build(7, [makeKeysetKey(signing, { validUntil: '2027-01-01T00:00:00.000Z' })]);
  const { keyset: envelope } = push(keyset);
  const other = new TestKey();
  const changed: Keyset[] = [
    { ...keyset, tenantId: randomUUID() },
    { ...keyset, version: 8 },
    { ...keyset, issuedAt: '2020-01-01T00:00:00.000Z' },
    { ...keyset, notAfter: '2099-01-01T00:00:00.000Z' },
    { ...keyset, keys: [...keyset.keys, makeKeysetKey(other)] },
    ...(['keyId', 'publicKey', 'validFrom', 'validUntil'] as const).map((field) => ({
      ...keyset,
      keys: [{ ...makeKeysetKey(signing), [field]: makeKeysetKey(other, { validFrom: keyset.issuedAt })[field] }],
    })),
  ];
  const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64');
  const forged: SignedEnvelope[] = [
    ...changed.map((document) => ({ ...envelope, payload: encode(document) })),
    { ...envelope, keyId: signing.keyId },
    { ...envelope, payloadType: 'application/vnd.gatehouse.manifest+json' },
    { ...envelope, signature: signing.sign(KEYSET, keyset).signature },
    site.root.sign('application/vnd.gatehouse.manifest+json', keyset),
    signing.sign(KEYSET, keyset),
    // signed by the root, and no keyset of this tenant
    ...[
      { ...keyset, tenantId: randomUUID() },
      { ...keyset, format: 2 },
      { ...keyset, version: 0 },
      { ...keyset, keys: [] },
      { ...keyset, notAfter: new Date(NOW).toISOString() },
      { ...keyset, keys: [makeKeysetKey(signing, { validUntil: keyset.issuedAt })] },
      { ...keyset, keys: [makeKeysetKey(signing, { publicKey: 'AAAA' })] },
      '{',
    ].map((document) => site.root.sign(KEYSET, document)),
  ];
  for (const each of forged) {
    const keyring = open();
    await keyring.take({ type: 'keyset', keyset: each });
    expect(keyring.getStatus().keyset).toBeNull();
  }
  const keyring = open();
  await keyring.take({ type: 'keyset', keyset: envelope });
  expect(keyring.getStatus().keyset).toEqual(envelope);
});

test('after its end nothing that arrives counts, until a newer one has come', async () => {
  const { signing, clock, open, build, push } = makePlace();
  const keyring = open();
  await keyring.take(push(build(1)));
  clock.now += 86_400_000;
  for (const each of [keyring, open()]) expect([listKeys(each), each.storedKeys.size]).toEqual([[], 1]);
  await keyring.take(push(build(2)));
  expect(listKeys(keyring)).toEqual([signing.keyId]);
});

test('the revocation log ends a key also where the keyset is an old copy, or gone', async () => {
  const { site, signing, open, build, push } = makePlace();
  const revocations = new Revocations();
  const end = (id: string) =>
    revocations.add(
      ReadableRevocation.parse({
        format: 1,
        id: randomUUID(),
        tenantId: site.tenantId,
        at: new Date(NOW).toISOString(),
        act: 'end',
        subject: { kind: 'signing_key', id },
      }),
    );
  const keyring = open();
  keyring.followLog({ revocations });
  end(site.root.keyId);
  expect(listKeys(keyring)).toEqual([]);
  await keyring.take(push(build(1, [makeKeysetKey(site.root), makeKeysetKey(signing)])));
  expect(listKeys(keyring)).toEqual([signing.keyId]);
});

test('a damaged keyset is replaced by the one before it, and without that by the root alone', async () => {
  const { site, signing, dir, open, build, push } = makePlace();
  const keyring = open();
  await keyring.take(push(build(1)));
  await keyring.take(push(build(2)));
  truncateSync(dir.keyset.path, 20);
  expect(listKeys(open())).toEqual([signing.keyId]);
  writeFileSync(dir.keyset.previous, '{}');
  expect(listKeys(open())).toEqual([site.root.keyId]);
});

test('with a full disk a keyset is in force, and is stored once there is room', async () => {
  const disk = new FailingDisk();
  const { signing, open, build, push } = makePlace({ disk });
  const keyring = open();
  disk.fail = () => makeDiskError('ENOSPC');
  await keyring.take(push(build(1)));
  expect([listKeys(keyring), open().getStatus().keyset]).toEqual([[signing.keyId], null]);
  disk.fail = () => null;
  await keyring.save();
  expect(listKeys(open())).toEqual([signing.keyId]);
});
