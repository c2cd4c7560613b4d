import { randomUUID } from 'node:crypto';

import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';
import { makeKeyset, makeKeysetKey } from '@gatehouse/protocol/testing/make-keyset';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

/** One version of a site as its control plane signed it. */
export interface SignedVersion {
  version: number;
  manifest: SignedEnvelope;
  snapshot: SignedEnvelope;
  contentHash: string;
  /** the one tool that it serves */
  tool: string;
  /** a key that came with it, and stays in the versions after it */
  secret: string;
}

/** What a hub has ever been given to hand on, or could get elsewhere. */
export interface SignedHistory {
  own: SignedVersion[];
  /** of another site of the tenant, of another tenant, and of somebody who signs as this tenant with a key of his own */
  foreign: SignedVersion[];
  /** of the tenant: the keys of the first half of its versions have ended */
  revocations: FakeRevocations;
  foreignRevocations: FakeRevocations;
  /** of the tenant, from the version of the site on that is the first to be signed with the key which it brings */
  keysets: SignedKeyset[];
  /** by others than the root, of another tenant, or ended long ago */
  forgedKeysets: SignedEnvelope[];
  /** newer than everything, and signed with a key that the last keyset retires: whoever stole it can do so at any time */
  stolen: SignedVersion[];
}

export interface SignedKeyset {
  envelope: SignedEnvelope;
  from: number;
}

export const VERSIONS = 12;
/** Of each key of the site, in turn. */
const VERSIONS_OF_KEY = VERSIONS / 3;
const RETIRED = { validUntil: '2026-11-02T00:00:00.000Z' };

/** Signs the history of a workspace. All parts are the hub's to send; of the keys it has none. */
export function signHistory(hub: FakeHub): SignedHistory {
  const { root, place } = hub;
  const thief = new TestKey();
  const oslo = { ...place, siteId: randomUUID(), siteSlug: 'oslo' };
  const other = { ...place, tenantId: randomUUID(), tenantSlug: 'emca', siteId: randomUUID() };
  const [first, second] = [new TestKey(), new TestKey()];
  const signers = [root, first, second];
  const own = signVersions(hub, 'own', { getKey: (version) => signers[Math.ceil(version / VERSIONS_OF_KEY) - 1] ?? root, place });
  const asRoot = (envelope: SignedEnvelope): SignedEnvelope => ({ ...envelope, keyId: root.keyId });
  const posed = signVersions(hub, 'posed', { getKey: () => thief, place }).map((version) => ({
    ...version,
    manifest: asRoot(version.manifest),
    snapshot: asRoot(version.snapshot),
  }));
  const foreign = [
    ...signVersions(hub, 'oslo', { getKey: () => root, place: oslo }),
    ...signVersions(hub, 'emca', { getKey: () => thief, place: other }),
    ...posed,
  ];
  const revocations = new FakeRevocations(root, place.tenantId);
  const foreignRevocations = new FakeRevocations(thief, other.tenantId);
  for (const { secret } of own.slice(0, VERSIONS / 2)) revocations.add('end', { kind: 'key', id: readKeyId(secret) });
  const lift = { of: randomUUID() };
  for (const { secret } of own) foreignRevocations.add('lift', { kind: 'key', id: readKeyId(secret) }, lift);
  const keysets = [
    { envelope: signKeyset(root, place, 1, [root, first]), from: VERSIONS_OF_KEY + 1 },
    { envelope: signKeyset(root, place, 2, [root, second], [first]), from: 2 * VERSIONS_OF_KEY + 1 },
  ];
  const forgedKeysets = [
    ...[thief, first].flatMap((forger) => {
      const forged = signKeyset(forger, place, 9, [thief, first]);
      return [forged, asRoot(forged)];
    }),
    signKeyset(root, other, 9, [thief, first]),
    signKeyset(root, place, 9, [thief, first], [], { now: Date.parse('2026-11-03T00:00:00.000Z') }),
  ];
  const stolen = signVersions(hub, 'stolen', { getKey: () => first, place, after: VERSIONS });
  return { own, foreign, revocations, foreignRevocations, keysets, forgedKeysets, stolen };
}

function signKeyset(
  key: TestKey,
  { tenantId }: FakeHub['place'],
  version: number,
  signing: readonly TestKey[],
  retired: readonly TestKey[] = [],
  time: { now?: number } = {},
): SignedEnvelope {
  const keys = [...signing.map((one) => makeKeysetKey(one)), ...retired.map((one) => makeKeysetKey(one, RETIRED))];
  return key.sign('application/vnd.gatehouse.keyset+json', makeKeyset(tenantId, version, keys, time));
}

function readKeyId(secret: string): string {
  return secret.slice(4, 36).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface Signing {
  getKey: (version: number) => TestKey;
  place: FakeHub['place'];
  /** the version before the first */
  after?: number;
}

function signVersions(hub: FakeHub, name: string, { getKey, place, after = 0 }: Signing): SignedVersion[] {
  const server = makeServer({ transport: { kind: 'http', url: 'http://127.0.0.1:9/mcp', credential: null } });
  const profile = makeProfile([]);
  const keys = Array.from({ length: VERSIONS }, () => makeClientKey(profile));
  return keys.map(({ secret }, n) => {
    const version = after + n + 1;
    const key = getKey(version);
    const tool = `${name}_${version}`;
    const content = {
      servers: [server],
      profiles: [{ ...profile, version, entries: [makeTool(server, { name: tool })] }],
      clientKeys: keys.slice(0, n + 1).map((made) => made.key),
    };
    const snapshot = hub.buildSnapshot(content, { ...place, version });
    const manifest = key.sign('application/vnd.gatehouse.manifest+json', hub.buildManifest(snapshot));
    const whole = key.sign('application/vnd.gatehouse.snapshot+json', snapshot);
    return { version, manifest, snapshot: whole, contentHash: snapshot.contentHash, tool, secret };
  });
}
