'use client';

import { cn } from '../cn.ts';

/** The mark: a gate, one way through. */
export function BrandMark({ size = 20 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 20 20" fill="none">
      <rect width="20" height="20" rx="5" fill="var(--color-accent)" />
      <path d="M5 15.5V9a5 5 0 0 1 10 0v6.5" stroke="#fff" strokeWidth="1.75" strokeLinecap="round" />
      <path d="M10 9.75v5.75" stroke="#fff" strokeWidth="1.75" strokeLinecap="round" />
    </svg>
  );
}

/** Mark and name. */
export function Brand({ className }: { className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2 text-base font-semibold tracking-tight', className)}>
      <BrandMark />
      Gatehouse
    </span>
  );
}
