'use client';

import { Field as Primitive } from '@cloudflare/kumo/primitives/field';
import type { ReactNode } from 'react';

import { cn } from '../cn.ts';

export interface FieldProps {
  label: string;
  /** help that stays while typing; replaced by `error` */
  hint?: ReactNode;
  /** what is wrong and what to do; makes the control invalid */
  error?: string | undefined;
  /** says "optional" after the label */
  optional?: boolean;
  className?: string;
  /** exactly one control of this folder */
  children: ReactNode;
}

/** Label, control, help and error of one control, tied together for assistive technology. */
export function Field({ label, hint, error, optional, className, children }: FieldProps) {
  return (
    <Primitive.Root invalid={error !== undefined} className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <Primitive.Label className="text-sm font-medium">
        {label}
        {optional && <span className="ml-1.5 font-normal text-subtle">optional</span>}
      </Primitive.Label>
      {children}
      {error !== undefined && (
        <Primitive.Error match className="text-xs text-danger-fg">
          {error}
        </Primitive.Error>
      )}
      {error === undefined && hint !== undefined && (
        <Primitive.Description className="text-xs text-subtle">{hint}</Primitive.Description>
      )}
    </Primitive.Root>
  );
}

/** Wraps a control in a Field when it has a label of its own. */
export function withField(control: ReactNode, props: Omit<Partial<FieldProps>, 'children'>): ReactNode {
  const { label, ...rest } = props;
  return label === undefined ? (
    control
  ) : (
    <Field label={label} {...rest}>
      {control}
    </Field>
  );
}

/** Under a finger 40 px high, and 16 px letters: below that Safari on a phone zooms into the field. */
export const CONTROL_CLASS =
  'w-full min-w-0 rounded-control border border-control bg-surface text-fg placeholder:text-subtle transition-[border-color] hover:border-muted focus-visible:border-ring focus-visible:outline-offset-0 disabled:opacity-60 pointer-coarse:min-h-10 pointer-coarse:text-lg aria-invalid:border-danger data-invalid:border-danger';
