import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { AGENT_ROW, toAgentView, type AgentView } from './agent-view.ts';
import { hasLabel, LabelFilter } from './labels.ts';
import type { AgentStatus } from './status.ts';

export const ListAgents = z
  .strictObject({
    siteId: z.uuid().optional(),
    /** those that have this label: `region=eu`, or `region` with any value */
    label: LabelFilter.optional(),
    /** those that were archived, in place of those that were not */
    archived: z.boolean().default(false),
  })
  .prefault({});
export type ListAgents = z.input<typeof ListAgents>;

const WORST_FIRST: readonly AgentStatus[] = ['Quarantined', 'Offline', 'Late', 'Never connected', 'Connected', 'Revoked'];

/** Every agent of the tenant that is not archived, worst status first, then by name. */
export async function listAgents({ ctx, input }: { ctx: ServiceContext; input?: ListAgents }): Promise<AgentView[]> {
  authorize(ctx, 'agent.read');
  const { siteId, label, archived } = parseInput(ListAgents, input);
  const where = { tenantId: ctx.tenantId, siteId, archivedAt: archived ? { not: null } : null };
  const agents = await read(ctx, (tx) => tx.agent.findMany({ where, select: AGENT_ROW, orderBy: { name: 'asc' } }));
  const { now, log } = ctx.runtime;
  const at = now();
  return agents
    .map((agent) => toAgentView(agent, at, log))
    .filter(({ labels }) => label === undefined || hasLabel(labels, label))
    .toSorted((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));
}
