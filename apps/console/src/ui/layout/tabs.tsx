'use client';

import { Tabs as Primitive } from '@cloudflare/kumo/primitives/tabs';
import { type ReactNode, useEffect, useRef } from 'react';

import { cn } from '../cn.ts';
import { useHiddenSides } from './use-hidden-sides.ts';

export interface TabItem<T extends string> {
  value: T;
  label: string;
  /** shown after the label */
  count?: number;
  /** what the tab shows; leave out when the page below draws it from `value` */
  content?: ReactNode;
}

export interface TabsProps<T extends string> {
  /** accessible name of the row of tabs */
  label: string;
  tabs: readonly TabItem<T>[];
  value: T;
  onValueChange: (value: T) => void;
  className?: string;
}

/** A row of tabs. Keep the value in the URL, so that Back and links restore it. A row too long for its place shows the chosen one, and fades where it goes on. */
export function Tabs<T extends string>({ label, tabs, value, onValueChange, className }: TabsProps<T>) {
  const row = useRef<HTMLDivElement>(null);
  const counts = tabs.map(({ count }) => count).join();
  // also when a count that came later has moved it
  useEffect(() => {
    row.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [value, counts]);
  const hidden = useHiddenSides(row, `${tabs.map((tab) => tab.label).join()} ${counts}`);
  return (
    <Primitive.Root value={value} onValueChange={(next: T) => onValueChange(next)} className={cn('min-w-0', className)}>
      <Primitive.List
        ref={row}
        aria-label={label}
        className={cn(
          'relative flex gap-5 overflow-x-auto pr-px shadow-[inset_0_-1px_0_var(--color-line)] [scrollbar-width:none]',
          // a tab that gets the focus stands clear of the edge that fades
          'scroll-px-10',
          hidden.before && 'mask-l-from-90%',
          hidden.after && 'mask-r-from-90%',
        )}
      >
        {tabs.map((tab) => (
          <Primitive.Tab
            key={tab.value}
            value={tab.value}
            className="flex h-9 pointer-coarse:h-10 shrink-0 items-center gap-1.5 border-b-2 border-transparent text-sm text-muted transition-colors focus-visible:-outline-offset-2 hover:text-fg data-active:border-accent data-active:font-medium data-active:text-fg"
          >
            {tab.label}
            {tab.count !== undefined && <span className="rounded-chip bg-active px-1 text-xs tabular-nums">{tab.count}</span>}
          </Primitive.Tab>
        ))}
      </Primitive.List>
      {tabs.map(
        (tab) =>
          tab.content !== undefined && (
            <Primitive.Panel key={tab.value} value={tab.value} className="mt-4 rounded-control">
              {tab.content}
            </Primitive.Panel>
          ),
      )}
    </Primitive.Root>
  );
}
