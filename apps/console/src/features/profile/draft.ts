import { servableTool } from '@gatehouse/policy/compile/advertise';
import { MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { findCollisions, suggestedName } from '@gatehouse/policy/compile/name-collisions';
import { entryKey, type EntryKind, type EntryRef as EntryInServer } from '@gatehouse/policy/documents/catalogue-entry';
import { DraftEntry, type DraftTool, ProfileDraft } from '@gatehouse/policy/documents/profile';
import { ToolName, type ToolDefinition } from '@gatehouse/policy/documents/definition';

import type { ApiOutput } from '../../trpc/client.tsx';

export type ServerChoices = ApiOutput['entry']['choices'][number];
export type ToolChoice = Extract<ServerChoices['entries'][number], { kind: 'tool' }>;
/** A profile as its builder needs it. */
export type ProfileDetail = ApiOutput['profile']['get'] & {
  /** everything that could be selected, by server; what cannot be says why */
  choices: readonly ServerChoices[];
};
export type StaffDraft = NonNullable<ProfileDetail['draft']>;

/** Names one entry wherever it is. */
export interface EntryRef extends EntryInServer {
  serverId: string;
}

export const keyOf = ({ serverId, kind, name }: EntryRef): string => `${serverId} ${entryKey({ kind, name })}`;

/** The tools among the entries of a draft or a published version. */
export function toolsOf<Entry extends { kind: EntryKind }>(of: {
  entries: readonly Entry[];
}): Extract<Entry, { kind: 'tool' }>[] {
  return of.entries.filter((entry): entry is Extract<Entry, { kind: 'tool' }> => entry.kind === 'tool');
}

/** The editable part of what the API gives: what it joined to it is left out. */
export function draftOf({ entries, audit }: StaffDraft): ProfileDraft {
  return ProfileDraft.parse({ audit, entries });
}

/** What is known of a tool that is selected or could be; `choice` is null when its server no longer offers it. */
export interface KnownTool {
  server: Pick<ServerChoices, 'serverId' | 'slug' | 'name'>;
  name: string;
  choice: ToolChoice | null;
}

/** Everything that can be looked up by keyOf. */
export function knownTools({ draft, choices }: ProfileDetail): ReadonlyMap<string, KnownTool> {
  const selected = (draft ? toolsOf(draft) : []).map(({ serverId, serverSlug, serverName, name }): KnownTool => {
    return { server: { serverId, slug: serverSlug, name: serverName }, name, choice: null };
  });
  const offered = choices.flatMap((server) =>
    toolsOf(server).map((choice): KnownTool => ({ server, name: choice.name, choice })),
  );
  return new Map([...selected, ...offered].map((tool) => [keyOf(refOf(tool)), tool]));
}

export const refOf = ({ server: { serverId }, name }: KnownTool): EntryRef => ({ serverId, kind: 'tool', name });

/** Selects or drops some entries; the rest of the draft stays as it is. */
export function withEntries(draft: ProfileDraft, refs: readonly EntryRef[], on: boolean): ProfileDraft {
  const named = new Map(refs.map((ref) => [keyOf(ref), ref]));
  if (!on) return { ...draft, entries: draft.entries.filter((entry) => !named.has(keyOf(entry))) };
  const held = new Set(draft.entries.map(keyOf));
  const added = [...named].filter(([key]) => !held.has(key)).map(([, { serverId, kind, name }]) => ({ serverId, kind, name }));
  return { ...draft, entries: [...draft.entries, ...added.map((entry) => DraftEntry.parse(entry))] };
}

export function withChange(draft: ProfileDraft, key: string, change: Partial<Omit<DraftTool, 'kind'>>): ProfileDraft {
  const entries = draft.entries.map((entry) => (entry.kind === 'tool' && keyOf(entry) === key ? { ...entry, ...change } : entry));
  return { ...draft, entries };
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
export function servedTool({ name, choice, server }: KnownTool, tool: DraftTool | null): ToolDefinition | null {
  if (!choice) return null;
  const { definition, pin, risk } = choice;
  const { rename = null, describe = null, arguments: rules = [] } = tool ?? {};
  return servableTool({
    kind: 'tool',
    serverId: server.serverId,
    name,
    pin,
    advertisedName: rename ?? name,
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
  const named = toolsOf(draft).map((tool) => {
    const serverSlug = known.get(keyOf(tool))?.server.slug ?? '';
    return { ...tool, serverSlug, advertisedName: tool.rename ?? tool.name };
  });
  return findCollisions(named).map(({ name, owners }) => ({
    name,
    owners: owners.flatMap(({ serverSlug, name: own }) => {
      const owner = named.find((tool) => tool.serverSlug === serverSlug && tool.name === own);
      return owner ? [{ key: keyOf(owner), label: `${serverSlug}/${own}`, suggestion: suggestedName(serverSlug, own) }] : [];
    }),
  }));
}
