'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useAccountTRPC } from '../../trpc/account-client.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { Form, FormError, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { LinkPage, type Link } from './link-page.tsx';
import { NewPassword } from './new-password.ts';
import { CurrentPasswordField, NewPasswordField, PasswordOwner } from './password-field.tsx';
import { useEntry } from './use-entry.ts';
import { Workspace, WorkspaceField } from './workspace-field.tsx';

type Way = 'new' | 'existing';
const WAYS = [
  { value: 'new', label: 'I am new here' },
  { value: 'existing', label: 'I have an account' },
] as const;

/** Says who invites to what, and lets the person become a member. */
export function AcceptInvitation() {
  return (
    <LinkPage kind="invitation">
      {(link, token) => (
        <>
          <h1 className="text-xl font-semibold wrap-anywhere">Join {link.workspace}</h1>
          <p className="mt-1 mb-6 text-muted wrap-anywhere">
            <b className="font-medium text-fg">{link.email}</b> is invited as {link.role}.
          </p>
          <JoinForms link={link} token={token} />
        </>
      )}
    </LinkPage>
  );
}

interface JoinProps {
  link: Link;
  token: string;
}

function JoinForms(props: JoinProps) {
  const [way, setWay] = useState<Way>('new');
  return (
    <div className="flex flex-col gap-4">
      <Choice<Way> label="How do you join?" options={WAYS} value={way} onValueChange={setWay} className="self-start" />
      {way === 'new' ? <NewAccount {...props} /> : <ExistingAccount {...props} />}
    </div>
  );
}

const NewPerson = z.object({
  name: z.string().trim().min(1, 'Enter your name.').max(120, 'Use 120 characters at most.'),
  newPassword: NewPassword,
});
type NewPerson = z.infer<typeof NewPerson>;

function NewAccount({ link, token }: JoinProps) {
  const trpc = useAccountTRPC();
  const form = useSchemaForm(NewPerson, { name: '', newPassword: '' });
  const { control } = form;
  const entry = useEntry();
  const join = useMutation(trpc.acceptInvitation.mutationOptions());

  function submit({ name, newPassword }: NewPerson): void {
    join.mutate(
      { token, account: { kind: 'new', name, newPassword } },
      { onSuccess: (joined) => entry.enter(joined, newPassword) },
    );
  }

  return (
    <Form form={form} isKept method="post" onSubmit={submit} className="flex flex-col gap-4">
      <PasswordOwner email={link.email} />
      <TextField control={control} name="name" label="Your name" size="large" autoComplete="name" />
      <NewPasswordField control={control} name="newPassword" label="Choose a password" hint="Nobody else is told." />
      <FormError<NewPerson> error={join.error} fields={{ newPassword: 'newPassword', 'account.name': 'name' }} />
      <Button type="submit" variant="primary" size="large" loading={join.isPending || entry.entering}>
        Join {link.workspace}
      </Button>
    </Form>
  );
}

const KnownPerson = z.object({
  workspace: Workspace.min(1, 'Enter the workspace that you belong to.'),
  password: z.string().min(1, 'Enter the password you have.'),
  code: z.string().trim(),
  newPassword: NewPassword,
});
type KnownPerson = z.infer<typeof KnownPerson>;

function ExistingAccount({ link, token }: JoinProps) {
  const trpc = useAccountTRPC();
  const form = useSchemaForm(KnownPerson, { workspace: '', password: '', code: '', newPassword: '' });
  const { control } = form;
  const entry = useEntry();
  const join = useMutation(trpc.acceptInvitation.mutationOptions());

  function submit({ workspace, password, code, newPassword }: KnownPerson): void {
    const account = { kind: 'existing', workspace, password, code, newPassword } as const;
    join.mutate({ token, account }, { onSuccess: (joined) => entry.enter(joined, newPassword) });
  }

  return (
    <Form form={form} isKept method="post" onSubmit={submit} className="flex flex-col gap-4">
      <PasswordOwner email={link.email} />
      <WorkspaceField
        control={control}
        name="workspace"
        label="Workspace that you belong to"
        hint="As in its address: acme for /t/acme."
      />
      <CurrentPasswordField control={control} name="password" label={`Password of ${link.email}`} />
      <TextField
        control={control}
        name="code"
        label="Code of your authenticator app"
        hint="If the account asks for one."
        size="large"
        mono
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
      />
      <NewPasswordField
        control={control}
        name="newPassword"
        label="Choose a new password"
        hint="It is for all your workspaces. Who helped you to set up the account elsewhere may know the old one, which ends now, as do the account’s passkeys."
      />
      <FormError<KnownPerson> error={join.error} fields={{ code: 'code', newPassword: 'newPassword' }} />
      <Button type="submit" variant="primary" size="large" loading={join.isPending || entry.entering}>
        Join {link.workspace}
      </Button>
    </Form>
  );
}
