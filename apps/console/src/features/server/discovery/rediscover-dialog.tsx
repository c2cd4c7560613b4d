'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/form/select.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { ErrorLine, Skeleton } from '../../../ui/status/states.tsx';
import type { ServerDetail } from '../server-state.tsx';

export interface RediscoverDialogProps {
  server: ServerDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onStarted: (discoveryId: string) => void;
}

/** Asks an agent of one of the server's sites to list its tools again. */
export function RediscoverDialog({ server, open, onOpenChange, onStarted }: RediscoverDialogProps) {
  const trpc = useTRPC();
  const agents = useQuery(trpc.agent.list.queryOptions(undefined, { enabled: open }));
  const [chosen, setChosen] = useState<string | null>(null);
  const here = (agents.data ?? []).filter(({ siteSlug, status }) => server.siteSlugs.includes(siteSlug) && status !== 'Revoked');
  const agentId = chosen ?? here.find(({ status }) => status === 'Connected')?.id ?? null;
  const start = useMutation(
    trpc.discovery.start.mutationOptions({
      onSuccess: ({ id }) => {
        onOpenChange(false);
        onStarted(id);
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="small"
      title={`Look at ${server.name} again`}
      description="What is new or changed is off until a review. The rest keeps working."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            loading={start.isPending}
            disabledReason={agentId === null ? 'Choose an agent that is connected.' : undefined}
            onClick={() => agentId !== null && start.mutate({ serverId: server.id, agentId })}
          >
            Look again
          </Button>
        </>
      }
    >
      <Loaded query={agents} skeleton={<Skeleton className="h-8" />}>
        {() =>
          here.length === 0 ? (
            <p className="text-muted">No agent runs at {server.siteSlugs.join(', ')}.</p>
          ) : (
            <Select
              label="Agent"
              value={agentId}
              onValueChange={setChosen}
              options={here.map(({ id, name, siteSlug, status }) => ({
                value: id,
                label: `${name} · ${siteSlug}`,
                hint: status,
              }))}
            />
          )
        }
      </Loaded>
      {start.error && <ErrorLine error={start.error} className="mt-3" />}
    </Dialog>
  );
}
