'use client';

import { PowerIcon } from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import type { ProfileDetail } from './draft/draft.ts';

/** Disables or enables a profile, after saying what that does. */
export function ProfileSwitch({ profile: { id, name, disabledAt, canEnable } }: Pick<ProfileDetail, 'profile'>) {
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const disable = useMutation(trpc.profile.disable.mutationOptions());
  const enable = useMutation(trpc.profile.enable.mutationOptions());
  const disabled = disabledAt !== null;
  const word = disabled ? 'Enable' : 'Disable';
  return (
    <>
      <Button variant="ghost" icon={PowerIcon} disabledReason={canEnable.reason ?? undefined} onClick={() => setAsking(true)}>
        {word}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`${word} ${name}?`}
        tone={disabled ? 'primary' : 'danger'}
        confirmLabel={`${word} profile`}
        onConfirm={() => (disabled ? enable : disable).mutateAsync({ profileId: id })}
      >
        {disabled
          ? 'Its published version is served again as soon as the agents have the new configuration. People and keys are as they were.'
          : 'Its endpoint refuses every call from the moment the agents have the new configuration. Draft, versions, people and keys stay, and it can be enabled again at any time.'}
      </ConfirmDialog>
    </>
  );
}
