'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { CHOOSE_FIRST, EditConflictNotice } from '../../ui/form/edit-conflict.tsx';
import { FormError, SelectField, TextField } from '../../ui/form/form.tsx';
import { readEditConflict, type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Member } from './member-list.tsx';
import { Role, listAssignableRoles, describeRole } from './roles.ts';

const EditedMember = z.object({ name: z.string().trim().min(1, 'Enter a name.'), role: Role });
type EditedMember = z.infer<typeof EditedMember>;

const GROUPS: readonly VersionGroup<EditedMember>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Role', names: ['role'], show: ({ role }) => describeRole(role) },
];

export interface EditMemberProps {
  member: Member;
  ownRole: Role | undefined;
  onClose: () => void;
}

/** Changes what somebody is called here, and the role; both hold from the next request on. */
export function EditMember({ member, ownRole, onClose }: EditMemberProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const { name, role, revision } = member;
  const edit = useEditForm(EditedMember, { revision, values: { name, role } });
  const { form } = edit;
  const update = useMutation(
    trpc.member.update.mutationOptions({
      onSuccess: (_, saved) => {
        void queries.invalidateQueries(trpc.member.list.pathFilter());
        toast({ title: `${saved.name} is ${describeRole(saved.role)}` });
        onClose();
      },
    }),
  );
  const conflict = readEditConflict(update.error);
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Edit ${member.name}`}
      description={member.email}
      form={form}
      onSubmit={(values) => update.mutate({ membershipId: member.id, ...values, revision: edit.seen.revision })}
      submitLabel="Save member"
      pending={update.isPending}
      disabled={!form.formState.isDirty}
      disabledReason={conflict ? CHOOSE_FIRST : undefined}
    >
      <TextField
        control={form.control}
        name="name"
        label="Name"
        hint="In this workspace alone: reviews, receipts and the log show it. The person's account keeps its own."
        maxLength={80}
        autoComplete="off"
      />
      <SelectField control={form.control} name="role" label="Role" options={listAssignableRoles(ownRole)} />
      {conflict ? (
        <EditConflictNotice
          conflict={conflict}
          edit={edit}
          groups={GROUPS}
          readValues={(present) => EditedMember.parse(present)}
          onMerged={update.reset}
        />
      ) : (
        <FormError<EditedMember> error={update.error} fields={{ name: 'name', role: 'role' }} />
      )}
    </FormDialog>
  );
}
