import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { contentHash } from '@gatehouse/policy/documents/canonical';
import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { SnapshotClientKey, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { ServerLists } from './server-lists.ts';

/** A server of a snapshot. */
export function makeServer(
  slug: string,
  transport: SnapshotServer['transport'],
  features: SnapshotServer['features'],
): SnapshotServer {
  return { id: randomUUID(), slug, name: slug, transport, features };
}

/** A profile of one server that selects everything the server offers, under the names that the server gave. */
export function openProfile(server: SnapshotServer, lists: ServerLists): SnapshotProfile {
  const of = (definition: object) => ({ serverId: server.id, pin: contentHash(definition), definition });
  return {
    id: randomUUID(),
    slug: server.slug,
    name: server.slug,
    description: '',
    version: 1,
    audit: 'durable',
    tools: lists.tools.map((definition) => ({
      ...of(definition),
      definition,
      toolName: definition.name,
      advertisedName: definition.name,
      describe: null,
      rule: 'allow',
      denyReason: null,
      risk: 'write',
      logArguments: [],
      logResults: [],
      arguments: [],
    })),
    prompts: lists.prompts.map((definition) => ({
      ...of(definition),
      definition,
      promptName: definition.name,
      advertisedName: definition.name,
    })),
    resources: lists.resources.map((definition) => ({ ...of(definition), definition, uri: definition.uri })),
    resourceTemplates: lists.resourceTemplates.map((definition) => ({
      ...of(definition),
      definition,
      uriTemplate: definition.uriTemplate,
    })),
  };
}

/** A client key of a profile, and what a snapshot holds of it. */
export function makeClientKey(profile: SnapshotProfile): { secret: string; key: SnapshotClientKey } {
  const keyId = randomUUID();
  const secret = `mcp_${keyId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(secret).digest('hex');
  return { secret, key: { keyId, hash, personId: randomUUID(), profileId: profile.id, expiresAt: '2099-01-01T00:00:00Z' } };
}
