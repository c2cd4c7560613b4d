'use client';

import { Field } from '@cloudflare/kumo/primitives/field';
import { Input as Primitive } from '@cloudflare/kumo/primitives/input';
import type { ComponentProps } from 'react';

import { cn } from '../cn.ts';
import { CONTROL_CLASS, type FieldProps, withField } from './field.tsx';
import { describeTooLong } from './too-long.ts';

type OwnField = Omit<Partial<FieldProps>, 'children' | 'className'>;

export interface InputProps extends Omit<ComponentProps<'input'>, 'size'>, OwnField {
  /** 28, 32 or 40 px high */
  size?: 'small' | 'default' | 'large';
  /** ids, URLs, tool names */
  mono?: boolean;
}

const SIZE = { small: 'h-7 px-2 text-xs', default: 'h-8 px-2.5 text-sm', large: 'h-10 px-3 text-base' };

/**
 * A line of text. With `label` it brings its own Field; without one it needs `aria-label` or a Field around it. Takes everything that
 * react-hook-form's `register` gives. What is longer than `maxLength` is said, and never cut: the browser would, without a word.
 */
export function Input({ label, hint, error, optional, size = 'default', mono, className, maxLength, ...rest }: InputProps) {
  const problem = describeTooLong(rest.value, maxLength) ?? error;
  const control = <Primitive {...rest} className={cn(CONTROL_CLASS, SIZE[size], mono && 'font-mono', className)} />;
  return withField(control, { label, hint, error: problem, optional });
}

export interface TextareaProps extends ComponentProps<'textarea'>, OwnField {
  mono?: boolean;
}

/** Several lines of text; grows with its content up to 12 lines. What is longer than `maxLength` is said, and never cut. */
export function Textarea({ label, hint, error, optional, mono, className, rows = 3, maxLength, ...rest }: TextareaProps) {
  const problem = describeTooLong(rest.value, maxLength) ?? error;
  const control = (
    <Field.Control
      render={<textarea {...rest} rows={rows} />}
      className={cn(
        CONTROL_CLASS,
        'field-sizing-content max-h-72 min-h-16 pointer-coarse:min-h-16 px-2.5 py-1.5 text-sm',
        mono && 'font-mono',
        className,
      )}
    />
  );
  return withField(control, { label, hint, error: problem, optional });
}
