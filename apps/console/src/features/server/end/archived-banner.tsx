'use client';

import { ArrowCounterClockwiseIcon, TrashIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { useEnded } from '../../../trpc/use-ended.ts';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { ConfirmDialog, Dialog } from '../../../ui/overlay/dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import type { ServerDetail } from '../server-state.tsx';
import { ServerUseList } from './server-use.tsx';

/** Says that a server is put away, and leads both ways: back, and out. */
export function ArchivedBanner({ server }: { server: ServerDetail }) {
  const { can } = useMe();
  const toast = useToast();
  const restore = useMutation(
    useTRPC().server.restore.mutationOptions({ onSuccess: () => toast({ title: `${server.name} is back` }) }),
  );
  return (
    <>
      <Banner
        tone="warn"
        title="This server is archived"
        action={
          can('server.manage') && (
            <>
              <Button
                size="small"
                icon={ArrowCounterClockwiseIcon}
                loading={restore.isPending}
                onClick={() => restore.mutate({ serverId: server.id })}
              >
                Restore
              </Button>
              <DeleteButton server={server} />
            </>
          )
        }
      >
        Nothing of it can be used and no agent connects to it. Its reviews and its history are kept.
      </Banner>
      {restore.error && <ErrorLine error={restore.error} />}
    </>
  );
}

/** Deleting needs that no profile names it: who does is shown with the way there. */
function DeleteButton({ server: { id: serverId, name } }: { server: ServerDetail }) {
  const trpc = useTRPC();
  const end = useEnded();
  const [asking, setAsking] = useState(false);
  const remove = useMutation(trpc.server.delete.mutationOptions());
  const use = useQuery(trpc.server.use.queryOptions({ serverId }, { enabled: asking }));
  const isUsed = (use.data?.profiles.length ?? 0) > 0;
  async function confirm(): Promise<void> {
    await end({
      run: () => remove.mutateAsync({ serverId, name }),
      list: trpc.server.list.pathFilter(),
      said: `${name} was deleted`,
      description: 'Receipts and the admin log go on naming it.',
      goTo: '/servers',
    });
  }
  return (
    <>
      <Button
        size="small"
        variant="danger-quiet"
        icon={TrashIcon}
        loading={asking && use.isLoading}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
      <Dialog
        open={asking && isUsed}
        onOpenChange={setAsking}
        size="small"
        title={`${name} cannot be deleted yet`}
        footer={<Button onClick={() => setAsking(false)}>Close</Button>}
      >
        <p className="mb-2 text-muted">A profile names it. Take it out of each draft and publish that first:</p>
        <ServerUseList serverId={serverId} />
      </Dialog>
      <ConfirmDialog
        open={asking && use.data !== undefined && !isUsed}
        onOpenChange={setAsking}
        title={`Delete ${name}?`}
        confirmLabel="Delete server"
        typedName={name}
        onConfirm={confirm}
      >
        <p className="mb-2">
          Its revisions, reviews and approvals go with it, and nothing brings them back. Receipts keep its name.
        </p>
        <ServerUseList serverId={serverId} />
      </ConfirmDialog>
      {asking && use.error && <ErrorLine error={use.error} />}
    </>
  );
}
