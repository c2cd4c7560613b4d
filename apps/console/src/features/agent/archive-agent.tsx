'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import type { AgentDetail } from './agent-page.tsx';

/** Takes a revoked agent out of the lists, or back into them. */
export function ArchiveAgent({ agent }: { agent: AgentDetail }) {
  const trpc = useTRPC();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const { id: agentId, name, bufferedReceipts: missing } = agent;
  const restore = useMutation(trpc.agent.restore.mutationOptions());
  const archive = useMutation(
    trpc.agent.archive.mutationOptions({
      onSuccess: () => toast({ title: `${name} is archived`, undo: () => restore.mutate({ agentId }) }),
    }),
  );
  const isArchived = agent.archivedAt !== null;
  return (
    <Card title={isArchived ? 'Archived' : 'Archive'}>
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">
          {isArchived
            ? 'The lists leave this agent out. Receipts go on naming it.'
            : 'A revoked agent can leave the lists. Receipts go on naming it, and it can be brought back.'}
          {missing > 0 && ` ${describeCount(missing, 'receipt')} had not arrived when it was last heard of.`}
        </p>
        {isArchived ? (
          <Button loading={restore.isPending} onClick={() => restore.mutate({ agentId })}>
            Bring back
          </Button>
        ) : (
          <Button loading={archive.isPending} onClick={() => (missing > 0 ? setAsking(true) : archive.mutate({ agentId }))}>
            {missing > 0 ? 'Archive agent…' : 'Archive agent'}
          </Button>
        )}
      </div>
      {(archive.error ?? restore.error) && !asking && <ErrorLine error={archive.error ?? restore.error} className="mt-3" />}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Archive ${name} without ${describeCount(missing, 'receipt')}?`}
        confirmLabel="Archive agent"
        onConfirm={() => archive.mutateAsync({ agentId, withoutReceipts: true })}
      >
        <p>
          They had not arrived when the agent was last heard of, and a revoked agent sends nothing any more. They stay on its
          machine: keep its data directory, where they are as JSON below <code>spool</code> or <code>former</code>. The log says
          how many they were.
        </p>
      </ConfirmDialog>
    </Card>
  );
}
