import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { INSTRUCTIONS_NAME } from '../documents/catalogue-entry.ts';
import { hashContent, computePin } from '../documents/content-hash.ts';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../documents/definition.ts';
import type { SnapshotEntry, SnapshotEntryOf, SnapshotProfile } from '../documents/profile.ts';
import type { Snapshot, SnapshotClientKey, SnapshotServer } from '../documents/snapshot.ts';

type ServerRef = Pick<SnapshotServer, 'id'>;

/** An MCP server over HTTP, without a credential and without features. */
export function makeServer(overrides: Partial<SnapshotServer> = {}): SnapshotServer {
  const transport: SnapshotServer['transport'] = { kind: 'http', url: 'https://orders.example.com/mcp', credential: null };
  const features = { logging: false, completions: false, resourceSubscriptions: false };
  return { id: randomUUID(), slug: 'orders', name: 'Orders', transport, features, ...overrides };
}

/** A tool as its server defines it: it only reads, and needs the id of an order. */
export function defineTool(name: string, overrides: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    name,
    description: `What ${name} does`,
    inputSchema: { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] },
    annotations: { readOnlyHint: true, openWorldHint: false },
    ...overrides,
  };
}

/** A reading tool that is allowed, under its own name. */
export function makeTool(
  server: ServerRef,
  definition: Partial<ToolDefinition> = {},
  overrides: Partial<SnapshotEntryOf<'tool'>> = {},
): SnapshotEntryOf<'tool'> {
  const full: ToolDefinition = { name: 'orders.get', inputSchema: { type: 'object' }, ...definition };
  return {
    kind: 'tool',
    serverId: server.id,
    name: full.name,
    pin: computePin(full),
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

/** A prompt of a server, under its own name. */
export function makePrompt(
  server: ServerRef,
  definition: Partial<PromptDefinition> = {},
  overrides: Partial<SnapshotEntryOf<'prompt'>> = {},
): SnapshotEntryOf<'prompt'> {
  const full: PromptDefinition = { name: 'summary', ...definition };
  const { name } = full;
  return {
    kind: 'prompt',
    serverId: server.id,
    name,
    pin: computePin(full),
    advertisedName: name,
    definition: full,
    ...overrides,
  };
}

/** A resource of a server, named after its address. */
export function makeResource(
  server: ServerRef,
  definition: Partial<ResourceDefinition> & Pick<ResourceDefinition, 'uri'>,
): SnapshotEntryOf<'resource'> {
  const full: ResourceDefinition = { name: definition.uri, ...definition };
  return { kind: 'resource', serverId: server.id, name: full.uri, pin: computePin(full), definition: full };
}

/** A resource template of a server, named after its address template. */
export function makeTemplate(
  server: ServerRef,
  definition: Partial<ResourceTemplateDefinition> & Pick<ResourceTemplateDefinition, 'uriTemplate'>,
): SnapshotEntryOf<'template'> {
  const full: ResourceTemplateDefinition = { name: definition.uriTemplate, ...definition };
  return { kind: 'template', serverId: server.id, name: full.uriTemplate, pin: computePin(full), definition: full };
}

/** The text that a server gives to every client. */
export function makeInstructions(server: ServerRef, text: string): SnapshotEntryOf<'instructions'> {
  const definition = { text };
  return { kind: 'instructions', serverId: server.id, name: INSTRUCTIONS_NAME, pin: computePin(definition), definition };
}

/** Version 1 of a profile that serves these entries. */
export function makeProfile(entries: SnapshotEntry[], overrides: Partial<SnapshotProfile> = {}): SnapshotProfile {
  return {
    id: randomUUID(),
    slug: 'support',
    name: 'Support',
    description: '',
    version: 1,
    audit: 'durable',
    entries,
    ...overrides,
  };
}

/** A client key of a profile as its client has it, and as a snapshot holds it. */
export function makeClientKey(
  profile: Pick<SnapshotProfile, 'id'>,
  overrides: Partial<SnapshotClientKey> = {},
): { secret: string; key: SnapshotClientKey } {
  const { keyId = randomUUID() } = overrides;
  const secret = `mcp_${keyId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(secret).digest('hex');
  const owner = { personId: randomUUID(), profileId: profile.id };
  return { secret, key: { keyId, hash, ...owner, expiresAt: '2099-01-01T00:00:00Z', ...overrides } };
}

/** A snapshot that holds nothing unless told otherwise, under the hash of its content. */
export function makeSnapshot(content: Partial<Snapshot['content']> = {}, overrides: Partial<Snapshot> = {}): Snapshot {
  const whole = { servers: [], profiles: [], clientKeys: [], revokedKeyIds: [], ...content };
  return {
    format: 2,
    tenantId: randomUUID(),
    tenantSlug: 'acme',
    siteId: randomUUID(),
    siteSlug: 'local',
    version: 1,
    issuedAt: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-01-15T00:00:00.000Z',
    contentHash: hashContent(whole),
    content: whole,
    ...overrides,
  };
}
