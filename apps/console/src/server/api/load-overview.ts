import { listAgents } from '@gatehouse/services/agent/list-agents';
import type { ServiceContext } from '@gatehouse/services/context';
import { getOverview } from '@gatehouse/services/overview/get-overview';
import { listNeeds } from '@gatehouse/services/overview/list-needs';

/** What the overview begins with, in the forms in which the API gives it. */
export async function loadOverview(ctx: ServiceContext) {
  return {
    overview: await getOverview({ ctx }),
    needs: await listNeeds({ ctx }),
    agents: await listAgents({ ctx, input: { limit: 8 } }),
  };
}
