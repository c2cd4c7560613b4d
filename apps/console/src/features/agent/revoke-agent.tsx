'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { DangerZone } from '../../ui/overlay/danger-zone.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { AgentDetail } from './agent-page.tsx';

/** Ends an agent's identity. Says what stops before it is asked. */
export function RevokeAgent({ agent }: { agent: AgentDetail }) {
  const trpc = useTRPC();
  const toast = useToast();
  const revoke = useMutation(trpc.agent.revoke.mutationOptions());

  async function confirm(): Promise<void> {
    await revoke.mutateAsync({ agentId: agent.id });
    toast({ title: `${agent.name} was revoked` });
  }

  return (
    <DangerZone
      act="Revoke agent"
      title={`Revoke ${agent.name}?`}
      words="Revoking closes the connection at once. The identity never works again; a new one needs a new enrolment."
      typedName={agent.name}
      onConfirm={confirm}
    >
      <p>It stops serving {agent.siteName} as soon as it hears of it. This cannot be undone.</p>
      <WhatStops asked={trpc.agent.whatStops.queryOptions({ ids: [agent.id] })} none="No profile is served at its site." />
    </DangerZone>
  );
}
