'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useAccountTRPC } from '../../../trpc/account-client.tsx';
import { Button } from '../../../ui/button.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { DayTime } from '../../../ui/text/relative-time.tsx';
import { AccountSection, LineSkeleton } from '../account-section.tsx';
import { ProvePassword } from '../prove-password.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SetUpAuthenticator } from './set-up-authenticator.tsx';

type Act = 'set-up' | 'renew' | 'remove';

/** Whether a code is asked for beside the password, and how to change that. */
export function Authenticator() {
  const trpc = useAccountTRPC();
  const [act, setAct] = useState<Act | null>(null);
  const found = useQuery(trpc.getAuthenticator.queryOptions());
  const close = () => setAct(null);
  return (
    <AccountSection title="Authenticator app">
      <Loaded query={found} skeleton={<LineSkeleton />} errorTitle="How you sign in could not be loaded">
        {({ confirmedAt, codesLeft }) =>
          confirmedAt === null ? (
            <>
              <p className="text-muted">Not set up: your password alone opens your account.</p>
              <Button className="mt-3" onClick={() => setAct('set-up')}>
                Set up an authenticator app
              </Button>
            </>
          ) : (
            <>
              <p className="text-muted">
                A code is asked for beside your password since <DayTime at={confirmedAt} />.{' '}
                {codesLeft === 1 ? '1 recovery code is' : `${codesLeft} recovery codes are`} left.
              </p>
              <div className="mt-3 flex flex-wrap gap-2">
                <Button onClick={() => setAct('renew')}>Make new recovery codes</Button>
                <Button variant="danger-quiet" onClick={() => setAct('remove')}>
                  Remove the app
                </Button>
              </div>
            </>
          )
        }
      </Loaded>
      {act === 'set-up' && <SetUpAuthenticator onClose={close} />}
      {act === 'renew' && <RenewCodes onClose={close} />}
      {act === 'remove' && <RemoveAuthenticator onClose={close} />}
    </AccountSection>
  );
}

function RenewCodes({ onClose }: { onClose: () => void }) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const renew = useMutation(
    trpc.renewRecoveryCodes.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.getAuthenticator.pathFilter()),
    }),
  );
  if (renew.data) return <RecoveryCodes title="New recovery codes" codes={renew.data.recoveryCodes} onClose={onClose} />;
  return (
    <ProvePassword
      title="Make new recovery codes?"
      submitLabel="Make new codes"
      pending={renew.isPending}
      error={renew.error}
      onProved={(proof) => renew.mutate(proof)}
      onClose={onClose}
    >
      The ones that you have work no more.
    </ProvePassword>
  );
}

function RemoveAuthenticator({ onClose }: { onClose: () => void }) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.removeAuthenticator.mutationOptions({
      onSuccess: () => {
        toast({ title: 'No code is asked for any more' });
        onClose();
      },
      onSettled: () => queries.invalidateQueries(trpc.getAuthenticator.pathFilter()),
    }),
  );
  return (
    <ProvePassword
      title="Remove the authenticator app?"
      submitLabel="Remove the app"
      tone="danger"
      pending={remove.isPending}
      error={remove.error}
      onProved={(proof) => remove.mutate(proof)}
      onClose={onClose}
    >
      Your password alone opens your account then, and your recovery codes are gone.
    </ProvePassword>
  );
}
