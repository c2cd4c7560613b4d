'use client';

import { useMutation } from '@tanstack/react-query';
import { useWatch } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { useAgents } from '../../../trpc/use-agents.ts';
import { SelectField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { ErrorLine, Bar } from '../../../ui/status/states.tsx';
import { findConnectedAgentId } from '../form/server-form.ts';
import type { ServerDetail } from '../server-state.tsx';

const Asked = z.object({ agentId: z.string().min(1) });

export interface RediscoverDialogProps {
  server: ServerDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onStarted: (discoveryId: string) => void;
}

/** Asks an agent of one of the server's sites to list its tools again. */
export function RediscoverDialog({ server, open, onOpenChange, onStarted }: RediscoverDialogProps) {
  const trpc = useTRPC();
  const agents = useAgents({ serverId: server.id }, { enabled: open });
  const here = (agents.data ?? []).filter(({ status }) => status !== 'Revoked');
  const form = useSchemaForm(Asked, { agentId: '' }, { agentId: findConnectedAgentId(here) });
  const chosen = useWatch({ control: form.control, name: 'agentId' });
  const start = useMutation(
    trpc.discovery.start.mutationOptions({
      onSuccess: ({ id }) => {
        onOpenChange(false);
        onStarted(id);
      },
    }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      size="small"
      title={`Look at ${server.name} again`}
      description="What is new or changed is off until a review, and somebody else than you has to approve it. The rest keeps working."
      form={form}
      onSubmit={({ agentId }) => start.mutate({ serverId: server.id, agentId })}
      submitLabel="Look again"
      pending={start.isPending}
      disabledReason={chosen === '' ? 'Choose an agent that is connected.' : undefined}
    >
      <Loaded query={agents} skeleton={<Bar className="h-8" />}>
        {() =>
          here.length === 0 ? (
            <p className="text-muted">No agent runs at {server.siteNames.join(', ')}.</p>
          ) : (
            <SelectField
              control={form.control}
              name="agentId"
              label="Agent"
              options={here.map(({ id, name, siteName, status }) => ({
                value: id,
                label: `${name} · ${siteName}`,
                hint: status,
              }))}
            />
          )
        }
      </Loaded>
      {start.error && <ErrorLine error={start.error} />}
    </FormDialog>
  );
}
