'use client';

import { ArchiveIcon } from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { WhatStops } from '../../../ui/entity/what-stops.tsx';
import { ConfirmDialog } from '../../../ui/overlay/dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { toReadableError } from '../../../ui/status/states.tsx';
import type { ServerDetail } from '../server-state.tsx';

/** Puts a server away, with what stops named before, and the way back offered after. */
export function ArchiveButton({ server: { id: serverId, name } }: { server: ServerDetail }) {
  const trpc = useTRPC();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const archive = useMutation(trpc.server.archive.mutationOptions());
  const restore = useMutation(
    trpc.server.restore.mutationOptions({
      onSuccess: () => toast({ title: `${name} is back` }),
      onError: (error) => toast({ title: `${name} stays archived`, description: toReadableError(error).message }),
    }),
  );
  async function confirm(): Promise<void> {
    await archive.mutateAsync({ serverId });
    toast({ title: `${name} is archived`, undo: () => restore.mutate({ serverId }) });
  }
  return (
    <>
      <Button variant="ghost" icon={ArchiveIcon} onClick={() => setAsking(true)}>
        Archive
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Archive ${name}?`}
        confirmLabel="Archive server"
        onConfirm={confirm}
      >
        <p>
          It leaves the list, no agent connects to it, and calls of it are refused at once. Its reviews and its history are kept;
          it can be restored at any time.
        </p>
        <WhatStops asked={trpc.server.whatStops.queryOptions({ ids: [serverId] })} none="No profile uses it." />
      </ConfirmDialog>
    </>
  );
}
