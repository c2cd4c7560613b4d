'use client';

import type { ReactNode } from 'react';

import { cn } from '../cn.ts';

export interface ScrollRegionProps {
  /** what it holds; unique on the page */
  label: string;
  className?: string;
  children: ReactNode;
}

/** Something that may scroll on its own and is therefore reachable by keyboard. */
export function ScrollRegion({ label, className, children }: ScrollRegionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be scrollable without a mouse
    <section aria-label={label} tabIndex={0} className={cn('overflow-auto', className)}>
      {children}
    </section>
  );
}
