'use client';

import { Radio } from '@cloudflare/kumo/primitives/radio';
import { RadioGroup } from '@cloudflare/kumo/primitives/radio-group';
import type { Icon } from '@phosphor-icons/react';

import { cn } from '../cn.ts';

export interface ChoiceOption<T extends string> {
  value: T;
  label: string;
  icon?: Icon;
  /** colour once it is chosen */
  tone?: 'neutral' | 'ok' | 'danger';
  disabled?: boolean;
}

export interface ChoiceProps<T extends string> {
  /** accessible name: "Decision on delete_issue" */
  label: string;
  options: readonly ChoiceOption<T>[];
  /** null: nothing is chosen yet */
  value: T | null;
  onValueChange: (value: T) => void;
  disabled?: boolean;
  className?: string;
}

const CHOSEN = {
  neutral: 'data-checked:bg-active data-checked:text-fg',
  ok: 'data-checked:bg-ok-bg data-checked:text-ok-fg',
  danger: 'data-checked:bg-danger-bg data-checked:text-danger-fg',
};

/** A choice under its own words. */
export function LabelledChoice<T extends string>(props: Omit<ChoiceProps<T>, 'className'>) {
  return (
    <>
      <p className="text-sm font-medium">{props.label}</p>
      <Choice {...props} className="self-start" />
    </>
  );
}

/** Two or three choices side by side, one at most. Arrow keys move. */
export function Choice<T extends string>({ label, options, value, onValueChange, disabled, className }: ChoiceProps<T>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      disabled={disabled}
      onValueChange={(next) => next !== null && onValueChange(next)}
      className={cn('inline-flex shrink-0 overflow-hidden rounded-control border border-kumo-line bg-surface', className)}
    >
      {options.map(({ value: option, label: words, icon: IconBefore, tone = 'neutral', disabled: off }) => (
        <Radio.Root
          key={option}
          value={option}
          disabled={off}
          className={cn(
            'inline-flex h-7 pointer-coarse:h-10 items-center gap-1.5 border-l border-line px-2.5 text-xs font-medium text-muted transition-colors select-none first:border-l-0',
            'hover:bg-sunken focus-visible:-outline-offset-2 data-disabled:cursor-not-allowed data-disabled:opacity-50 data-disabled:hover:bg-transparent',
            CHOSEN[tone],
          )}
        >
          {IconBefore && <IconBefore aria-hidden size={14} />}
          {words}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
