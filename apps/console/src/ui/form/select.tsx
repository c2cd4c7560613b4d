'use client';

import { Select as Primitive } from '@cloudflare/kumo/primitives/select';
import { CaretUpDownIcon, CheckIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { cn } from '../cn.ts';
import { CONTROL_CLASS, type FieldProps, withField } from './field.tsx';

export interface SelectOption<T extends string> {
  value: T;
  label: string;
  /** second line: what choosing it means */
  hint?: ReactNode;
  disabled?: boolean;
}

export interface SelectProps<T extends string> extends Omit<Partial<FieldProps>, 'children' | 'className'> {
  options: readonly SelectOption<T>[];
  value: T | null;
  onValueChange: (value: T) => void;
  placeholder?: string;
  size?: 'small' | 'default' | 'large';
  disabled?: boolean;
  name?: string;
  className?: string;
  /** accessible name when there is no visible label */
  'aria-label'?: string;
}

const SIZE = { small: 'h-7 px-2 text-xs', default: 'h-8 px-2.5 text-sm', large: 'h-10 px-3 text-base' };

/** One choice out of a short list. For more than about fifteen options use a filterable list instead. */
export function Select<T extends string>(props: SelectProps<T>) {
  const {
    label,
    hint,
    error,
    optional,
    options,
    value,
    onValueChange,
    placeholder = 'Choose…',
    size = 'default',
    className,
    ...rest
  } = props;
  const control = (
    <Primitive.Root
      items={options}
      value={value}
      onValueChange={(chosen) => chosen !== null && onValueChange(chosen)}
      disabled={rest.disabled}
      name={rest.name}
    >
      <Primitive.Trigger
        aria-label={rest['aria-label']}
        className={cn(
          CONTROL_CLASS,
          SIZE[size],
          'flex items-center justify-between gap-2 text-left data-placeholder:text-subtle',
          className,
        )}
      >
        <Primitive.Value className="truncate" placeholder={placeholder} />
        <Primitive.Icon className="text-subtle">
          <CaretUpDownIcon size={14} />
        </Primitive.Icon>
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Primitive.Popup className="max-h-(--available-height) min-w-(--anchor-width) overflow-y-auto rounded-card border border-kumo-line bg-surface p-1 shadow-overlay transition-opacity outline-none data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Primitive.List>
              {options.map((option) => (
                <Option key={option.value} {...option} />
              ))}
            </Primitive.List>
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
  return withField(control, { label, hint, error, optional });
}

function Option<T extends string>({ value, label, hint, disabled }: SelectOption<T>) {
  return (
    <Primitive.Item
      value={value}
      disabled={disabled}
      className="flex cursor-default items-start gap-2 rounded-control px-2 py-1.5 pointer-coarse:py-2.5 text-sm outline-none select-none data-disabled:opacity-50 data-highlighted:bg-active"
    >
      <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center">
        <Primitive.ItemIndicator>
          <CheckIcon size={14} />
        </Primitive.ItemIndicator>
      </span>
      <span className="min-w-0">
        <Primitive.ItemText>{label}</Primitive.ItemText>
        {hint !== undefined && <span className="block max-w-80 text-xs text-subtle">{hint}</span>}
      </span>
    </Primitive.Item>
  );
}
