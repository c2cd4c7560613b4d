'use client';

import { Checkbox as Primitive } from '@cloudflare/kumo/primitives/checkbox';
import { CheckIcon, MinusIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useId } from 'react';

import { cn } from '../cn.ts';

export interface CheckboxProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  /** some but not all below it are checked */
  indeterminate?: boolean;
  /** visible words beside the box; without them give `aria-label` */
  label?: ReactNode;
  /** second line: what it does */
  hint?: ReactNode;
  disabled?: boolean;
  name?: string;
  className?: string;
  'aria-label'?: string;
}

/** A box to tick. */
export function Checkbox({ label, hint, className, indeterminate, ...rest }: CheckboxProps) {
  const id = useId();
  const labelled = label !== undefined;
  const box = (
    <Primitive.Root
      {...rest}
      id={id}
      indeterminate={indeterminate}
      aria-labelledby={labelled ? `${id}-label` : undefined}
      aria-describedby={labelled && hint !== undefined ? `${id}-hint` : undefined}
      className="relative mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-chip border border-control bg-surface text-white transition-colors after:absolute after:-inset-1 pointer-coarse:after:-inset-3 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-50 data-indeterminate:border-accent data-indeterminate:bg-accent"
    >
      <Primitive.Indicator className="flex">
        {indeterminate ? <MinusIcon size={12} weight="bold" /> : <CheckIcon size={12} weight="bold" />}
      </Primitive.Indicator>
    </Primitive.Root>
  );
  if (!labelled) return box;
  return (
    <div className={cn('flex items-start gap-2 pointer-coarse:min-h-10 pointer-coarse:py-2', className)}>
      {box}
      <div className="min-w-0">
        <label id={`${id}-label`} htmlFor={id} className="text-sm">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-xs text-subtle">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
