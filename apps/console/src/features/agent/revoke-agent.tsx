'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
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

  const { profiles, siteName } = agent;
  const names = profiles.map(({ name }) => name).join(', ');
  return (
    <DangerZone
      act="Revoke agent"
      title={`Revoke ${agent.name}?`}
      words="Revoking closes the connection at once. The identity never works again; a new one needs a new enrolment."
      typedName={agent.name}
      onConfirm={confirm}
    >
      <p>
        It stops serving {profiles.length === 0 ? 'the site' : names} at {siteName} as soon as it hears of it. AI clients that use
        it lose their tools, unless another agent of the site serves them. This cannot be undone.
      </p>
    </DangerZone>
  );
}
