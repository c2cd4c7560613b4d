import { GetDiscovery, getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { StartDiscovery, startDiscovery } from '@gatehouse/services/discovery/start-discovery';

import { inTenant, router } from '../trpc.ts';

export const discoveryRouter = router({
  start: inTenant.input(StartDiscovery).mutation(({ ctx, input }) => startDiscovery({ ctx: ctx.service, input })),
  get: inTenant.input(GetDiscovery).query(({ ctx, input }) => getDiscovery({ ctx: ctx.service, input })),
});
