import { createHash, randomBytes, randomUUID } from 'node:crypto';

import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { SnapshotClientKey, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makePrompt, makeResource, makeTemplate, makeTool } from '@gatehouse/policy/testing/build';

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
  const entries = [
    ...lists.tools.map((definition) => makeTool(server, definition, { risk: 'write' })),
    ...lists.prompts.map((definition) => makePrompt(server, definition)),
    ...lists.resources.map((definition) => makeResource(server, definition)),
    ...lists.resourceTemplates.map((definition) => makeTemplate(server, definition)),
  ];
  return makeProfile(entries, { slug: server.slug, name: server.slug });
}

/** A client key of a profile, and what a snapshot holds of it. */
export function makeClientKey(profile: SnapshotProfile): { secret: string; key: SnapshotClientKey } {
  const keyId = randomUUID();
  const secret = `mcp_${keyId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(secret).digest('hex');
  return { secret, key: { keyId, hash, personId: randomUUID(), profileId: profile.id, expiresAt: '2099-01-01T00:00:00Z' } };
}
