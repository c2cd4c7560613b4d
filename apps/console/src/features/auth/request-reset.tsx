'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useAccountTRPC } from '../../trpc/account-client.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Form, FormError, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { Workspace, WorkspaceField } from './workspace-field.tsx';

const Asked = z.object({ workspace: Workspace, email: z.string().trim().min(1, 'Enter your e-mail address.') });
type Asked = z.infer<typeof Asked>;

/** Asks for a link by mail. Says the same whether there is somebody with this address or not. */
export function RequestReset({ workspace: proposed }: { workspace: string | null }) {
  const trpc = useAccountTRPC();
  const form = useSchemaForm(Asked, { workspace: proposed ?? '', email: '' });
  const { control } = form;
  const request = useMutation(trpc.requestReset.mutationOptions());
  if (request.isSuccess) {
    return (
      <div role="status">
        <p className="mb-6 text-muted wrap-anywhere">
          If <b className="font-medium text-fg">{request.variables.email}</b> is known here, a mail with a link is on its way. It
          works for an hour. Nothing came? Look where mail that nobody asked for goes, or ask an owner or admin of your workspace.
        </p>
        <LinkButton href="/login" size="large">
          Back to sign-in
        </LinkButton>
      </div>
    );
  }
  return (
    <Form
      form={form}
      isKept
      method="post"
      onSubmit={({ workspace, email }) => request.mutate({ email, workspace: workspace || null })}
      className="flex flex-col gap-4"
    >
      {proposed !== null && (
        <WorkspaceField control={control} name="workspace" label="Workspace" hint="As in its address: acme for /t/acme." />
      )}
      <TextField control={control} name="email" label="Work e-mail" type="email" size="large" autoComplete="username" />
      <FormError<Asked> error={request.error} fields={{ email: 'email', workspace: 'workspace' }} />
      <Button type="submit" variant="primary" size="large" loading={request.isPending}>
        Send me a link
      </Button>
    </Form>
  );
}
