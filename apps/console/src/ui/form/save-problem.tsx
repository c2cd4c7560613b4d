'use client';

import type { FieldPath, FieldValues } from 'react-hook-form';

import { EditConflictNotice, type EditConflictNoticeProps } from './edit-conflict.tsx';
import { FormError } from './form.tsx';
import { readEditConflict } from './merge-versions.ts';

export interface SaveProblemProps<In extends FieldValues, Out> extends Omit<EditConflictNoticeProps<In, Out>, 'conflict'> {
  /** as react-query gives it; null: nothing is in the way */
  error: unknown;
  /** which field of the form shows an error about which field of the request */
  fields: Readonly<Record<string, FieldPath<In>>>;
  className?: string;
}

/** Why what is stored was not changed: somebody else was first, and both versions are shown; or it was refused, and that stands at its field or in a line of its own. */
export function SaveProblem<In extends FieldValues, Out>({ error, fields, className, ...props }: SaveProblemProps<In, Out>) {
  const conflict = readEditConflict(error);
  if (!conflict) return <FormError<In> error={error} fields={fields} className={className} />;
  const notice = <EditConflictNotice {...props} conflict={conflict} />;
  return className === undefined ? notice : <div className={className}>{notice}</div>;
}

/** Why nothing can be saved while both versions are shown; nothing otherwise. */
export const findSaveReason = (error: unknown): string | undefined =>
  readEditConflict(error) ? 'First choose what is to stand.' : undefined;
