import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';

export interface AgentStanding {
  state: 'active' | 'revoked' | 'quarantined';
  /** of the newest accepted connection, here or at another hub */
  epoch: number;
}

/** Whether the agent may still be served, and by which connection. */
export async function checkStanding({ ctx }: { ctx: ServiceContext }): Promise<AgentStanding> {
  authorize(ctx, 'agent.connect');
  const { agentId } = requireAgent(ctx);
  const agent = await read(ctx, (tx) =>
    tx.agent.findUnique({
      where: { tenantId_id: { tenantId: ctx.tenantId, id: agentId } },
      select: { revokedAt: true, quarantinedAt: true, connectionEpoch: true },
    }),
  );
  if (!agent || agent.revokedAt) return { state: 'revoked', epoch: Number(agent?.connectionEpoch ?? 0) };
  return { state: agent.quarantinedAt ? 'quarantined' : 'active', epoch: Number(agent.connectionEpoch) };
}
