'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { AgentDetail } from './agent-page.tsx';

/** Ends an agent's identity. Says what stops before it is asked. */
export function RevokeAgent({ agent }: { agent: AgentDetail }) {
  const trpc = useTRPC();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const revoke = useMutation(trpc.agent.revoke.mutationOptions());

  async function confirm(): Promise<void> {
    await revoke.mutateAsync({ agentId: agent.id });
    toast({ title: `${agent.name} was revoked` });
  }

  const { profiles, siteName } = agent;
  const names = profiles.map(({ name }) => name).join(', ');
  return (
    <Card title="Danger zone">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">
          Revoking closes the connection at once. The identity never works again; a new one needs a new enrolment.
        </p>
        <Button variant="danger-quiet" onClick={() => setOpen(true)}>
          Revoke agent…
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Revoke ${agent.name}?`}
        confirmLabel="Revoke agent"
        typedName={agent.name}
        onConfirm={confirm}
      >
        <p>
          It stops serving {profiles.length === 0 ? 'the site' : names} at {siteName} as soon as it hears of it. AI clients that
          use it lose their tools, unless another agent of the site serves them. This cannot be undone.
        </p>
      </ConfirmDialog>
    </Card>
  );
}
