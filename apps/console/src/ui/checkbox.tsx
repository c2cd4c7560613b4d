'use client';

import { Checkbox as Primitive } from '@cloudflare/kumo/primitives/checkbox';
import { Switch as SwitchPrimitive } from '@cloudflare/kumo/primitives/switch';
import { CheckIcon, MinusIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useId } from 'react';

import { cn } from './cn.ts';

interface ToggleProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  /** visible words beside the box; without them give `aria-label` */
  label?: ReactNode;
  /** second line: what it does */
  hint?: ReactNode;
  disabled?: boolean;
  name?: string;
  className?: string;
  'aria-label'?: string;
}

export interface CheckboxProps extends ToggleProps {
  /** some but not all below it are checked */
  indeterminate?: boolean;
}

function Labelled({
  label,
  hint,
  className,
  control,
}: {
  label: ReactNode;
  hint: ReactNode;
  className?: string;
  control: (ids: { id?: string; labelledBy?: string; describedBy?: string }) => ReactNode;
}) {
  const id = useId();
  if (label === undefined) return control({});
  return (
    <div className={cn('flex items-start gap-2', className)}>
      {control({ id, labelledBy: `${id}-label`, describedBy: hint === undefined ? undefined : `${id}-hint` })}
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

/** A box to tick. */
export function Checkbox({ label, hint, className, indeterminate, ...rest }: CheckboxProps) {
  return (
    <Labelled
      label={label}
      hint={hint}
      className={className}
      control={({ id, labelledBy, describedBy }) => (
        <Primitive.Root
          {...rest}
          id={id}
          aria-labelledby={labelledBy}
          aria-describedby={describedBy}
          indeterminate={indeterminate}
          className="relative mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-chip border border-control bg-surface text-white transition-colors after:absolute after:-inset-1 data-checked:border-accent data-checked:bg-accent data-disabled:opacity-50 data-indeterminate:border-accent data-indeterminate:bg-accent"
        >
          <Primitive.Indicator className="flex">
            {indeterminate ? <MinusIcon size={12} weight="bold" /> : <CheckIcon size={12} weight="bold" />}
          </Primitive.Indicator>
        </Primitive.Root>
      )}
    />
  );
}

/** On or off, at once: no save button follows. */
export function Switch({ label, hint, className, ...rest }: ToggleProps) {
  return (
    <Labelled
      label={label}
      hint={hint}
      className={className}
      control={({ id, labelledBy, describedBy }) => (
        <SwitchPrimitive.Root
          {...rest}
          id={id}
          aria-labelledby={labelledBy}
          aria-describedby={describedBy}
          className="relative mt-0.5 h-4 w-7 shrink-0 rounded-full bg-control transition-colors after:absolute after:-inset-1 data-checked:bg-accent data-disabled:opacity-50"
        >
          <SwitchPrimitive.Thumb className="block size-3 translate-x-0.5 rounded-full bg-white transition-transform data-checked:translate-x-3.5" />
        </SwitchPrimitive.Root>
      )}
    />
  );
}
