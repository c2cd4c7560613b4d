'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { FormError, TextareaField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';

export const GroupForm = z.object({ name: z.string().trim().min(1, 'Enter a name.'), description: z.string().trim() });
export type GroupForm = z.infer<typeof GroupForm>;

/** Name and purpose; people and profiles follow on its page. */
export function NewGroup({ onClose }: { onClose: () => void }) {
  const path = usePath();
  const router = useRouter();
  const form = useSchemaForm(GroupForm, { name: '', description: '' });
  const create = useMutation(
    useTRPC().group.create.mutationOptions({ onSuccess: ({ id }) => router.push(path(`/groups/${id}`)) }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="New group"
      description="Nobody is in it yet, and it has nothing."
      form={form}
      onSubmit={(values) => create.mutate(values)}
      submitLabel="Create group"
      pending={create.isPending || create.isSuccess}
    >
      <TextField control={form.control} name="name" label="Name" maxLength={80} autoComplete="off" />
      <TextareaField
        control={form.control}
        name="description"
        label="What it is for"
        optional
        maxLength={500}
        hint="Shown beside the name wherever a group is chosen."
      />
      <FormError<GroupForm> error={create.error} fields={{ name: 'name', description: 'description' }} />
    </FormDialog>
  );
}
