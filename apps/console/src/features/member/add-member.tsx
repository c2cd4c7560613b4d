'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { FormError, SelectField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { CodeBox } from '../../ui/text/copy.tsx';
import { Role, listAssignableRoles } from './roles.ts';

const NewMember = z.object({
  name: z.string().trim().min(1, 'Enter a name.').max(120, 'Use 120 characters at most.'),
  email: z.email('Enter a complete e-mail address.').max(254, 'This address is too long.'),
  role: Role,
});
type NewMember = z.infer<typeof NewMember>;

interface Added extends NewMember {
  result: ApiOutput['member']['add'];
}

/** Adds a person. The initial password of somebody new is shown once, here. */
export function AddMember({ ownRole, onClose }: { ownRole: Role | undefined; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [added, setAdded] = useState<Added | null>(null);
  const add = useMutation(trpc.member.add.mutationOptions());
  const form = useSchemaForm(NewMember, { name: '', email: '', role: 'member' });

  function submit(input: NewMember): void {
    add.mutate(input, {
      onSuccess: (result) => {
        setAdded({ ...input, result });
        void queries.invalidateQueries(trpc.member.list.pathFilter());
      },
    });
  }

  if (added) return <AddedDialog added={added} onClose={onClose} />;
  const { control } = form;
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="Add member"
      form={form}
      onSubmit={submit}
      submitLabel="Add member"
      pending={add.isPending}
    >
      <TextField control={control} name="name" label="Name" autoComplete="off" />
      <TextField control={control} name="email" label="Work e-mail" type="email" autoComplete="off" />
      <SelectField control={control} name="role" label="Role" options={listAssignableRoles(ownRole)} />
      <FormError<NewMember> error={add.error} fields={{ email: 'email' }} />
    </FormDialog>
  );
}

function AddedDialog({ added, onClose }: { added: Added; onClose: () => void }) {
  const { name, email, result } = added;
  const password = result.initialPassword;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`${name} is a member`}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      {password === undefined ? (
        <p className="text-muted">{email} had an account already and signs in with the password it has.</p>
      ) : (
        <div className="flex flex-col gap-3">
          <Banner tone="warn">
            This initial password is shown once. Hand it over in person or through a channel that you trust.
          </Banner>
          <p className="text-muted">
            {name} signs in as <b className="font-medium text-fg">{email}</b> with:
          </p>
          <CodeBox label="Initial password" code={password} />
        </div>
      )}
    </Dialog>
  );
}
