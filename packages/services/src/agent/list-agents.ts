import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { AGENT_ROW, toAgentView, type AgentView } from './agent-view.ts';
import type { AgentStatus } from './status.ts';

export const ListAgents = z.strictObject({ siteId: z.uuid().optional() });
export type ListAgents = z.input<typeof ListAgents>;

const WORST_FIRST: readonly AgentStatus[] = ['Quarantined', 'Offline', 'Late', 'Never connected', 'Connected', 'Revoked'];

/** Every agent of the tenant, worst status first, then by name. */
export async function listAgents({ ctx, input = {} }: { ctx: ServiceContext; input?: ListAgents }): Promise<AgentView[]> {
  authorize(ctx, 'agent.read');
  const { siteId } = parseInput(ListAgents, input);
  const agents = await read(ctx, (tx) =>
    tx.agent.findMany({ where: { tenantId: ctx.tenantId, siteId }, select: AGENT_ROW, orderBy: { name: 'asc' } }),
  );
  const { now, log } = ctx.runtime;
  const at = now();
  return agents
    .map((agent) => toAgentView(agent, at, log))
    .toSorted((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));
}
