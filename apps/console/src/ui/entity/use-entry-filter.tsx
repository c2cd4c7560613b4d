'use client';

import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';

import { Risk } from '@gatehouse/policy/documents/definition';

import { Button } from '../button.tsx';
import { buildFilter, FilterSelect } from '../list/filter-select.tsx';
import { ListSearch } from '../list/list-search.tsx';
import { describeRisk } from '../status/badge.tsx';
import type { EntryGroup } from './entry-group.ts';

/** A list of this length is read faster than it is searched. */
const FEW = 12;

const RISKS = Risk.options.map((value) => ({ value, label: describeRisk(value) }));

/** One of the states by which a list of entries can be narrowed. */
export interface EntryState<Entry> {
  value: string;
  label: string;
  /** whether it is so of an entry */
  holds: (entry: Entry) => boolean;
}

export interface EntryFilterOptions<Entry> {
  /** also the beginning of what the address keeps of it: a page may show several groups */
  group: EntryGroup;
  entries: readonly Entry[];
  /** all that is searched: name and description */
  getText: (entry: Entry) => string;
  /** null: it has none */
  getRisk: (entry: Entry) => Risk | null;
  /** accessible name of the filter by state, and what stands there while it narrows nothing */
  stateLabel: readonly [label: string, any: string];
  states: readonly EntryState<Entry>[];
  /** another state is asked for */
  onState?: () => void;
}

export interface EntryFilter<Entry> {
  /** what fits, in the order of the list */
  found: readonly Entry[];
  isNarrowed: boolean;
  /** the fields; null: the list is short */
  fields: ReactNode;
  /** ends the narrowing */
  clear: () => void;
}

/** Finds entries in a list that is here as a whole: by words, by risk, by state. All words have to be there, in any order. */
export function useEntryFilter<Entry>(options: EntryFilterOptions<Entry>): EntryFilter<Entry> {
  const { group, entries, getText, getRisk, states, onState } = options;
  const [label, any] = options.stateLabel;
  const [search, setSearch] = useQueryState(`${group}-q`, parseAsString.withDefault(''));
  const [risk, setRisk] = useQueryState(`${group}-risk`, parseAsStringLiteral(Risk.options));
  const [state, setState] = useQueryState(`${group}-state`, parseAsStringLiteral(states.map(({ value }) => value)));
  const isNarrowed = search !== '' || risk !== null || state !== null;
  const words = search.toLowerCase().split(' ').filter(Boolean);
  const holds = states.find(({ value }) => value === state)?.holds;
  const found = isNarrowed
    ? entries.filter((entry) => {
        const text = getText(entry).toLowerCase();
        return (
          words.every((word) => text.includes(word)) && (risk === null || getRisk(entry) === risk) && (holds?.(entry) ?? true)
        );
      })
    : entries;
  function clear(): void {
    void setSearch(null);
    void setRisk(null);
    void setState(null);
  }
  function chooseState(next: string | null): void {
    onState?.();
    void setState(next);
  }
  const fields = (entries.length > FEW || isNarrowed) && (
    <search aria-label={`Find ${group}`} className="flex min-w-0 flex-wrap items-center gap-2 max-sm:grid max-sm:grid-cols-2">
      <ListSearch
        className="max-sm:col-span-2 max-sm:min-w-0"
        label={`Search ${group}`}
        placeholder={`Search ${group}`}
        value={search}
        onValueChange={(next) => void setSearch(next === '' ? null : next)}
      />
      {group === 'tools' && (
        <FilterSelect
          {...buildFilter({
            label: 'Risk',
            any: 'Any risk',
            options: RISKS,
            value: risk,
            onChange: (next) => void setRisk(next),
          })}
        />
      )}
      <FilterSelect {...buildFilter({ label, any, options: states, value: state, onChange: chooseState })} />
      {isNarrowed && (
        <Button variant="ghost" size="small" onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
  return { found, isNarrowed, fields: fields || null, clear };
}
