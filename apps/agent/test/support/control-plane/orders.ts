import { randomUUID } from 'node:crypto';

import type { DiscoveryOrder, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

/** The order to look at a server. */
export function makeOrder(server: SnapshotServer): DiscoveryOrder {
  return {
    format: 1,
    tenantId: randomUUID(),
    siteId: randomUUID(),
    agentId: randomUUID(),
    discoveryId: randomUUID(),
    nonce: randomUUID(),
    issuedAt: '2026-11-21T10:00:00.000Z',
    notAfter: '2026-11-21T10:01:00.000Z',
    server,
  };
}
