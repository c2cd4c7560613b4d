'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { Button } from '../button.tsx';
import { describeCount } from '../text/count.ts';

export interface BulkBarProps {
  count: number;
  noun: readonly [one: string, many: string];
  onClear: () => void;
  /** what can be done with them */
  children: ReactNode;
}

/** Stands in place of the toolbar while rows are selected. */
export function BulkBar({ count, noun: [one, many], onClear, children }: BulkBarProps) {
  return (
    <div role="group" aria-label={`Selected ${many}`} className="mb-3 flex min-h-7 flex-wrap items-center gap-2">
      <output className="text-sm font-medium">{describeCount(count, one, many)} selected</output>
      {children}
      <Button variant="ghost" size="small" icon={XIcon} onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
