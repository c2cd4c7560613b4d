'use client';

import type { ReactNode } from 'react';
import { z } from 'zod';

import { FormError, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';

/** The password that somebody says again, as a form has it. */
export const SaidPassword = z.string().min(1, 'Enter the password you have.');
const Proof = z.object({ currentPassword: SaidPassword });
type Proof = z.infer<typeof Proof>;

export interface ProvePasswordProps {
  title: string;
  /** names the act */
  submitLabel: string;
  tone?: 'primary' | 'danger';
  pending: boolean;
  /** as react-query gives it */
  error: unknown;
  onProved: (proof: Proof) => void;
  onClose: () => void;
  /** what the act does */
  children: ReactNode;
}

/** Asks for the present password before something that changes how the account is opened. */
export function ProvePassword({ title, submitLabel, tone, pending, error, onProved, onClose, children }: ProvePasswordProps) {
  const form = useSchemaForm(Proof, { currentPassword: '' });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={title}
      size="small"
      form={form}
      onSubmit={onProved}
      submitLabel={submitLabel}
      {...(tone && { tone })}
      pending={pending}
    >
      <div className="text-muted">{children}</div>
      <TextField
        control={form.control}
        name="currentPassword"
        label="Present password"
        type="password"
        autoComplete="current-password"
      />
      <FormError<Proof> error={error} fields={{ currentPassword: 'currentPassword' }} />
    </FormDialog>
  );
}
