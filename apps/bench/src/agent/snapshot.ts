import { randomUUID } from 'node:crypto';

import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { Snapshot, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey, makeProfile, makeServer, makeSnapshot, makeTool } from '@gatehouse/policy/testing/build';

import { TOOLS } from '../upstream/messages.ts';

export type AuditMode = 'durable' | 'best_effort';

/** The environment variable that holds the credential of the upstream, and its reference in the snapshot. */
export const CREDENTIAL_VARIABLE = 'BENCH_UPSTREAM_TOKEN';
const PROFILES = 20;
const LEASE_DAYS = 7;

/** Every profile has all tools of the upstream; the first of `keys` belongs to the first profile. */
export interface BenchSite {
  snapshot: Snapshot;
  tenantId: string;
  siteId: string;
  /** client keys in full, in the order of their profiles, over and over */
  secrets: string[];
}

/** A site with 20 profiles in front of one upstream, and `keyCount` client keys. */
export function makeSite(upstreamUrl: string, audit: AuditMode, keyCount = PROFILES): BenchSite {
  const serverId = randomUUID();
  const profiles = Array.from({ length: PROFILES }, (_, number) => makeBenchProfile(number, serverId, audit));
  const keys = Array.from({ length: keyCount }, (_, number) => makeClientKey({ id: profiles[number % PROFILES]?.id ?? '' }));
  const now = Date.now();
  const snapshot = makeSnapshot(
    { servers: [makeBenchServer(serverId, upstreamUrl)], profiles, clientKeys: keys.map(({ key }) => key) },
    {
      tenantSlug: 'bench',
      siteSlug: 'bench',
      issuedAt: new Date(now).toISOString(),
      notAfter: new Date(now + LEASE_DAYS * 24 * 3_600_000).toISOString(),
    },
  );
  const { tenantId, siteId } = snapshot;
  return { snapshot, tenantId, siteId, secrets: keys.map(({ secret }) => secret) };
}

function makeBenchServer(id: string, url: string): SnapshotServer {
  const credential = {
    kind: 'header',
    header: 'Authorization',
    prefix: 'Bearer ',
    reference: `env:${CREDENTIAL_VARIABLE}`,
  } as const;
  return makeServer({ id, slug: 'bench', name: 'Reference upstream', transport: { kind: 'http', url, credential } });
}

function makeBenchProfile(number: number, serverId: string, audit: AuditMode): SnapshotProfile {
  // so that every call has a value that all detectors look at before it is recorded
  const tools = TOOLS.map((definition) => makeTool({ id: serverId }, definition, { logArguments: ['/text'] }));
  return makeProfile(tools, { slug: `profile-${number}`, name: `Profile ${number}`, description: 'One of twenty.', audit });
}
