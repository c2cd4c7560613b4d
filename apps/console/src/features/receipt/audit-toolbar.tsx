'use client';

import { useQuery } from '@tanstack/react-query';
import { type ChangeEvent, useId } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { isFiltered, OUTCOMES, RANGE_WORDS, RANGES, type useAuditFilters } from './audit-filters.ts';

const ANY = 'any';
const OUTCOME_WORDS = { allowed: 'Allowed', denied: 'Denied', held: 'Held', failed: 'Failed' } as const;

interface AuditToolbarProps {
  filters: ReturnType<typeof useAuditFilters>[0];
  setFilters: ReturnType<typeof useAuditFilters>[1];
}

/** Tool, person, profile, outcome and time. What is chosen here is what the URL says. */
export function AuditToolbar({ filters, setFilters }: AuditToolbarProps) {
  const trpc = useTRPC();
  const options = useQuery(trpc.receipt.filters.queryOptions(undefined, { staleTime: 60_000 }));
  const toolList = useId();
  const choose = (value: string): string | null => (value === ANY ? null : value);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Input
        size="small"
        mono
        type="search"
        aria-label="Tool"
        placeholder="Tool name"
        list={toolList}
        className="w-48 max-sm:w-full"
        value={filters.tool ?? ''}
        onChange={(event: ChangeEvent<HTMLInputElement>) =>
          void setFilters(
            { tool: event.target.value || null },
            { history: 'replace', limitUrlUpdates: { method: 'debounce', timeMs: 250 } },
          )
        }
      />
      <datalist id={toolList}>
        {options.data?.tools.map((tool) => (
          <option key={tool} value={tool} />
        ))}
      </datalist>
      <Select
        size="small"
        aria-label="Person"
        className="w-44"
        value={filters.person ?? ANY}
        onValueChange={(value) => void setFilters({ person: choose(value) })}
        options={[
          { value: ANY, label: 'Everyone' },
          ...(options.data?.people ?? []).map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
        ]}
      />
      <Select
        size="small"
        aria-label="Profile"
        className="w-40"
        value={filters.profile ?? ANY}
        onValueChange={(value) => void setFilters({ profile: choose(value) })}
        options={[
          { value: ANY, label: 'All profiles' },
          ...(options.data?.profiles ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <Select
        size="small"
        aria-label="Outcome"
        className="w-36"
        value={filters.outcome ?? ANY}
        onValueChange={(value) => void setFilters({ outcome: OUTCOMES.find((outcome) => outcome === value) ?? null })}
        options={[{ value: ANY, label: 'All outcomes' }, ...OUTCOMES.map((value) => ({ value, label: OUTCOME_WORDS[value] }))]}
      />
      <Select
        size="small"
        aria-label="Time"
        className="w-36"
        value={filters.range}
        onValueChange={(range) => void setFilters({ range, from: null, to: null })}
        options={RANGES.map((value) => ({ value, label: RANGE_WORDS[value] }))}
      />
      {isFiltered(filters) && (
        <Button
          size="small"
          variant="ghost"
          onClick={() => void setFilters({ tool: null, person: null, profile: null, outcome: null, from: null, to: null })}
        >
          Clear filters
        </Button>
      )}
    </div>
  );
}
