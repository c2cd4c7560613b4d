import { servableTool } from '@gatehouse/policy/compile/advertise';
import { MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { findCollisions, suggestedName } from '@gatehouse/policy/compile/name-collisions';
import { type DraftTool, ProfileDraft } from '@gatehouse/policy/documents/profile';
import { ToolName, type ToolDefinition } from '@gatehouse/policy/documents/definition';

import type { ApiOutput } from '../../trpc/client.tsx';

export type ProfileDetail = ApiOutput['profile']['get'];
export type StaffDraft = NonNullable<ProfileDetail['draft']>;
export type ServerChoices = ProfileDetail['availableTools'][number];
export type ToolChoice = ServerChoices['tools'][number];

/** Names one tool wherever it is: server and the server's own name. */
export const keyOf = ({ serverId, toolName }: Pick<DraftTool, 'serverId' | 'toolName'>): string => `${serverId} ${toolName}`;

/** The editable part of what the API gives: what it joined to it is left out. */
export function draftOf({ tools, prompts, resources, resourceTemplates, audit }: StaffDraft): ProfileDraft {
  return ProfileDraft.parse({
    audit,
    tools,
    prompts: prompts.map(({ serverId, name, rename }) => ({ serverId, promptName: name, rename })),
    resources: resources.map(({ serverId, name }) => ({ serverId, uri: name })),
    resourceTemplates: resourceTemplates.map(({ serverId, name }) => ({ serverId, uriTemplate: name })),
  });
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
  const tool: DraftTool = {
    serverId: server.serverId,
    toolName,
    rename: null,
    describe: null,
    rule: 'allow',
    denyReason: null,
    arguments: [],
  };
  return draft.tools.some((other) => keyOf(other) === keyOf(tool)) ? draft : { ...draft, tools: [...draft.tools, tool] };
}

export function withoutTool(draft: ProfileDraft, key: string): ProfileDraft {
  return { ...draft, tools: draft.tools.filter((tool) => keyOf(tool) !== key) };
}

export function withChange(draft: ProfileDraft, key: string, change: Partial<DraftTool>): ProfileDraft {
  return { ...draft, tools: draft.tools.map((tool) => (keyOf(tool) === key ? { ...tool, ...change } : tool)) };
}

export const isModified = ({ rename, describe, arguments: rules }: DraftTool): boolean =>
  rename !== null || describe !== null || rules.length > 0;

/** What is wrong with a name that AI clients would be shown; null when it can be used. */
export function nameProblem(name: string): string | null {
  if (name.length > MAX_ADVERTISED_NAME) {
    return `Use at most ${MAX_ADVERTISED_NAME} characters: several AI clients refuse longer names. This one has ${name.length}.`;
  }
  return ToolName.safeParse(name).success ? null : 'Use only A-Z a-z 0-9 _ - and . in a name.';
}

/**
 * The entry of `tools/list` that this choice gives, made by the code that makes the served one; with null, the one without any override.
 * Null when the server no longer offers the tool or its schema cannot be curated.
 */
export function servedTool({ toolName, choice, server }: KnownTool, tool: DraftTool | null): ToolDefinition | null {
  if (!choice) return null;
  const { definition, pin, risk } = choice;
  const { rename = null, describe = null, arguments: rules = [] } = tool ?? {};
  return servableTool({
    serverId: server.serverId,
    toolName,
    pin,
    advertisedName: rename ?? toolName,
    describe,
    rule: 'allow',
    denyReason: null,
    risk,
    logArguments: [],
    logResults: [],
    arguments: rules,
    definition,
  });
}

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
