import { findCollisions, suggestedName } from '@gatehouse/policy/compile/name-collisions';
import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { type EntryRef, keyOf, type ServerChoices } from './draft.ts';

/** What a profile may hold beside tools. */
export type ItemKind = Exclude<EntryKind, 'tool'>;
/** One entry beside tools that could be in the profile. Untrusted text throughout. */
export type ItemChoice = Extract<ServerChoices['entries'][number], { kind: ItemKind }>;

export interface ItemServer {
  serverId: string;
  slug: string;
  name: string;
  items: readonly ItemChoice[];
}

/** What each server offers beside tools. */
export function itemServers(servers: readonly ServerChoices[]): ItemServer[] {
  return servers.map(({ serverId, slug, name, entries }) => ({
    serverId,
    slug,
    name,
    items: entries.filter((entry) => entry.kind !== 'tool'),
  }));
}

/** Names one of them wherever it is. */
export interface ItemRef extends EntryRef {
  kind: ItemKind;
}

/** A selected item with what is known of it now. */
export interface SelectedItem extends ItemRef {
  serverName: string;
  serverSlug: string;
  /** of a prompt */
  rename: string | null;
  /** null: its server no longer offers it */
  choice: ItemChoice | null;
}

/** Every selected entry of the draft that is no tool, as a reference. */
export function selectedRefs({ entries }: ProfileDraft): (ItemRef & { rename: string | null })[] {
  return entries.flatMap((entry) =>
    entry.kind === 'tool'
      ? []
      : [{ serverId: entry.serverId, kind: entry.kind, name: entry.name, rename: entry.kind === 'prompt' ? entry.rename : null }],
  );
}

/** The selected items of these kinds, joined with what the servers offer. */
export function selectedItems(draft: ProfileDraft, servers: readonly ItemServer[], kinds: readonly EntryKind[]): SelectedItem[] {
  const byServer = new Map(
    servers.map((server) => [
      server.serverId,
      { server, choices: new Map(server.items.map((item) => [keyOf({ serverId: server.serverId, ...item }), item])) },
    ]),
  );
  return selectedRefs(draft)
    .filter(({ kind }) => kinds.includes(kind))
    .map((ref) => {
      const known = byServer.get(ref.serverId);
      return {
        ...ref,
        serverName: known?.server.name ?? 'Removed server',
        serverSlug: known?.server.slug ?? '',
        choice: known?.choices.get(keyOf(ref)) ?? null,
      };
    });
}

export function withPromptName(draft: ProfileDraft, { serverId, name }: ItemRef, rename: string | null): ProfileDraft {
  const entries = draft.entries.map((entry) =>
    entry.kind === 'prompt' && entry.serverId === serverId && entry.name === name ? { ...entry, rename } : entry,
  );
  return { ...draft, entries };
}

export interface ItemCollision {
  kind: ItemKind;
  /** the name or address that several would have */
  name: string;
  owners: { ref: ItemRef; label: string; /** a free name for a prompt; an address has none */ suggestion: string | null }[];
}

/** Prompts that would be shown under one name, and addresses that two servers offer; the save refuses the same. */
export function itemCollisions(draft: ProfileDraft, servers: readonly ItemServer[]): ItemCollision[] {
  const slugs = new Map(servers.map(({ serverId, slug }) => [serverId, slug]));
  const claims = selectedRefs(draft).map((ref) => {
    const serverSlug = slugs.get(ref.serverId) ?? '';
    return { ref, serverSlug, name: ref.name, advertisedName: ref.rename ?? ref.name };
  });
  const ownerOf = ({ ref, serverSlug }: (typeof claims)[number]): ItemCollision['owners'][number] => ({
    ref: { serverId: ref.serverId, kind: ref.kind, name: ref.name },
    label: ref.kind === 'prompt' ? `${serverSlug}/${ref.name}` : serverSlug,
    suggestion: ref.kind === 'prompt' ? suggestedName(serverSlug, ref.name) : null,
  });

  const prompts = claims.filter(({ ref }) => ref.kind === 'prompt');
  const named = findCollisions(prompts).map(({ name, owners }): ItemCollision => {
    const isOwner = ({ serverSlug, name: own }: (typeof claims)[number]): boolean =>
      owners.some((owner) => owner.serverSlug === serverSlug && owner.name === own);
    return { kind: 'prompt', name, owners: prompts.filter(isOwner).map(ownerOf) };
  });
  // An address is exact: two that only look alike are two.
  const addresses = Map.groupBy(
    claims.filter(({ ref }) => ref.kind === 'resource' || ref.kind === 'template'),
    ({ ref }) => `${ref.kind} ${ref.name}`,
  );
  const shared = [...addresses.values()].flatMap((group): ItemCollision[] => {
    const [first] = group;
    return first && group.length > 1 ? [{ kind: first.ref.kind, name: first.ref.name, owners: group.map(ownerOf) }] : [];
  });
  return [...named, ...shared];
}
