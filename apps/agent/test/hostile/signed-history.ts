import { randomUUID } from 'node:crypto';

import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';
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
}

export const VERSIONS = 12;

/** Signs the history of a workspace. All parts are the hub's to send; of the keys it has none. */
export function signHistory(hub: FakeHub): SignedHistory {
  const { root, place } = hub;
  const thief = new TestKey();
  const oslo = { ...place, siteId: randomUUID(), siteSlug: 'oslo' };
  const other = { ...place, tenantId: randomUUID(), tenantSlug: 'emca', siteId: randomUUID() };
  const own = signVersions(hub, 'own', { key: root, place });
  const asRoot = (envelope: SignedEnvelope): SignedEnvelope => ({ ...envelope, keyId: root.keyId });
  const posed = signVersions(hub, 'posed', { key: thief, place }).map((version) => ({
    ...version,
    manifest: asRoot(version.manifest),
    snapshot: asRoot(version.snapshot),
  }));
  const foreign = [
    ...signVersions(hub, 'oslo', { key: root, place: oslo }),
    ...signVersions(hub, 'emca', { key: thief, place: other }),
    ...posed,
  ];
  const revocations = new FakeRevocations(root, place.tenantId);
  const foreignRevocations = new FakeRevocations(thief, other.tenantId);
  for (const { secret } of own.slice(0, VERSIONS / 2)) revocations.add('end', { kind: 'key', id: readKeyId(secret) });
  const lift = { of: randomUUID() };
  for (const { secret } of own) foreignRevocations.add('lift', { kind: 'key', id: readKeyId(secret) }, lift);
  return { own, foreign, revocations, foreignRevocations };
}

function readKeyId(secret: string): string {
  return secret.slice(4, 36).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function signVersions(hub: FakeHub, name: string, { key, place }: { key: TestKey; place: FakeHub['place'] }): SignedVersion[] {
  const server = makeServer({ transport: { kind: 'http', url: 'http://127.0.0.1:9/mcp', credential: null } });
  const profile = makeProfile([]);
  const keys = Array.from({ length: VERSIONS }, () => makeClientKey(profile));
  return keys.map(({ secret }, n) => {
    const version = n + 1;
    const tool = `${name}_${version}`;
    const content = {
      servers: [server],
      profiles: [{ ...profile, version, entries: [makeTool(server, { name: tool })] }],
      clientKeys: keys.slice(0, version).map((made) => made.key),
    };
    const snapshot = hub.buildSnapshot(content, { ...place, version });
    const manifest = key.sign('application/vnd.gatehouse.manifest+json', hub.buildManifest(snapshot));
    const whole = key.sign('application/vnd.gatehouse.snapshot+json', snapshot);
    return { version, manifest, snapshot: whole, contentHash: snapshot.contentHash, tool, secret };
  });
}
