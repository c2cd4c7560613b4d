import { toServableTool } from '@gatehouse/policy/compile/advertise';
import { findAdvertisedNameProblem, MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { isTakenAsItIs, suggestName, withSuggestedNames } from '@gatehouse/policy/compile/suggested-name';
import { putAside, recallEntry } from '@gatehouse/policy/curation/set-aside';
import { type EntryKind, type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { type DraftEntry, type DraftTool, ProfileDraft } from '@gatehouse/policy/documents/profile';

import type { ApiOutput } from '../../../trpc/client.tsx';

/** A server with how much it offers to the profile. */
export type ServerOffer = ApiOutput['entry']['offers']['rows'][number];
/** One entry that could be in the profile, as a list shows it. Untrusted text throughout. */
export type ListedChoice = ApiOutput['entry']['choices'][number];
/** The same with its definition. */
export type ToolChoice = Extract<ApiOutput['entry']['choice'], { kind: 'tool' }>;
/** A profile as its builder needs it. */
export type ProfileDetail = ApiOutput['profile']['get'];
export type StaffDraft = NonNullable<ProfileDetail['draft']>;

/** The tools among the entries of a draft or a published version. */
export function getTools<Entry extends { kind: EntryKind }>(of: {
  entries: readonly Entry[];
}): Extract<Entry, { kind: 'tool' }>[] {
  return of.entries.filter((entry): entry is Extract<Entry, { kind: 'tool' }> => entry.kind === 'tool');
}

/** The editable part of what the API gives: what it joined to it is left out. */
export function toProfileDraft(draft: StaffDraft): ProfileDraft {
  return ProfileDraft.parse(draft);
}

/** An entry that is selected, or was met on the page, where it could be. */
export interface KnownEntry {
  kind: EntryKind;
  name: string;
  server: Pick<ServerOffer, 'serverId' | 'slug' | 'name'>;
  /** why it would not be served, for example because a review holds it or its server no longer offers it */
  problem: StaffDraft['entries'][number]['problem'];
}

/** By `toServerEntryKey`. */
export type KnownEntries = ReadonlyMap<string, KnownEntry>;

/** By `toServerEntryKey`, for a map of what is known. */
export const toKnownRow = (entry: KnownEntry): [string, KnownEntry] => [toServerEntryKey(toEntryRef(entry)), entry];

/** What is selected, as the server tells of it. */
export function getSelectedEntries({ entries }: Pick<StaffDraft, 'entries'>): KnownEntry[] {
  return entries.map(({ serverId, serverSlug, serverName, kind, name, problem }) => {
    return { kind, name, server: { serverId, slug: serverSlug, name: serverName }, problem };
  });
}

export const toEntryRef = ({ server: { serverId }, kind, name }: KnownEntry): ServerEntryRef => ({ serverId, kind, name });

/**
 * Selects or drops some entries; the rest of the draft stays as it is. What is dropped is remembered with all that was chosen for it, and selected again
 * with that. What AI clients would refuse gets a name that they take.
 */
export function withEntries(draft: ProfileDraft, refs: readonly ServerEntryRef[], on: boolean): ProfileDraft {
  const named = new Map(refs.map((ref) => [toServerEntryKey(ref), ref]));
  if (!on)
    return replaceEntries(
      draft,
      draft.entries.filter((entry) => !named.has(toServerEntryKey(entry))),
    );
  const held = new Set(draft.entries.map(toServerEntryKey));
  const added = [...named].filter(([key]) => !held.has(key)).map(([, ref]) => recallEntry(draft, ref));
  const entries = [...draft.entries, ...added];
  return replaceEntries(
    draft,
    withSuggestedNames(entries, (entry) => held.has(toServerEntryKey(entry))),
  );
}

function replaceEntries(draft: ProfileDraft, entries: DraftEntry[]): ProfileDraft {
  return { ...draft, entries, setAside: putAside(entries, draft.entries, draft.setAside) };
}

/** The name that a tool or prompt needs because AI clients would refuse its server's; null when it needs none. */
export function findNeededName({ kind, name }: { kind: 'tool' | 'prompt'; name: string }): string | null {
  return isTakenAsItIs(name) ? null : suggestName(kind, name);
}

export function withChange(draft: ProfileDraft, key: string, change: Partial<Omit<DraftTool, 'kind'>>): ProfileDraft {
  const entries = draft.entries.map((entry) => {
    if (entry.kind !== 'tool' || toServerEntryKey(entry) !== key) return entry;
    return { ...entry, ...change, ...(change.rename === null && { rename: findNeededName(entry) }) };
  });
  return { ...draft, entries };
}

/** Shows a tool or prompt under another name; null: under its own, or the one that it needs. */
export function withName(draft: ProfileDraft, ref: ServerEntryRef, rename: string | null): ProfileDraft {
  const isMeant = (entry: DraftEntry): boolean => toServerEntryKey(entry) === toServerEntryKey(ref);
  const entries = draft.entries.map((entry) =>
    isMeant(entry) && 'rename' in entry ? { ...entry, rename: rename ?? findNeededName(entry) } : entry,
  );
  return { ...draft, entries };
}

/** True when the profile shows it under a name that somebody chose. */
export const isRenamed = (entry: { kind: 'tool' | 'prompt'; name: string; rename: string | null }): boolean =>
  entry.rename !== null && entry.rename !== findNeededName(entry);

export const isModified = (tool: DraftTool): boolean => isRenamed(tool) || tool.describe !== null || tool.arguments.length > 0;

/** What is wrong with a name that AI clients would be shown; null when it can be used. */
export function findNameProblem(name: string): string | null {
  switch (findAdvertisedNameProblem(name)) {
    case 'name_too_long':
      return `Use at most ${MAX_ADVERTISED_NAME} characters: several AI clients refuse longer names. This one has ${name.length}.`;
    case 'name_invalid':
      return 'Use only A-Z a-z 0-9 _ - and . in a name.';
    case null:
      return null;
  }
}

/**
 * The entry of `tools/list` that this choice gives, made by the code that makes the served one; with null, the one without any override.
 * Null when its schema cannot be curated.
 */
export function buildServedTool({ name, definition, risk }: ToolChoice, tool: DraftTool | null): ToolDefinition | null {
  const { rename = null, describe = null, arguments: rules = [] } = tool ?? {};
  // what has no risk yet counts as the gravest
  return toServableTool({
    advertisedName: rename ?? name,
    describe,
    arguments: rules,
    definition,
    risk: risk ?? 'destructive',
  });
}
