import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk } from '@gatehouse/policy/documents/definition';
import type { DraftEntry, ProfileDraft } from '@gatehouse/policy/documents/profile';

import { type EntryGroup, filterByGroup } from '../../../ui/entity/entry-group.ts';
import type { KnownEntry, ListedChoice, ServerOffer } from '../draft/draft.ts';

/** With more entries than this, only the servers that something is selected from start open, and the first of those that a filter finds. */
export const OPEN_UP_TO = 60;

/** What is looked for, as the database is asked for it. */
export interface Filter {
  search?: string;
  risk?: Risk;
}

export const isFiltering = ({ search, risk }: Filter): boolean => search !== undefined || risk !== undefined;

export const isSameFilter = (a: Filter, b: Filter): boolean => a.search === b.search && a.risk === b.risk;

/** What the draft selects of a group, by `toServerEntryKey`. */
export type Selected = ReadonlyMap<string, DraftEntry>;

export function getSelected({ entries }: Pick<ProfileDraft, 'entries'>, group: EntryGroup): Selected {
  return new Map(filterByGroup(group, entries).map((entry) => [toServerEntryKey(entry), entry]));
}

/** An entry of a list beside the server that offers it. */
export function toKnown({ serverId, slug, name }: ServerOffer, choice: ListedChoice): KnownEntry {
  return { kind: choice.kind, name: choice.name, server: { serverId, slug, name }, problem: choice.problem };
}

/** Of a choice of a server, `toServerEntryKey`. */
export const toChoiceKey = ({ serverId }: ServerOffer, { kind, name }: ListedChoice): string =>
  toServerEntryKey({ serverId, kind, name });

/** What can be selected or is, and what only stands in its way. */
export function splitByUse(
  server: ServerOffer,
  choices: readonly ListedChoice[],
  selected: Selected,
): { usable: ListedChoice[]; unusable: ListedChoice[] } {
  const isUsable = (choice: ListedChoice): boolean => choice.problem === null || selected.has(toChoiceKey(server, choice));
  return { usable: choices.filter(isUsable), unusable: choices.filter((choice) => !isUsable(choice)) };
}

/** Which servers a filter opens: the first, and those after it as long as what it finds there is still read at a glance. */
export function listOpened(servers: readonly ServerOffer[]): ReadonlySet<string> {
  let found = 0;
  return new Set(
    servers
      .filter(({ matching }, index) => {
        found += matching;
        return index === 0 || found <= OPEN_UP_TO;
      })
      .map(({ serverId }) => serverId),
  );
}
