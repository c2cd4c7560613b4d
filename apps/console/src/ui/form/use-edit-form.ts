'use client';

import { useEffect, useState } from 'react';
import { type FieldValues, useFormState, type UseFormReturn } from 'react-hook-form';
import type { z } from 'zod';

import { useSchemaForm } from './form.tsx';
import type { Seen } from './merge-versions.ts';

/** A form for what is stored already and may be edited by others at the same time. */
export interface EditForm<In extends FieldValues, Out> {
  form: UseFormReturn<In, unknown, Out>;
  /** what the next attempt to save is based on */
  seen: Seen<In>;
  /** both versions were merged: the form holds this, and is based on what was seen last */
  merge: (seen: Seen<In>, merged: In) => void;
  /** it was saved, or given up: the form starts from this */
  restart: (seen: Seen<In>) => void;
}

/**
 * `current`: what is stored, as the page shows it; it may change at any time. As long as nothing is typed the form follows it. From then on it stays
 * with what was seen, so that a refresh behind the form never makes it overwrite what nobody looked at.
 */
export function useEditForm<In extends FieldValues, Out>(schema: z.ZodType<Out, In>, current: Seen<In>): EditForm<In, Out> {
  const [initial] = useState(current.values);
  const [seen, setSeen] = useState(current);
  const form = useSchemaForm<In, Out>(schema, undefined, initial);
  const { isDirty } = useFormState({ control: form.control });
  const { reset } = form;
  if (!isDirty && current.revision > seen.revision) setSeen(current);
  useEffect(() => {
    if (!isDirty) reset(seen.values);
  }, [isDirty, seen, reset]);
  return {
    form,
    seen,
    merge: (next, merged) => {
      reset(next.values);
      // what differs from what is stored now is what there is to save
      reset(merged, { keepDefaultValues: true });
      setSeen(next);
    },
    restart: (saved) => {
      reset(saved.values);
      setSeen(saved);
    },
  };
}
