'use client';

import { Combobox as Primitive } from '@cloudflare/kumo/primitives/combobox';
import { CaretUpDownIcon, CheckIcon, XIcon } from '@phosphor-icons/react/ssr';
import { useMemo, useState } from 'react';

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
  /** the options come from a search: called with what is typed, and with nothing once something is chosen */
  onSearch?: (text: string) => void;
  /** of what is chosen, where a search may not give it again */
  chosenLabel?: string | undefined;
  /** `small` stands among filters, `default` in forms */
  size?: 'small' | 'default';
  className?: string;
}

const SIZE = { small: 'h-7 pl-2 text-xs', default: 'h-8 pl-2.5 text-sm' };

/** One choice out of a list that may be long: type to filter it, clear to choose nothing. */
export function Combobox(props: ComboboxProps) {
  const { label, options, value, onValueChange, placeholder, onSearch, chosenLabel, size = 'small', className } = props;
  // A value that is not in the list (an old link, another search) is still shown, so that it can be cleared.
  const found = options.find((option) => option.value === value)?.label ?? chosenLabel ?? value;
  const chosen = useMemo(() => (value === null ? null : { value, label: found ?? value }), [value, found]);
  const typed = useTyped(chosen?.label ?? '', onSearch);
  return (
    <Primitive.Root
      items={options}
      value={chosen}
      isItemEqualToValue={(a, b) => a.value === b.value}
      onValueChange={(option) => onValueChange(option?.value ?? null)}
      {...typed}
    >
      <div className={cn('relative', className)}>
        <Primitive.Input
          aria-label={label}
          placeholder={placeholder}
          className={cn(CONTROL_CLASS, 'truncate pr-7', SIZE[size])}
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
      <Offered />
    </Primitive.Root>
  );
}

/**
 * What the input shows where the options are searched for: what is typed, until something is chosen or the list closes. Left to itself the library would put
 * the name of what is chosen there whenever the options change.
 */
function useTyped(shown: string, onSearch: ((text: string) => void) | undefined) {
  const [text, setText] = useState<string | null>(null);
  if (!onSearch) return {};
  const search = (next: string | null): void => {
    setText(next);
    onSearch(next ?? '');
  };
  return {
    filter: null,
    inputValue: text ?? shown,
    onInputValueChange: (next: string, { reason }: { reason: string }) => search(reason === 'input-change' ? next : null),
    onOpenChange: (open: boolean) => !open && search(null),
  };
}

function Offered() {
  return (
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
  );
}
