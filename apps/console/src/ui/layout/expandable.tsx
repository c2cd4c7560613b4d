'use client';

import { CaretRightIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useId, useState } from 'react';

import { cn } from '../cn.ts';

export interface ExpandableProps {
  /** the line that stays */
  summary: ReactNode;
  /** controls at the end of the line; not part of the toggle */
  actions?: ReactNode;
  defaultOpen?: boolean;
  children: ReactNode;
}

/** A line that opens to more below it. */
export function Expandable({ summary, actions, defaultOpen = false, children }: ExpandableProps) {
  const [open, setOpen] = useState(defaultOpen);
  const panelId = useId();
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={panelId}
          onClick={() => setOpen(!open)}
          className="flex min-h-7 pointer-coarse:min-h-10 min-w-0 flex-1 items-center gap-2 text-left max-sm:basis-full"
        >
          <CaretRightIcon
            aria-hidden
            size={12}
            weight="bold"
            className={cn('shrink-0 text-subtle transition-transform', open && 'rotate-90')}
          />
          {summary}
        </button>
        {actions}
      </div>
      <div id={panelId} hidden={!open} className="border-t border-line bg-canvas">
        {children}
      </div>
    </>
  );
}
