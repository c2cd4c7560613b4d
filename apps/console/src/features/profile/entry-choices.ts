import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';

import type { ServerChoices, ToolChoice } from './draft.ts';

/** One entry that could be in the profile. Untrusted text throughout. */
export type EntryChoice = ServerChoices['entries'][number];
export type EntryGroup = 'tools' | 'prompts' | 'resources' | 'instructions';
export type RiskFilter = 'any' | ToolChoice['risk'];

export const KINDS: Record<EntryGroup, readonly EntryKind[]> = {
  tools: ['tool'],
  prompts: ['prompt'],
  resources: ['resource', 'template'],
  instructions: ['instructions'],
};

/** What each server offers of these kinds. A server that offers none stays in the list of tools: it may be new. */
export function offeredOf(servers: readonly ServerChoices[], kinds: readonly EntryKind[]): ServerChoices[] {
  return servers
    .map((server) => ({ ...server, entries: server.entries.filter(({ kind }) => kinds.includes(kind)) }))
    .filter(({ entries }) => kinds.includes('tool') || entries.length > 0);
}

/** `*` stands for anything in a name; without it the text may be anywhere in name, title or description. */
function matches({ name, title, description }: EntryChoice, text: string): boolean {
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
      entries: server.entries.filter(
        (entry) => matches(entry, text) && (risk === 'any' || (entry.kind === 'tool' && entry.risk === risk)),
      ),
    }))
    .filter(({ entries }) => !filtering || entries.length > 0);
}
