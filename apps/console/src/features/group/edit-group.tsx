'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { CHOOSE_FIRST, EditConflictNotice } from '../../ui/form/edit-conflict.tsx';
import { FormError, TextareaField, TextField } from '../../ui/form/form.tsx';
import { readEditConflict, type VersionGroup } from '../../ui/form/merge-versions.ts';
import { useEditForm } from '../../ui/form/use-edit-form.ts';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
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
  const conflict = readEditConflict(update.error);
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Edit ${group.name}`}
      form={form}
      onSubmit={(values) => update.mutate({ groupId: group.id, ...values, revision: edit.seen.revision })}
      submitLabel="Save group"
      pending={update.isPending}
      disabled={!form.formState.isDirty}
      disabledReason={conflict ? CHOOSE_FIRST : undefined}
    >
      <TextField control={form.control} name="name" label="Name" maxLength={80} autoComplete="off" />
      <TextareaField control={form.control} name="description" label="What it is for" optional maxLength={500} />
      {conflict ? (
        <EditConflictNotice
          conflict={conflict}
          edit={edit}
          groups={VERSIONS}
          readValues={(present) => GroupForm.parse(present)}
          onMerged={update.reset}
        />
      ) : (
        <FormError<GroupForm> error={update.error} fields={{ name: 'name', description: 'description' }} />
      )}
    </FormDialog>
  );
}
