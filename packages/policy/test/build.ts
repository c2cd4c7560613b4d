import { randomUUID } from 'node:crypto';

import { pinOf } from '../src/canonical.ts';
import type { CatalogueTool, SnapshotProfile } from '../src/profile.ts';
import type { Snapshot, SnapshotServer } from '../src/snapshot.ts';
import type { ToolDefinition } from '../src/tool-definition.ts';

export function makeServer(overrides: Partial<SnapshotServer> = {}): SnapshotServer {
  const transport: SnapshotServer['transport'] = { kind: 'http', url: 'https://orders.example.com/mcp', credential: null };
  return { id: randomUUID(), slug: 'orders', name: 'Orders', transport, ...overrides };
}

export function makeTool(
  server: SnapshotServer,
  definition: Partial<ToolDefinition> = {},
  overrides: Partial<CatalogueTool> = {},
) {
  const full: ToolDefinition = { name: 'orders.get', inputSchema: { type: 'object' }, ...definition };
  return {
    serverId: server.id,
    toolName: full.name,
    pin: pinOf(full),
    advertisedName: full.name,
    describe: null,
    rule: 'allow',
    denyReason: null,
    risk: 'read',
    logArguments: [],
    logResults: [],
    definition: full,
    ...overrides,
  } satisfies CatalogueTool;
}

export function makeProfile(tools: CatalogueTool[], overrides: Partial<SnapshotProfile> = {}): SnapshotProfile {
  return {
    id: randomUUID(),
    slug: 'support',
    name: 'Support',
    description: '',
    version: 1,
    audit: 'durable',
    tools,
    ...overrides,
  };
}

export function makeSnapshot(content: Partial<Snapshot['content']> = {}): Snapshot {
  return {
    format: 1,
    tenantId: randomUUID(),
    tenantSlug: 'acme',
    siteId: randomUUID(),
    siteSlug: 'local',
    version: 1,
    issuedAt: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-01-15T00:00:00.000Z',
    contentHash: '0'.repeat(64),
    content: { servers: [], profiles: [], clientKeys: [], revokedKeyIds: [], ...content },
  };
}
