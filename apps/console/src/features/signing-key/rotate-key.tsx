'use client';

import { KeyIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { SigningKeys } from './signing-key-words.ts';

/** Replaces the key that signs. Says what that means for agents before it is asked. */
export function RotateKey({ keys: { lagging } }: { keys: SigningKeys }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const { me } = useMe();
  const [open, setOpen] = useState(false);
  const rotate = useMutation(trpc.signingKey.rotate.mutationOptions());

  async function confirm(): Promise<void> {
    await rotate.mutateAsync();
    await queries.invalidateQueries(trpc.signingKey.pathFilter());
    toast({ title: 'The signing key was rotated' });
  }

  return (
    <>
      <Button
        variant="primary"
        icon={KeyIcon}
        disabledReason={lagging.total > 0 ? 'Some agents could not follow. Update or revoke them first.' : undefined}
        onClick={() => setOpen(true)}
      >
        Rotate key…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Rotate the signing key?"
        confirmLabel="Rotate key"
        typedName={me?.tenantSlug}
        onConfirm={confirm}
      >
        <p>
          A new key signs from now on. The key before it is retired for good: what it signs is refused by every agent that has
          heard of this. Connected agents follow within a minute and go on serving; the others follow when they connect. No agent
          is enrolled anew. This cannot be undone, only repeated.
        </p>
        {me && (
          <p className="mt-2">
            <span className="font-mono">{me.tenantSlug}</span> is how this workspace is called in its addresses.
          </p>
        )}
      </ConfirmDialog>
    </>
  );
}
