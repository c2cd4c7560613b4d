import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk } from '@gatehouse/policy/documents/definition';

import { filterByGroup, type EntryGroup } from '../../../ui/entity/entry-group.ts';
import type { EntryChoice, ServerChoices } from '../draft/draft.ts';

export type RiskFilter = 'any' | Risk;

/**
 * What each server offers of a group, those first of which something can be selected. A server that offers no tools stays in the list of tools: it may be
 * new.
 */
export function listOffered(servers: readonly ServerChoices[], group: EntryGroup): ServerChoices[] {
  const hasUsable = ({ entries }: ServerChoices): boolean => entries.some(({ problem }) => problem === null);
  return servers
    .map((server) => ({ ...server, entries: filterByGroup(group, server.entries) }))
    .filter(({ entries }) => group === 'tools' || entries.length > 0)
    .toSorted((a, b) => Number(hasUsable(b)) - Number(hasUsable(a)));
}

/** What can be selected or is, and what only stands in its way. */
export function splitByUse(
  { serverId, entries }: ServerChoices,
  selected: ReadonlySet<string>,
): { usable: EntryChoice[]; unusable: EntryChoice[] } {
  const isUsable = (entry: EntryChoice): boolean =>
    entry.problem === null || selected.has(toServerEntryKey({ serverId, kind: entry.kind, name: entry.name }));
  return { usable: entries.filter(isUsable), unusable: entries.filter((entry) => !isUsable(entry)) };
}

/** `*` stands for anything in a name; without it the text may be anywhere in name, title or description. */
function matchesText({ name, title, description }: EntryChoice, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  if (wanted.includes('*')) {
    const pattern = wanted.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pattern.join('.*')}$`).test(name.toLowerCase());
  }
  return [name, title, description].some((field) => field?.toLowerCase().includes(wanted));
}

/** Servers with the entries that match; servers without any are left out while a filter is set. */
export function filterEntries(servers: readonly ServerChoices[], text: string, risk: RiskFilter): ServerChoices[] {
  const filtering = text.trim() !== '' || risk !== 'any';
  return servers
    .map((server) => ({
      ...server,
      entries: server.entries.filter((entry) => matchesText(entry, text) && (risk === 'any' || entry.risk === risk)),
    }))
    .filter(({ entries }) => !filtering || entries.length > 0);
}
