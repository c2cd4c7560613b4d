'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { TextareaField, TextField } from '../../ui/form/form.tsx';
import { type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { EditDialog } from '../../ui/overlay/edit-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { GroupDetail } from './group-page.tsx';
import { GroupForm } from './new-group.tsx';

const VERSIONS: readonly VersionGroup<GroupForm>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'What it is for', names: ['description'], show: ({ description }) => description },
];

/** Changes what a group is called and what it is for. */
export function EditGroup({ group, onClose }: { group: GroupDetail; onClose: () => void }) {
  const toast = useToast();
  const current = useMemo(
    () => ({ revision: group.revision, values: { name: group.name, description: group.description } }),
    [group],
  );
  const edit = useEditForm(GroupForm, current);
  const { form } = edit;
  const update = useMutation(
    useTRPC().group.update.mutationOptions({
      onSuccess: (_, { name }) => {
        toast({ title: `${name} is changed` });
        onClose();
      },
    }),
  );
  return (
    <EditDialog
      title={`Edit ${group.name}`}
      onClose={onClose}
      saving={update}
      onSave={(values) => update.mutate({ groupId: group.id, ...values, revision: edit.seen.revision })}
      submitLabel="Save group"
      fields={{ name: 'name', description: 'description' }}
      edit={edit}
      groups={VERSIONS}
      readValues={(present) => GroupForm.parse(present)}
    >
      <TextField control={form.control} name="name" label="Name" maxLength={80} autoComplete="off" />
      <TextareaField control={form.control} name="description" label="What it is for" optional maxLength={500} />
    </EditDialog>
  );
}
