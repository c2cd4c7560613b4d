'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useWatch } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, LabelledChoiceField, SelectField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { Role, listAssignableRoles } from './roles.ts';

const NewInvitation = z.object({
  // what an address is, in any script, the verb says
  email: z
    .string()
    .trim()
    .regex(/^[^\s@]+@[^\s@]+$/, 'Enter a complete e-mail address.'),
  role: Role,
  way: z.enum(['mail', 'link']),
});
const WAYS = [
  { value: 'mail', label: 'By mail' },
  { value: 'link', label: 'I hand it over' },
] as const;
type NewInvitation = z.infer<typeof NewInvitation>;

/** Invites a person, who joins by following a link: one that comes by mail, or one that is shown here. */
export function InviteMember({ ownRole, onClose }: { ownRole: Role | undefined; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const invite = useMutation(
    trpc.member.invite.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.member.listInvitations.pathFilter()),
    }),
  );
  const toast = useToast();
  const { data: me } = useQuery(trpc.me.get.queryOptions());
  const send = useMutation(
    trpc.member.sendInvitation.mutationOptions({
      onSuccess: (_, { email }) => {
        void queries.invalidateQueries(trpc.member.listInvitations.pathFilter());
        toast({ title: `${email} is invited; the mail is on its way` });
        onClose();
      },
    }),
  );
  const form = useSchemaForm(NewInvitation, { email: '', role: 'member', way: 'mail' });

  const { control } = form;
  const byMail = useWatch({ control, name: 'way' }) === 'mail' && me?.sendsMail === true;
  if (invite.data) {
    return (
      <LinkDialog title={`${invite.variables.email} is invited`} page="invitation" link={invite.data} onClose={onClose}>
        Hand this link over. The person follows it, chooses a password that nobody else knows, and is a member then. You had it in
        hand, so in reviews the two of you do not count as two people.
      </LinkDialog>
    );
  }
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="Invite a member"
      form={form}
      onSubmit={({ way, ...input }) => (me?.sendsMail && way === 'mail' ? send : invite).mutate(input)}
      submitLabel={byMail ? 'Send invitation' : 'Create invitation'}
      pending={invite.isPending || send.isPending}
    >
      <TextField control={control} name="email" label="Work e-mail" type="email" autoComplete="off" />
      <SelectField control={control} name="role" label="Role" options={listAssignableRoles(ownRole)} />
      {me?.sendsMail && (
        <div className="flex flex-col gap-1.5">
          <LabelledChoiceField control={control} name="way" label="How the link gets to the person" options={WAYS} />
        </div>
      )}
      <FormError<NewInvitation> error={invite.error ?? send.error} fields={{ email: 'email' }} />
    </FormDialog>
  );
}
