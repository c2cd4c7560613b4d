import { findCollisions, suggestedName } from '@gatehouse/policy/catalogue';
import type { DraftTool, ProfileDraft } from '@gatehouse/policy/profile';

import type { ApiOutput } from '../../trpc/client.tsx';

export type ProfileDetail = ApiOutput['profile']['get'];
export type StaffDraft = NonNullable<ProfileDetail['draft']>;
export type ServerChoices = ProfileDetail['availableTools'][number];
export type ToolChoice = ServerChoices['tools'][number];

/** Names one tool wherever it is: server and the server's own name. */
export const keyOf = ({ serverId, toolName }: Pick<DraftTool, 'serverId' | 'toolName'>): string => `${serverId} ${toolName}`;

/** The editable part of what the API gives. */
export function draftOf({ tools, audit }: StaffDraft): ProfileDraft {
  return {
    audit,
    tools: tools.map(({ serverId, toolName, rename, describe, rule, denyReason }) => ({
      serverId,
      toolName,
      rename,
      describe,
      rule,
      denyReason,
    })),
  };
}

/** What is known of a tool that is selected or could be; `choice` is null when its server no longer offers it. */
export interface KnownTool {
  server: Pick<ServerChoices, 'serverId' | 'slug' | 'name'>;
  toolName: string;
  choice: ToolChoice | null;
}

/** Everything that can be looked up by keyOf. */
export function knownTools({ draft, availableTools }: ProfileDetail): ReadonlyMap<string, KnownTool> {
  const known = new Map<string, KnownTool>();
  for (const { serverId, serverSlug, serverName, toolName } of draft?.tools ?? []) {
    known.set(keyOf({ serverId, toolName }), {
      server: { serverId, slug: serverSlug, name: serverName },
      toolName,
      choice: null,
    });
  }
  for (const server of availableTools) {
    for (const choice of server.tools) {
      known.set(keyOf({ serverId: server.serverId, toolName: choice.toolName }), { server, toolName: choice.toolName, choice });
    }
  }
  return known;
}

export function withTool(draft: ProfileDraft, { server, toolName }: KnownTool): ProfileDraft {
  const tool: DraftTool = { serverId: server.serverId, toolName, rename: null, describe: null, rule: 'allow', denyReason: null };
  return draft.tools.some((other) => keyOf(other) === keyOf(tool)) ? draft : { ...draft, tools: [...draft.tools, tool] };
}

export function withoutTool(draft: ProfileDraft, key: string): ProfileDraft {
  return { ...draft, tools: draft.tools.filter((tool) => keyOf(tool) !== key) };
}

export function withChange(draft: ProfileDraft, key: string, change: Partial<DraftTool>): ProfileDraft {
  return { ...draft, tools: draft.tools.map((tool) => (keyOf(tool) === key ? { ...tool, ...change } : tool)) };
}

export const isModified = ({ rename, describe }: DraftTool): boolean => rename !== null || describe !== null;

export interface Collision {
  /** name that several tools would be shown under */
  name: string;
  owners: { key: string; label: string; suggestion: string }[];
}

/** Tools that would be shown under one name, with a free name for each; the save refuses the same. */
export function collisionsOf(draft: ProfileDraft, known: ReadonlyMap<string, KnownTool>): Collision[] {
  const named = draft.tools.map((tool) => {
    const serverSlug = known.get(keyOf(tool))?.server.slug ?? '';
    return { ...tool, serverSlug, advertisedName: tool.rename ?? tool.toolName };
  });
  return findCollisions(named).map(({ name, owners }) => ({
    name,
    owners: owners.flatMap(({ serverSlug, toolName }) => {
      const owner = named.find((tool) => tool.serverSlug === serverSlug && tool.toolName === toolName);
      return owner
        ? [{ key: keyOf(owner), label: `${serverSlug}/${toolName}`, suggestion: suggestedName(serverSlug, toolName) }]
        : [];
    }),
  }));
}
