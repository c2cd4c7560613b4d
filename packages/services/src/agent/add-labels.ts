import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';
import { AgentLabels } from './labels.ts';
import { updateAgent } from './update-agent.ts';

export const AddLabels = z.strictObject({
  ids: ManyIds,
  /** those that each agent is to have beside its own; of a key that it has, this is the value */
  labels: AgentLabels,
});
export type AddLabels = z.input<typeof AddLabels>;

/** Gives each of several agents these labels; the others that it has stay. */
export async function addLabels({ ctx, input }: { ctx: ServiceContext; input: AddLabels }): Promise<ManyOutcome> {
  authorize(ctx, 'agent.manage');
  const { ids, labels } = parseInput(AddLabels, input);
  const { tenantId } = ctx;
  return applyToEach(ids, async (agentId) => {
    const agent = await read(ctx, (tx) => tx.agent.findUnique({ where: { tenantId_id: { tenantId, id: agentId } } }));
    if (!agent) throw createNotFoundError('agent');
    const { name, revision } = agent;
    await updateAgent({ ctx, input: { agentId, name, labels: { ...AgentLabels.parse(agent.labels), ...labels }, revision } });
  });
}
