'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useAccountTRPC } from '../../trpc/account-client.tsx';
import { Button } from '../../ui/button.tsx';
import { Form, FormError, useSchemaForm } from '../../ui/form/form.tsx';
import { LinkPage, type Link } from './link-page.tsx';
import { NewPassword } from './new-password.ts';
import { NewPasswordField, PasswordOwner } from './password-field.tsx';
import { useEntry } from './use-entry.ts';

const Reset = z.object({ newPassword: NewPassword });
type Reset = z.infer<typeof Reset>;

/** Lets a member choose a new password for one workspace. */
export function ResetPassword() {
  return (
    <LinkPage kind="reset">
      {(link, token) => (
        <>
          <h1 className="text-xl font-semibold wrap-anywhere">New password for {link.workspace}</h1>
          <p className="mt-1 mb-6 text-muted wrap-anywhere">
            {link.byMail ? (
              <>
                <b className="font-medium text-fg">{link.email}</b> signs in with it from now on, to all workspaces of the
                account. Its sessions and passkeys end; a code of an authenticator app is still asked for.
              </>
            ) : (
              <>
                <b className="font-medium text-fg">{link.email}</b> signs in to {link.workspace} with it from now on. Other
                workspaces that you belong to keep the password they have.
              </>
            )}
          </p>
          <ResetForm link={link} token={token} />
        </>
      )}
    </LinkPage>
  );
}

function ResetForm({ link, token }: { link: Link; token: string }) {
  const trpc = useAccountTRPC();
  const form = useSchemaForm(Reset, { newPassword: '' });
  const entry = useEntry();
  const reset = useMutation(trpc.resetPassword.mutationOptions());

  function submit({ newPassword }: Reset): void {
    reset.mutate({ token, newPassword }, { onSuccess: (joined) => entry.enter(joined, newPassword) });
  }

  return (
    <Form form={form} isKept method="post" onSubmit={submit} className="flex flex-col gap-4">
      <PasswordOwner email={link.email} />
      <NewPasswordField control={form.control} name="newPassword" label="Choose a password" hint="Nobody else is told." />
      <FormError<Reset> error={reset.error} fields={{ newPassword: 'newPassword' }} />
      <Button type="submit" variant="primary" size="large" loading={reset.isPending || entry.entering}>
        Set password and sign in
      </Button>
    </Form>
  );
}
