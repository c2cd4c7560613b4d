import { AddLabels, addLabels } from '@gatehouse/services/agent/add-labels';
import { ArchiveAgent, archiveAgent, RestoreAgent, restoreAgent } from '@gatehouse/services/agent/archive-agent';
import { GetAgent, getAgent } from '@gatehouse/services/agent/get-agent';
import { getAgentStops } from '@gatehouse/services/agent/get-agent-stops';
import { ListAgents, listAgents } from '@gatehouse/services/agent/list-agents';
import { RevokeAgent, revokeAgent, RevokeAgents, revokeAgents } from '@gatehouse/services/agent/revoke-agent';
import { UpdateAgent, updateAgent } from '@gatehouse/services/agent/update-agent';
import { WhatStopsOf } from '@gatehouse/services/list/what-stops';

import { inTenant, router } from '../trpc.ts';

export const agentRouter = router({
  list: inTenant.input(ListAgents).query(({ ctx, input }) => listAgents({ ctx: ctx.service, input })),
  get: inTenant.input(GetAgent).query(({ ctx, input }) => getAgent({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateAgent).mutation(({ ctx, input }) => updateAgent({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getAgentStops({ ctx: ctx.service, input })),
  revoke: inTenant.input(RevokeAgent).mutation(({ ctx, input }) => revokeAgent({ ctx: ctx.service, input })),
  revokeMany: inTenant.input(RevokeAgents).mutation(({ ctx, input }) => revokeAgents({ ctx: ctx.service, input })),
  labelMany: inTenant.input(AddLabels).mutation(({ ctx, input }) => addLabels({ ctx: ctx.service, input })),
  archive: inTenant.input(ArchiveAgent).mutation(({ ctx, input }) => archiveAgent({ ctx: ctx.service, input })),
  restore: inTenant.input(RestoreAgent).mutation(({ ctx, input }) => restoreAgent({ ctx: ctx.service, input })),
});
