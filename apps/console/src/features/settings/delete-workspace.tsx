'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { FormError, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';
import type { Workspace } from './workspace-form.tsx';

/** The end of the workspace: asked for here, and taken back here for thirty days. */
export function DeleteWorkspace({ workspace }: { workspace: Workspace }) {
  const [open, setOpen] = useState(false);
  const { deletion } = workspace;
  return (
    <Card title="Danger zone">
      <div className="flex flex-wrap items-center justify-between gap-4">
        {deletion === null ? (
          <p className="max-w-[68ch] text-muted">
            Deleting the workspace stops everything in it at once: agents refuse every call, and nothing can be changed. After 30
            days all that is kept of it is removed. Until then an owner can take that back.
          </p>
        ) : (
          <p className="max-w-[68ch] text-muted">
            {deletion.askedBy ?? 'Somebody who has left'} asked for the end of this workspace on{' '}
            <FullTime at={deletion.askedAt} />. All that is kept of it is removed after <FullTime at={deletion.deleteAfter} />.
          </p>
        )}
        <Button variant={deletion === null ? 'danger-quiet' : 'secondary'} onClick={() => setOpen(true)}>
          {deletion === null ? 'Delete workspace…' : 'Keep this workspace…'}
        </Button>
      </div>
      {open && deletion === null && <RequestDeletion workspace={workspace} onClose={() => setOpen(false)} />}
      {open && deletion !== null && <CancelDeletion onClose={() => setOpen(false)} />}
    </Card>
  );
}

const Request = z.object({
  confirmation: z.string().trim().min(1, 'Type the slug of the workspace.'),
  password: z.string().min(1, 'Enter your password.'),
});
type Request = z.infer<typeof Request>;

function RequestDeletion({ workspace: { name, slug }, onClose }: { workspace: Workspace; onClose: () => void }) {
  const toast = useToast();
  const form = useSchemaForm(Request, { confirmation: '', password: '' });
  const request = useMutation(
    useTRPC().workspace.requestDeletion.mutationOptions({
      onSuccess: () => {
        toast({ title: `${name} is stopped`, description: 'It is removed after 30 days, unless an owner takes that back.' });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Delete ${name}?`}
      description="Every agent refuses every call at once. For 30 days an owner can take that back; then nothing of it is left."
      form={form}
      onSubmit={(input) => request.mutate(input)}
      submitLabel="Delete workspace"
      tone="danger"
      pending={request.isPending}
    >
      <ul className="ml-4 list-disc text-muted">
        <li>Agents, AI clients and their keys stop working now.</li>
        <li>Receipts and the admin log go as well: export them first if you have to keep them.</li>
        <li>People keep their accounts where they belong to other workspaces.</li>
        <li>What agents keep on their own machines stays there, and so do backups until they run out.</li>
      </ul>
      <TextField
        control={form.control}
        name="confirmation"
        label={`Type ${slug} to confirm`}
        mono
        autoComplete="off"
        spellCheck={false}
      />
      <TextField control={form.control} name="password" label="Your password" type="password" autoComplete="current-password" />
      <FormError<Request> error={request.error} fields={{ confirmation: 'confirmation', password: 'password' }} />
    </FormDialog>
  );
}

function CancelDeletion({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const cancel = useMutation(useTRPC().workspace.cancelDeletion.mutationOptions());

  async function confirm(): Promise<void> {
    await cancel.mutateAsync();
    toast({ title: 'The workspace goes on' });
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title="Keep this workspace?"
      confirmLabel="Keep workspace"
      tone="primary"
      onConfirm={confirm}
    >
      <p>
        Its agents serve again as soon as they hear of it, with the configuration and the client keys of before. Nothing was
        removed.
      </p>
    </ConfirmDialog>
  );
}
