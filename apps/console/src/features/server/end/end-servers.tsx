'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { WhatStops } from '../../../ui/entity/what-stops.tsx';
import { BulkDialog, type BulkDialogProps } from '../../../ui/list/bulk-dialog.tsx';

export interface EndServersProps extends Pick<BulkDialogProps, 'rows' | 'onClose'> {
  act: 'archive' | 'restore';
}

/** Puts several servers away, or brings them back; the first can be undone. */
export function EndServers({ act, ...props }: EndServersProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries(trpc.server.list.pathFilter());
  const ids = props.rows.map(({ id }) => id);
  const archive = useMutation(trpc.server.archiveMany.mutationOptions({ onSuccess }));
  const restore = useMutation(trpc.server.restoreMany.mutationOptions({ onSuccess }));
  const archiveAll = (chosen: string[]) => archive.mutateAsync({ ids: chosen });
  const restoreAll = (chosen: string[]) => restore.mutateAsync({ ids: chosen });
  const noun = ['server', 'servers'] as const;
  return act === 'archive' ? (
    <BulkDialog {...props} noun={noun} verb={['Archive', 'archived']} apply={archiveAll} undo={restoreAll}>
      <p>
        No profile can call them from then on, and agents close their connections. All that was approved and recorded is kept, and
        they can be restored.
      </p>
      <WhatStops asked={trpc.server.whatStops.queryOptions({ ids })} none="No profile uses them." />
    </BulkDialog>
  ) : (
    <BulkDialog {...props} noun={noun} verb={['Restore', 'restored']} tone="primary" apply={restoreAll}>
      Those that archiving switched off are reached again at once.
    </BulkDialog>
  );
}
