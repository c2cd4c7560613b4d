import { GetAgent, getAgent } from '@gatehouse/services/agent/get-agent';
import { listAgents } from '@gatehouse/services/agent/list-agents';
import { RevokeAgent, revokeAgent } from '@gatehouse/services/agent/revoke-agent';

import { inTenant, router } from '../trpc.ts';

export const agentRouter = router({
  list: inTenant.query(({ ctx }) => listAgents({ ctx: ctx.service })),
  get: inTenant.input(GetAgent).query(({ ctx, input }) => getAgent({ ctx: ctx.service, input })),
  revoke: inTenant.input(RevokeAgent).mutation(({ ctx, input }) => revokeAgent({ ctx: ctx.service, input })),
});
