'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { describeCount } from '../../ui/text/count.ts';
import type { GroupDetail } from './group-page.tsx';

/** The end of a group that has nothing any more; what it has stands above with its links. */
export function DeleteGroup({ group }: { group: GroupDetail }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const path = usePath();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const remove = useMutation(trpc.group.delete.mutationOptions());

  async function confirm(): Promise<void> {
    await remove.mutateAsync({ groupId: group.id });
    await queries.invalidateQueries(trpc.group.list.pathFilter());
    toast({ title: `${group.name} was deleted` });
    router.push(path('/groups'));
  }

  const { length } = group.profiles;
  const left = length === 0 ? null : `First take ${describeCount(length, 'profile')} from it; all of them are listed above.`;
  return (
    <Card title="Danger zone">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">
          {left === null
            ? 'It has no profile, so the group can be deleted. Its people stay in the workspace.'
            : `A group can be deleted when it has no profile. ${left}`}
        </p>
        <Button variant="danger-quiet" disabledReason={left ?? undefined} onClick={() => setOpen(true)}>
          Delete group…
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete ${group.name}?`}
        confirmLabel="Delete group"
        onConfirm={confirm}
      >
        Nothing stops working. {describeCount(group.people, 'person', 'people')} in it stay in the workspace; who was in it cannot
        be brought back.
      </ConfirmDialog>
    </Card>
  );
}
