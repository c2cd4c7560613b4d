'use client';

import type { ReactNode } from 'react';

import { cn } from '../cn.ts';
import type { Tone } from '../status/badge.tsx';

export interface CardProps {
  title?: string;
  /** beside the title, at the end of the line */
  actions?: ReactNode;
  /** false: the content draws its own edges (tables, lists) */
  padded?: boolean;
  className?: string;
  children: ReactNode;
}

/** A surface with an optional title. */
export function Card({ title, actions, padded = true, className, children }: CardProps) {
  return (
    <section className={cn('min-w-0 rounded-card border border-line bg-surface', className)}>
      {title !== undefined && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-1.5">
          <h2 className="text-sm font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      {padded ? <div className="p-4">{children}</div> : children}
    </section>
  );
}

export interface KeyValueProps {
  items: readonly { label: string; value: ReactNode }[];
  className?: string;
}

/** Facts: a word and what is known; a dash stands for "unknown". */
export function KeyValue({ items, className }: KeyValueProps) {
  return (
    <dl className={cn('grid grid-cols-1 items-baseline gap-x-6 sm:gap-y-2 sm:grid-cols-[minmax(7rem,10rem)_1fr]', className)}>
      {items.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt className="text-subtle">{label}</dt>
          <dd className="min-w-0 break-words max-sm:mb-2">
            {value === null || value === undefined || value === false || value === '' ? '–' : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export interface BannerProps {
  tone: Exclude<Tone, 'neutral'>;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

const BANNER: Record<BannerProps['tone'], string> = {
  ok: 'border-ok/40 bg-ok-bg text-ok-fg',
  warn: 'border-warn/40 bg-warn-bg text-warn-fg',
  danger: 'border-danger/40 bg-danger-bg text-danger-fg',
  info: 'border-info/40 bg-info-bg text-info-fg',
  violet: 'border-violet/40 bg-violet-bg text-violet-fg',
};

/** Something about this page that must not be missed. */
export function Banner({ tone, title, children, action, className }: BannerProps) {
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={cn('flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border px-4 py-2.5', BANNER[tone], className)}
    >
      <div className="min-w-0 flex-[1_1_16rem]">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children}
      </div>
      {action && <div className="flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}
