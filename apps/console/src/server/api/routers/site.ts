import { CreateSite, createSite } from '@gatehouse/services/site/create-site';
import { listSites } from '@gatehouse/services/site/list-sites';

import { inTenant, router } from '../trpc.ts';

export const siteRouter = router({
  list: inTenant.query(({ ctx }) => listSites({ ctx: ctx.service })),
  create: inTenant.input(CreateSite).mutation(({ ctx, input }) => createSite({ ctx: ctx.service, input })),
});
