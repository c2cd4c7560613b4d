'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { WhatStops } from '../../../ui/entity/what-stops.tsx';
import { BulkDialog, type BulkDialogProps } from '../../../ui/list/bulk-dialog.tsx';

export interface EndProfilesProps extends Pick<BulkDialogProps, 'rows' | 'onClose'> {
  act: 'archive' | 'restore';
}

/** Puts several profiles away, or brings them back; the first can be undone. */
export function EndProfiles({ act, ...props }: EndProfilesProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries(trpc.profile.list.pathFilter());
  const ids = props.rows.map(({ id }) => id);
  const archive = useMutation(trpc.profile.archiveMany.mutationOptions({ onSuccess }));
  const restore = useMutation(trpc.profile.restoreMany.mutationOptions({ onSuccess }));
  const archiveAll = (chosen: string[]) => archive.mutateAsync({ ids: chosen });
  const restoreAll = (chosen: string[]) => restore.mutateAsync({ ids: chosen });
  const noun = ['profile', 'profiles'] as const;
  return act === 'archive' ? (
    <BulkDialog {...props} noun={noun} verb={['Archive', 'archived']} apply={archiveAll} undo={restoreAll}>
      <p>AI clients that use them are refused at once. Drafts, versions, people and keys are kept, and they can be restored.</p>
      <WhatStops asked={trpc.profile.whatStops.queryOptions({ ids })} none="None of them is served, so nothing stops." />
    </BulkDialog>
  ) : (
    <BulkDialog {...props} noun={noun} verb={['Restore', 'restored']} tone="primary" apply={restoreAll}>
      Those that archiving switched off are served again at once.
    </BulkDialog>
  );
}
