'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { Button } from '../button.tsx';

export interface BulkBarProps {
  count: number;
  noun: readonly [one: string, many: string];
  onClear: () => void;
  /** what can be done with them */
  children: ReactNode;
}

/** Stands in place of the toolbar while rows are selected. On a phone in one line: what it is about stands below it, and its last button is a cross. */
export function BulkBar({ count, noun: [one, many], onClear, children }: BulkBarProps) {
  return (
    <div
      role="group"
      aria-label={`Selected ${many}`}
      className="flex min-h-7 flex-wrap items-center gap-2 self-end pointer-coarse:min-h-10"
    >
      <output className="text-sm font-medium">
        {count.toLocaleString('en')} <span className="max-sm:sr-only">{count === 1 ? one : many}</span> selected
      </output>
      {children}
      <Button variant="ghost" size="small" icon={XIcon} onClick={onClear} className="max-sm:ml-auto max-sm:gap-0">
        <span className="max-sm:sr-only">Clear</span>
      </Button>
    </div>
  );
}
