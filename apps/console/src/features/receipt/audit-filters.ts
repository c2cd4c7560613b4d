import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useState } from 'react';

import type { ApiInput } from '../../trpc/client.tsx';

export const OUTCOMES = ['allowed', 'denied', 'held', 'failed'] as const;
export const RANGES = ['1h', '24h', '7d', '30d', 'all'] as const;
export type Range = (typeof RANGES)[number];

const HOUR = 3_600_000;
const RANGE_MS: Record<Exclude<Range, 'all'>, number> = {
  '1h': HOUR,
  '24h': 24 * HOUR,
  '7d': 7 * 24 * HOUR,
  '30d': 30 * 24 * HOUR,
};
export const RANGE_WORDS: Record<Range, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
};

/** What the audit list is filtered by, and which receipt is open. All of it stands in the URL, so a view is a link. */
export function useAuditFilters() {
  return useQueryStates(
    {
      tool: parseAsString,
      person: parseAsString,
      outcome: parseAsStringLiteral(OUTCOMES),
      profile: parseAsString,
      range: parseAsStringLiteral(RANGES).withDefault('24h'),
      from: parseAsIsoDateTime,
      to: parseAsIsoDateTime,
      peek: parseAsString,
    },
    { history: 'push' },
  );
}

export type AuditFilters = ReturnType<typeof useAuditFilters>[0];

/** The list's input. A relative range starts where it stood when it was chosen, so that the list does not read itself again each second. */
export function useListInput(filters: AuditFilters): Omit<ApiInput['receipt']['list'], 'cursor'> {
  const [anchor, setAnchor] = useState(() => ({ range: filters.range, at: Date.now() }));
  if (anchor.range !== filters.range) setAnchor({ range: filters.range, at: Date.now() });
  const start = filters.range === 'all' ? undefined : new Date(anchor.at - RANGE_MS[filters.range]);
  return {
    tool: filters.tool ?? undefined,
    personId: filters.person ?? undefined,
    outcome: filters.outcome ?? undefined,
    profileId: filters.profile ?? undefined,
    from: filters.from ?? start,
    to: filters.to ?? undefined,
    limit: 100,
  };
}

/** True when something narrows the list beyond the time range. */
export function isFiltered({ tool, person, outcome, profile, from, to }: AuditFilters): boolean {
  return [tool, person, outcome, profile, from, to].some((value) => value !== null);
}
