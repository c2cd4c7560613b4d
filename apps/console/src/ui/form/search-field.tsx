'use client';

import { MagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import type { RefObject } from 'react';

import { cn } from '../cn.ts';
import { Input } from './input.tsx';

export interface SearchFieldProps {
  /** accessible name: "Filter tools" */
  label: string;
  placeholder: string;
  value: string;
  onValueChange: (value: string) => void;
  /** of the input, so that whoever clears it from elsewhere can go back to it */
  ref?: RefObject<HTMLInputElement | null>;
  className?: string;
}

/** Narrows the list below it. Takes the width that is left in its row. */
export function SearchField({ label, placeholder, value, onValueChange, ref, className }: SearchFieldProps) {
  return (
    <div className={cn('relative min-w-40 flex-1', className)}>
      <MagnifyingGlassIcon
        aria-hidden
        size={14}
        className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-subtle"
      />
      <Input
        ref={ref}
        aria-label={label}
        placeholder={placeholder}
        size="small"
        className="pl-7 text-ellipsis"
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
      />
    </div>
  );
}
