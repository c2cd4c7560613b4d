import { randomUUID } from 'node:crypto';

import { pinOf } from '../documents/canonical.ts';
import type {
  CataloguePrompt,
  CatalogueResource,
  CatalogueResourceTemplate,
  CatalogueTool,
  SnapshotProfile,
} from '../documents/profile.ts';
import type { Snapshot, SnapshotServer } from '../documents/snapshot.ts';
import type { PromptDefinition, ToolDefinition } from '../documents/definition.ts';

export function makeServer(overrides: Partial<SnapshotServer> = {}): SnapshotServer {
  const transport: SnapshotServer['transport'] = { kind: 'http', url: 'https://orders.example.com/mcp', credential: null };
  const features = { logging: false, completions: false, resourceSubscriptions: false };
  return { id: randomUUID(), slug: 'orders', name: 'Orders', transport, features, ...overrides };
}

export function makeTool(
  server: SnapshotServer,
  definition: Partial<ToolDefinition> = {},
  overrides: Partial<CatalogueTool> = {},
): CatalogueTool {
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
    arguments: [],
    definition: full,
    ...overrides,
  };
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
    prompts: [],
    resources: [],
    resourceTemplates: [],
    ...overrides,
  };
}

export function makePrompt(
  server: SnapshotServer,
  definition: Partial<PromptDefinition> = {},
  overrides: Partial<CataloguePrompt> = {},
): CataloguePrompt {
  const full: PromptDefinition = { name: 'summary', ...definition };
  const { name } = full;
  return { serverId: server.id, promptName: name, pin: pinOf(full), advertisedName: name, definition: full, ...overrides };
}

export function makeResource(server: SnapshotServer, uri: string): CatalogueResource {
  const definition = { uri, name: uri };
  return { serverId: server.id, uri, pin: pinOf(definition), definition };
}

export function makeTemplate(server: SnapshotServer, uriTemplate: string): CatalogueResourceTemplate {
  const definition = { uriTemplate, name: uriTemplate };
  return { serverId: server.id, uriTemplate, pin: pinOf(definition), definition };
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
