'use client';

import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

import { Outcome } from '@gatehouse/policy/decision';

/** In the URL a method is one word. */
const METHODS = { tool: 'tools/call', prompt: 'prompts/get', resource: 'resources/read' } as const;

const FILTERS = {
  kind: parseAsStringLiteral(['tool', 'prompt', 'resource']),
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
  const { kind, tool, person, profile, outcome, from, to } = filters;
  const any = Object.values(filters).some((value) => value !== null);
  return {
    filters,
    setFilters,
    /** at least one filter is set */
    any,
    clear: () => void setFilters(null),
    /** input of receipt.list */
    query: {
      method: kind === null ? undefined : METHODS[kind],
      name: tool ?? undefined,
      personId: person ?? undefined,
      profileId: profile ?? undefined,
      outcome: outcome ?? undefined,
      from: from ?? undefined,
      to: to ?? undefined,
    },
  };
}

export type AuditFilters = ReturnType<typeof useAuditFilters>;
