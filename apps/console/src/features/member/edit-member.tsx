'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Control, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { CheckboxField, SelectField, TextField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Member } from './member-list.tsx';
import { Role, listAssignableRoles, describeRole } from './roles.ts';

const EditedMember = z.object({ name: z.string().trim().min(1, 'Enter a name.'), role: Role, readsValues: z.boolean() });
type EditedMember = z.infer<typeof EditedMember>;

const GROUPS: readonly VersionGroup<EditedMember>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Role', names: ['role'], show: ({ role }) => describeRole(role) },
  {
    label: 'Values of calls',
    names: ['readsValues'],
    show: ({ readsValues }) => (readsValues ? 'reads them' : 'does not read them'),
  },
];

/** Those who see calls of others, and values of them by grant. */
const GRANTED: readonly Role[] = ['admin', 'reviewer', 'auditor'];

/** Says nothing of values in a role that takes no grant. */
const toInput = ({ readsValues, ...values }: EditedMember) => ({
  ...values,
  ...(GRANTED.includes(values.role) && { readsValues }),
});

export interface EditMemberProps {
  member: Member;
  ownRole: Role | undefined;
  onClose: () => void;
}

/** Changes what somebody is called here, the role, and whether values of calls may be read; all hold from the next request on. */
export function EditMember({ member, ownRole, onClose }: EditMemberProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const { name, role, readsValues, revision } = member;
  const edit = useEditForm(EditedMember, { revision, values: { name, role, readsValues } });
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
  return (
    <EditDialog
      title={`Edit ${member.name}`}
      description={member.email}
      onClose={onClose}
      saving={update}
      onSave={(values) => update.mutate({ ...toInput(values), membershipId: member.id, revision: edit.seen.revision })}
      submitLabel="Save member"
      fields={{ name: 'name', role: 'role' }}
      edit={edit}
      groups={GROUPS}
      readValues={(present) => EditedMember.parse(present)}
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
      <ValuesField control={form.control} />
    </EditDialog>
  );
}

/** The grant where the chosen role takes one; else what the role has instead. */
function ValuesField({ control }: { control: Control<EditedMember> }) {
  const role = useWatch({ control, name: 'role' });
  if (GRANTED.includes(role)) {
    return (
      <CheckboxField
        control={control}
        name="readsValues"
        label="May read values of other people’s calls"
        hint="What arguments and results say where a reviewer marked a field. The admin log has each reading."
      />
    );
  }
  return (
    <p className="text-xs text-subtle">
      {role === 'owner' ? 'Owners read values of all calls.' : 'This role sees the own calls alone.'}
    </p>
  );
}
