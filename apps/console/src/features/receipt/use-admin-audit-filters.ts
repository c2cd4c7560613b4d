'use client';

import { useQuery } from '@tanstack/react-query';
import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useSyncExternalStore } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { buildFilter, type ListFilter } from '../../ui/list/filter-select.tsx';
import { subscribeToClock } from '../../ui/text/relative-time.tsx';
import { useTimeZone } from '../../ui/text/time-zone.tsx';
import { formatDateTime } from '../../ui/text/time.ts';
import { UTC } from '../../ui/text/zone.ts';
import { describeAction, describeObjectType } from './admin-actions.ts';
import { getRangeStart, RANGE_NAMES, toFixedSearch } from './time-range.ts';

const FILTERS = {
  who: parseAsString,
  action: parseAsString,
  type: parseAsString,
  /** id of one thing */
  about: parseAsString,
  /** stays what it says: a bookmark of the last day is of the last day tomorrow */
  range: parseAsStringLiteral(RANGE_NAMES),
  from: parseAsIsoDateTime,
  to: parseAsIsoDateTime,
};

const RANGES = [
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
] as const;

/** Which entries of the admin log are shown, by its address. */
export function useAdminAuditFilters() {
  const [chosen, set] = useQueryStates(FILTERS, { history: 'push' });
  const { who, action, type, about, range, from, to } = chosen;
  const { data: known } = useQuery(useTRPC().adminAudit.filters.queryOptions());
  const getStart = (): number | null => (range === null ? null : getRangeStart(range, Date.now()).getTime());
  const start = useSyncExternalStore(subscribeToClock, getStart, getStart);
  const isFixed = range === null && (from !== null || to !== null);
  const zone = useTimeZone() ?? UTC;
  return {
    set: (next: Partial<{ who: string | null; about: string | null }>) => void set(next),
    isTimed: range !== null || isFixed,
    buildFixedLink: (href: string, at: number) => toFixedSearch(href, range, at),
    asked: {
      actorId: who ?? undefined,
      action: action ?? undefined,
      entityType: type ?? undefined,
      entityId: about ?? undefined,
      from: start === null ? (from ?? undefined) : new Date(start),
      to: range === null ? (to ?? undefined) : undefined,
    },
    filters: [
      ...listNamedFilters(known, chosen, (next) => void set(next)),
      buildFilter({
        label: 'Time',
        any: 'Any time',
        options: [...RANGES, ...(isFixed ? [{ value: 'fixed', label: describeSpan({ from, to }, zone) }] : [])],
        value: isFixed ? 'fixed' : range,
        onChange: (next) => void set({ range: RANGE_NAMES.find((name) => name === next) ?? null, from: null, to: null }),
      }),
    ],
  };
}

/** "21 Nov 2026, 10:00:00 UTC+2 to 21 Nov 2026, 11:00:00 UTC+2", by the clocks of `zone`. */
export function describeSpan({ from, to }: { from: Date | null; to: Date | null }, zone: string): string {
  if (from === null) return to === null ? 'Any time' : `Until ${formatDateTime(to, zone)}`;
  return to === null ? `Since ${formatDateTime(from, zone)}` : `${formatDateTime(from, zone)} to ${formatDateTime(to, zone)}`;
}

interface Chosen {
  who: string | null;
  action: string | null;
  type: string | null;
  about: string | null;
}

type Known = ApiOutput['adminAudit']['filters'];

/** Chosen from what the log has lately. */
function listNamedFilters(known: Known | undefined, chosen: Chosen, set: (next: Partial<Chosen>) => void): ListFilter[] {
  const { who, action, type, about } = chosen;
  return [
    {
      label: 'Who',
      any: 'Anybody',
      options: (known?.actors ?? []).map(({ id, name, kind }) => ({
        value: id,
        label: kind === 'person' ? name : `${name} (${kind})`,
      })),
      value: who,
      onChange: (next) => set({ who: next }),
    },
    {
      label: 'Action',
      any: 'Any action',
      options: (known?.actions ?? []).map((value) => ({ value, label: describeAction(value) })),
      value: action,
      onChange: (next) => set({ action: next }),
    },
    {
      label: 'Object',
      any: 'Any object',
      options: (known?.entityTypes ?? []).map((value) => ({ value, label: describeObjectType(value) })),
      value: type,
      onChange: (next) => set({ type: next }),
    },
    {
      label: 'About',
      any: 'About anything',
      options: about === null ? [] : [{ value: about, label: 'About one thing' }],
      value: about,
      onChange: (next) => set({ about: next }),
    },
  ];
}

export type AdminAuditFilters = ReturnType<typeof useAdminAuditFilters>;
