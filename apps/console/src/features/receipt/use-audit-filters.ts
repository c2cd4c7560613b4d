'use client';

import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useSyncExternalStore } from 'react';

import { Outcome } from '@gatehouse/policy/decision';

import { subscribeToClock } from '../../ui/text/relative-time.tsx';
import { getRangeStart, RANGE_NAMES, toFixedSearch } from './time-range.ts';

/** In the URL a method is one word. */
const METHODS = { tool: 'tools/call', prompt: 'prompts/get', resource: 'resources/read' } as const;

const FILTERS = {
  kind: parseAsStringLiteral(['tool', 'prompt', 'resource']),
  tool: parseAsString,
  person: parseAsString,
  profile: parseAsString,
  outcome: parseAsStringLiteral(Outcome.options),
  /** stays what it says: a bookmark of the last day is of the last day tomorrow */
  range: parseAsStringLiteral(RANGE_NAMES),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
};

/** The filters of the audit. They live in the URL, so a view is a link and Back restores it. */
export function useAuditFilters() {
  const [filters, setFilters] = useQueryStates(FILTERS, { history: 'push' });
  const { kind, tool, person, profile, outcome, range, from, to } = filters;
  const getStart = (): number | null => (range === null ? null : getRangeStart(range, Date.now()).getTime());
  const start = useSyncExternalStore(subscribeToClock, getStart, getStart);
  const any = Object.values(filters).some((value) => value !== null);
  return {
    filters,
    setFilters,
    /** at least one filter is set */
    any,
    clear: () => void setFilters(null),
    /** the same calls at any later time: the address with times in place of a range */
    buildFixedLink: (href: string, at: number) => toFixedSearch(href, range, at),
    /** input of receipt.list */
    query: {
      method: kind === null ? undefined : METHODS[kind],
      name: tool ?? undefined,
      personId: person ?? undefined,
      profileId: profile ?? undefined,
      outcome: outcome ?? undefined,
      from: start === null ? (from ?? undefined) : new Date(start),
      to: range === null ? (to ?? undefined) : undefined,
    },
  };
}

export type AuditFilters = ReturnType<typeof useAuditFilters>;
