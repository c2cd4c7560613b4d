'use client';

import { startRegistration } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { type AccountOutput, useAccountTRPC } from '../../../trpc/account-client.tsx';
import { FormError, TextField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { SaidPassword } from '../prove-password.tsx';
import { describePasskeyProblem } from './passkey-problem.ts';

const NewPasskey = z.object({ name: z.string().trim().min(1, 'Enter a name.'), currentPassword: SaidPassword });
type NewPasskey = z.infer<typeof NewPasskey>;

/** Lets the browser make a passkey after the password was proved, and keeps it. `problem`: what the browser did not do. */
function useNewPasskey(onAdded: (name: string) => void) {
  const trpc = useAccountTRPC();
  const [making, setMaking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const begin = useMutation(trpc.beginPasskey.mutationOptions());
  const add = useMutation(trpc.addPasskey.mutationOptions({ onSuccess: (_, { name }) => onAdded(name) }));

  async function make(options: AccountOutput['beginPasskey'], name: string): Promise<void> {
    setMaking(true);
    try {
      add.mutate({ name, answer: await startRegistration({ optionsJSON: options }) });
    } catch (error) {
      setProblem(describePasskeyProblem(error));
    } finally {
      setMaking(false);
    }
  }

  function start({ name, currentPassword }: NewPasskey): void {
    setProblem(null);
    begin.mutate({ currentPassword }, { onSuccess: (options) => void make(options, name) });
  }

  return { start, problem, error: begin.error ?? add.error, pending: begin.isPending || making || add.isPending };
}

/** Asks what the passkey is to be called and for the password, and adds it. */
export function AddPasskey({ onClose }: { onClose: () => void }) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const form = useSchemaForm(NewPasskey, { name: '', currentPassword: '' });
  const { start, problem, error, pending } = useNewPasskey((name) => {
    void queries.invalidateQueries(trpc.listPasskeys.pathFilter());
    toast({ title: `The passkey ${name} opens your account` });
    onClose();
  });
  const { control } = form;
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="Add a passkey"
      size="small"
      form={form}
      onSubmit={start}
      submitLabel="Add passkey"
      pending={pending}
    >
      <p className="text-muted">
        The browser asks which device or password manager keeps it, and for your PIN, finger or face. From then on it opens your
        account by itself, without password and code.
      </p>
      <TextField
        control={control}
        name="name"
        label="Name"
        hint="To tell it from others: Phone, Work laptop."
        maxLength={60}
        autoComplete="off"
      />
      <TextField
        control={control}
        name="currentPassword"
        label="Present password"
        type="password"
        autoComplete="current-password"
      />
      <FormError<NewPasskey> error={error} fields={{ currentPassword: 'currentPassword', name: 'name' }} />
      {problem !== null && (
        <p role="alert" className="text-danger-fg">
          {problem}
        </p>
      )}
    </FormDialog>
  );
}
