'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { SelectField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import type { Member } from './member-list.tsx';
import { Role, listAssignableRoles, describeRole } from './roles.ts';

const NewRole = z.object({ role: Role });

export interface ChangeRoleProps {
  member: Member;
  ownRole: Role | undefined;
  onClose: () => void;
}

/** Gives somebody another role; it holds from the next request on. */
export function ChangeRole({ member, ownRole, onClose }: ChangeRoleProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const form = useSchemaForm(NewRole, { role: member.role });
  const change = useMutation(
    trpc.member.changeRole.mutationOptions({
      onSuccess: (_, { role }) => {
        void queries.invalidateQueries(trpc.member.list.pathFilter());
        toast({ title: `${member.name} is now ${describeRole(role)}` });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Role of ${member.name}`}
      description="It holds from the next request on."
      form={form}
      onSubmit={({ role }) => change.mutate({ membershipId: member.id, role })}
      submitLabel="Change role"
      pending={change.isPending}
      disabled={!form.formState.isDirty}
    >
      <SelectField control={form.control} name="role" label="Role" options={listAssignableRoles(ownRole)} />
      {change.error && <ErrorLine error={change.error} />}
    </FormDialog>
  );
}
