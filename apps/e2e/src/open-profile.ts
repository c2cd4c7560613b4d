import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import { getDeclaredRisk } from '@gatehouse/policy/documents/risk';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makePrompt, makeResource, makeTemplate, makeTool } from '@gatehouse/policy/testing/build';

import type { ServerLists } from './server-lists.ts';

/** A profile of one server that selects everything the server offers, under the names that the server gave and as what it declares. */
export function openProfile(server: SnapshotServer, lists: ServerLists): SnapshotProfile {
  const entries = [
    ...lists.tools.map((definition) => makeTool(server, definition, { risk: getDeclaredRisk(definition).risk })),
    ...lists.prompts.map((definition) => makePrompt(server, definition)),
    ...lists.resources.map((definition) => makeResource(server, definition)),
    ...lists.resourceTemplates.map((definition) => makeTemplate(server, definition)),
  ];
  return makeProfile(entries, { slug: server.slug, name: server.slug });
}
