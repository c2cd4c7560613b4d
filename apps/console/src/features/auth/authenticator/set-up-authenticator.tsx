'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { type AccountOutput, useAccountTRPC } from '../../../trpc/account-client.tsx';
import { FormError, TextField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { CodeBox } from '../../../ui/text/copy.tsx';
import { ProvePassword } from '../prove-password.tsx';
import { QrPicture } from './qr-picture.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Asks for the password, shows the key, asks for a code of the app, and shows the recovery codes. */
export function SetUpAuthenticator({ onClose }: { onClose: () => void }) {
  const trpc = useAccountTRPC();
  const begin = useMutation(trpc.beginAuthenticator.mutationOptions());
  if (begin.data) return <ConfirmAuthenticator secret={begin.data} onClose={onClose} />;
  return (
    <ProvePassword
      title="Set up an authenticator app"
      submitLabel="Show the key"
      pending={begin.isPending}
      error={begin.error}
      onProved={(proof) => begin.mutate(proof)}
      onClose={onClose}
    >
      Whoever signs in with your password is then asked for a code that an app on your phone shows, which changes every 30
      seconds.
    </ProvePassword>
  );
}

const Shown = z.object({ code: z.string().trim().min(1, 'Enter the code that the app shows.') });
type Shown = z.infer<typeof Shown>;

function ConfirmAuthenticator({
  secret: { secret, uri },
  onClose,
}: {
  secret: AccountOutput['beginAuthenticator'];
  onClose: () => void;
}) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const form = useSchemaForm(Shown, { code: '' });
  const confirm = useMutation(
    trpc.confirmAuthenticator.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.getAuthenticator.pathFilter()),
    }),
  );
  if (confirm.data) {
    return (
      <RecoveryCodes title="The app is set up: keep these recovery codes" codes={confirm.data.recoveryCodes} onClose={onClose} />
    );
  }
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title="Add the key to your app"
      size="small"
      form={form}
      onSubmit={(shown) => confirm.mutate(shown)}
      submitLabel="Confirm"
      pending={confirm.isPending}
    >
      <p className="text-muted">Let the app read this picture, or type the key into it. Then enter the code that it shows.</p>
      <QrPicture text={uri} label="QR code with the key" />
      <CodeBox label="Key" code={secret} />
      <TextField control={form.control} name="code" label="Code" mono inputMode="numeric" autoComplete="one-time-code" />
      <FormError<Shown> error={confirm.error} fields={{ code: 'code' }} />
    </FormDialog>
  );
}
