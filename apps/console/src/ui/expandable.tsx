'use client';

import { Collapsible } from '@cloudflare/kumo/primitives/collapsible';
import { CaretRightIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { cn } from './cn.ts';

export interface ExpandableProps {
  /** the line that stays */
  summary: ReactNode;
  /** controls at the end of the line; not part of the toggle */
  actions?: ReactNode;
  open?: boolean;
  defaultOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
  children: ReactNode;
}

/** A line that opens to more below it. */
export function Expandable({ summary, actions, open, defaultOpen, onOpenChange, className, children }: ExpandableProps) {
  return (
    <Collapsible.Root open={open} defaultOpen={defaultOpen} onOpenChange={onOpenChange} className={className}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2">
        <Collapsible.Trigger className="group flex min-h-7 min-w-0 flex-1 items-center gap-2 text-left">
          <CaretRightIcon
            aria-hidden
            size={12}
            weight="bold"
            className="shrink-0 text-subtle transition-transform group-data-panel-open:rotate-90"
          />
          {summary}
        </Collapsible.Trigger>
        {actions}
      </div>
      <Collapsible.Panel className={cn('border-t border-line bg-canvas')}>{children}</Collapsible.Panel>
    </Collapsible.Root>
  );
}
