'use client';

import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Combobox, type ComboboxOption } from '../../ui/form/combobox.tsx';
import { TimeInput } from '../../ui/form/time-input.tsx';
import { buildFilter, FILTER_WIDTH, FilterSelect } from '../../ui/list/filter-select.tsx';
import { CopyButton } from '../../ui/text/copy.tsx';
import { ZoneName } from '../../ui/text/relative-time.tsx';
import { getRangeStart } from './time-range.ts';
import type { AuditFilters } from './use-audit-filters.ts';

const OUTCOMES = [
  { value: 'allowed', label: 'Allowed' },
  { value: 'denied', label: 'Denied' },
  { value: 'held', label: 'Held' },
  { value: 'failed', label: 'Failed' },
] as const;

const KINDS = [
  { value: 'tool', label: 'Tool calls' },
  { value: 'prompt', label: 'Prompts' },
  { value: 'resource', label: 'Resources' },
] as const;

const RANGES = [
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: 'custom', label: 'From … to …' },
] as const;

/** Method, name, person, profile, outcome and time: they stand in the toolbar of the list, which clears them. */
export function AuditFilterFields(audit: AuditFilters) {
  const { filters, setFilters } = audit;
  const { kind, outcome } = filters;
  return (
    <>
      <FilterSelect
        {...buildFilter({
          label: 'Method',
          any: 'Any method',
          options: KINDS,
          value: kind,
          onChange: (value) => void setFilters({ kind: value, tool: null }),
        })}
      />
      <NameFilters {...audit} />
      <FilterSelect
        {...buildFilter({
          label: 'Outcome',
          any: 'Any outcome',
          options: OUTCOMES,
          value: outcome,
          onChange: (value) => void setFilters({ outcome: value }),
        })}
      />
      <TimeFilter {...audit} />
      <FixedLink {...audit} />
    </>
  );
}

/** Tool, person and profile: chosen from those that receipts name. */
function NameFilters({ filters: { kind, tool, person, profile }, setFilters }: AuditFilters) {
  const [sought, setSought] = useState({ tool: '', person: '', profile: '' });
  const asked = useDeferredValue(sought);
  const { data: known } = useQuery(
    useTRPC().receipt.filters.queryOptions(
      { ...asked, personId: person ?? undefined, profileId: profile ?? undefined },
      { placeholderData: (before) => before },
    ),
  );
  const search = (kind: keyof typeof sought) => (text: string) => setSought((before) => ({ ...before, [kind]: text }));
  return (
    <>
      {/* The names of prompts and resources come from a receipt ("Only calls of …"): there is no list to choose from. */}
      {(kind === null || kind === 'tool' || tool !== null) && (
        <Combobox
          label="Tool"
          placeholder="Any tool"
          className={FILTER_WIDTH}
          value={tool}
          onValueChange={(value) => void setFilters({ tool: value })}
          onSearch={search('tool')}
          options={listToolNames(known?.tools ?? [])}
        />
      )}
      <Combobox
        label="Person"
        placeholder="Anybody"
        className={FILTER_WIDTH}
        value={person}
        onValueChange={(value) => void setFilters({ person: value })}
        onSearch={search('person')}
        options={(known?.people ?? []).map(({ id, name, email }) => ({ value: id, label: name, hint: email ?? undefined }))}
      />
      <Combobox
        label="Profile"
        placeholder="Any profile"
        className={FILTER_WIDTH}
        value={profile}
        onValueChange={(value) => void setFilters({ profile: value })}
        onSearch={search('profile')}
        options={(known?.profiles ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
    </>
  );
}

/** A tool by its server's name, and by each name under which a profile shows it: people know it by either. */
export function listToolNames(tools: readonly { name: string; shownAs: readonly string[] }[]): ComboboxOption[] {
  const own = new Set(tools.map(({ name }) => name));
  const shown = Map.groupBy(
    tools.flatMap(({ name, shownAs }) => shownAs.map((shownName) => ({ name, shownName }))),
    ({ shownName }) => shownName,
  );
  const others = [...shown].filter(([name]) => !own.has(name));
  return [
    ...tools.map(({ name, shownAs }) => ({
      value: name,
      label: name,
      hint: shownAs.length === 0 ? undefined : `shown as ${shownAs.join(', ')}`,
    })),
    ...others.map(([name, of]) => ({ value: name, label: name, hint: `shows ${of.map((tool) => tool.name).join(', ')}` })),
  ].toSorted((a, b) => a.label.localeCompare(b.label, 'en'));
}

const isTimed = ({ range, from, to }: AuditFilters['filters']): boolean => range === null && (from !== null || to !== null);

/** A link to exactly these calls, whatever "the last hour" is by then. */
function FixedLink({ filters, buildFixedLink }: AuditFilters) {
  if (filters.range === null && !isTimed(filters)) return null;
  return (
    <CopyButton label="Copy link with fixed time" text="" getText={() => buildFixedLink(window.location.href, Date.now())} />
  );
}

/** A range stays one in the address. */
function TimeFilter({ filters, setFilters }: AuditFilters) {
  const { range, from, to } = filters;
  const timed = isTimed(filters);

  function setRange(next: (typeof RANGES)[number]['value'] | null): void {
    if (next === null) return void setFilters({ range: null, from: null, to: null });
    if (next !== 'custom') return void setFilters({ range: next, from: null, to: null });
    void setFilters({ range: null, from: from ?? getRangeStart(range ?? '24h', Date.now()), to });
  }

  return (
    <>
      <FilterSelect
        {...buildFilter({
          label: 'Time',
          any: 'Any time',
          options: RANGES,
          value: range ?? (timed ? 'custom' : null),
          onChange: setRange,
        })}
      />
      {timed && (
        <span className="flex flex-wrap items-center gap-1.5 text-xs text-subtle max-sm:col-span-2">
          <TimeInput label="From" at={from} onChange={(at) => void setFilters({ from: at })} />
          to
          <TimeInput label="To" at={to} onChange={(at) => void setFilters({ to: at })} />
          <ZoneName />
        </span>
      )}
    </>
  );
}
