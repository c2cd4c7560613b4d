'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, SelectField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { Role, listAssignableRoles } from './roles.ts';

const NewInvitation = z.object({
  // what an address is, in any script, the verb says
  email: z
    .string()
    .trim()
    .regex(/^[^\s@]+@[^\s@]+$/, 'Enter a complete e-mail address.'),
  role: Role,
});
type NewInvitation = z.infer<typeof NewInvitation>;

/** Invites a person, who joins by following the link that is shown then. */
export function InviteMember({ ownRole, onClose }: { ownRole: Role | undefined; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const invite = useMutation(
    trpc.member.invite.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.member.listInvitations.pathFilter()),
    }),
  );
  const form = useSchemaForm(NewInvitation, { email: '', role: 'member' });

  if (invite.data) {
    return (
      <LinkDialog title={`${invite.variables.email} is invited`} page="invitation" link={invite.data} onClose={onClose}>
        Hand this link over. The person follows it, chooses a password that nobody else knows, and is a member then. You had it in
        hand, so in reviews the two of you do not count as two people.
      </LinkDialog>
    );
  }
  const { control } = form;
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="Invite a member"
      form={form}
      onSubmit={(input) => invite.mutate(input)}
      submitLabel="Make invitation"
      pending={invite.isPending}
    >
      <TextField control={control} name="email" label="Work e-mail" type="email" autoComplete="off" />
      <SelectField control={control} name="role" label="Role" options={listAssignableRoles(ownRole)} />
      <FormError<NewInvitation> error={invite.error} fields={{ email: 'email' }} />
    </FormDialog>
  );
}
