'use client';

import { Combobox as Primitive } from '@cloudflare/kumo/primitives/combobox';
import { CaretUpDownIcon, CheckIcon, XIcon } from '@phosphor-icons/react/ssr';

import { cn } from '../cn.ts';
import { CONTROL_CLASS } from './field.tsx';

export interface ComboboxOption {
  value: string;
  label: string;
  /** second line */
  hint?: string;
}

export interface ComboboxProps {
  /** accessible name: "Tool" */
  label: string;
  options: readonly ComboboxOption[];
  value: string | null;
  /** null: cleared */
  onValueChange: (value: string | null) => void;
  /** what stands there while nothing is chosen: "Any tool" */
  placeholder: string;
  className?: string;
}

/** One choice out of a list that may be long: type to filter it, clear to choose nothing. */
export function Combobox({ label, options, value, onValueChange, placeholder, className }: ComboboxProps) {
  // A value that is not in the list (an old link) is still shown, so that it can be cleared.
  const chosen = value === null ? null : (options.find((option) => option.value === value) ?? { value, label: value });
  return (
    <Primitive.Root
      items={options}
      value={chosen}
      isItemEqualToValue={(a, b) => a.value === b.value}
      onValueChange={(option) => onValueChange(option?.value ?? null)}
    >
      <div className={cn('relative', className)}>
        <Primitive.Input
          aria-label={label}
          placeholder={placeholder}
          className={cn(CONTROL_CLASS, 'h-7 truncate pr-7 pl-2 text-xs')}
        />
        {chosen ? (
          <Primitive.Clear
            aria-label={`Clear ${label.toLowerCase()}`}
            className="absolute inset-y-0 right-0.5 my-auto flex size-6 items-center justify-center rounded-control text-subtle hover:bg-active"
          >
            <XIcon size={12} />
          </Primitive.Clear>
        ) : (
          <Primitive.Trigger
            aria-label={`Show all: ${label.toLowerCase()}`}
            className="absolute inset-y-0 right-0.5 my-auto flex size-6 items-center justify-center text-subtle"
          >
            <CaretUpDownIcon size={14} />
          </Primitive.Trigger>
        )}
      </div>
      <Primitive.Portal>
        <Primitive.Positioner sideOffset={4} align="start" className="z-50">
          <Primitive.Popup className="max-h-80 min-w-(--anchor-width) overflow-y-auto rounded-card border border-kumo-line bg-surface p-1 shadow-overlay outline-none">
            <Primitive.Empty className="px-2 py-1.5 text-sm text-subtle empty:hidden">Nothing matches</Primitive.Empty>
            <Primitive.List>
              {(option: ComboboxOption) => (
                <Primitive.Item
                  key={option.value}
                  value={option}
                  className="flex min-h-8 pointer-coarse:min-h-10 cursor-default items-center gap-3 rounded-control px-2 py-1 text-sm outline-none select-none data-highlighted:bg-active"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{option.label}</span>
                    {option.hint && <span className="block truncate text-xs text-subtle">{option.hint}</span>}
                  </span>
                  <Primitive.ItemIndicator>
                    <CheckIcon size={14} />
                  </Primitive.ItemIndicator>
                </Primitive.Item>
              )}
            </Primitive.List>
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
