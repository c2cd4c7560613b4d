'use client';

import type { ApiOutput } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import type { ProfileDetail } from '../draft/draft.ts';

/** Before somebody publishes what the owner of the profile has to agree to; nothing where nobody else is asked. */
export function OwnerNote({ asks }: { asks: ProfileDetail['asks'] }) {
  if (asks === null || asks.isYou) return null;
  return (
    <p>
      <span className="font-medium">{asks.owner.name}</span> {asks.owner.kind === 'group' ? 'own it and have' : 'owns it and has'}{' '}
      to agree: until then it waits, and nothing of it is served. An owner of the workspace can go on without, with a reason.
    </p>
  );
}

export interface WaitingDialogProps {
  open: boolean;
  settled: Pick<ApiOutput['profile']['publish'], 'version' | 'asks' | 'requestId'>;
  onClose: () => void;
}

/** It is published, and waits for the owner of the profile. */
export function WaitingDialog({ open, settled: { version, asks, requestId }, onClose }: WaitingDialogProps) {
  const path = usePath();
  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title={`Version ${version} waits for ${asks} to agree`}
      description="Nothing of it is served yet. As soon as that is agreed to, it is published in your name."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <LinkButton href={path(`/publish-requests/${requestId}`)} variant="primary">
            Look at it
          </LinkButton>
        </>
      }
    >
      <p className="text-muted">An owner of the workspace can go on without, with a reason that everybody sees.</p>
    </Dialog>
  );
}
