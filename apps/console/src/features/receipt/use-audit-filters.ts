'use client';

import { Outcome } from '@gatehouse/policy/decision';
import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

const FILTERS = {
  tool: parseAsString,
  person: parseAsString,
  profile: parseAsString,
  outcome: parseAsStringLiteral(Outcome.options),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
};

/** The filters of the audit. They live in the URL, so a view is a link and Back restores it. */
export function useAuditFilters() {
  const [filters, setFilters] = useQueryStates(FILTERS, { history: 'push' });
  const { tool, person, profile, outcome, from, to } = filters;
  const any = Object.values(filters).some((value) => value !== null);
  return {
    filters,
    setFilters,
    /** at least one filter is set */
    any,
    clear: () => void setFilters(null),
    /** input of receipt.list */
    query: {
      tool: tool ?? undefined,
      personId: person ?? undefined,
      profileId: profile ?? undefined,
      outcome: outcome ?? undefined,
      from: from ?? undefined,
      to: to ?? undefined,
    },
  };
}

export type AuditFilters = ReturnType<typeof useAuditFilters>;
