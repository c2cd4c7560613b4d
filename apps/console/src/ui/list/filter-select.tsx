'use client';

import { cn } from '../cn.ts';
import { Select } from '../form/select.tsx';

/** One filter of a list: a choice that narrows it, or none. */
export interface ListFilter<T extends string = string> {
  /** accessible name: "State" */
  label: string;
  /** what stands there while it narrows nothing: "Any state" */
  any: string;
  /** without any it is not shown, unless it is set */
  options: readonly { value: T; label: string }[];
  value: T | null;
  onChange: (value: T | null) => void;
}

/** A filter whose values are known to its list alone. */
export function buildFilter<T extends string>({ options, onChange, ...filter }: ListFilter<T>): ListFilter {
  return {
    ...filter,
    options,
    onChange: (next) => onChange(options.find(({ value }) => value === next)?.value ?? null),
  };
}

const ANY = '';

/** Of a filter in a toolbar: a cell of its grid on a phone, and room for the larger letters under a finger. */
export const FILTER_WIDTH = 'w-36 max-sm:w-full sm:pointer-coarse:w-44';

export function FilterSelect({ label, any, options, value, onChange }: ListFilter) {
  if (options.length === 0 && value === null) return null;
  const isKnown = value === null || options.some((option) => option.value === value);
  return (
    <Select
      aria-label={label}
      placeholder={any}
      size="small"
      // what narrows nothing is as quiet as the placeholder of the search beside it
      className={cn(FILTER_WIDTH, value === null && 'text-subtle')}
      value={value ?? ANY}
      onValueChange={(next) => onChange(next === ANY ? null : next)}
      options={[{ value: ANY, label: any }, ...options, ...(isKnown ? [] : [{ value, label: value }])]}
    />
  );
}
