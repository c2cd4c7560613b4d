import { WhatStopsOf } from '@gatehouse/services/list/what-stops';
import { CreateSite, createSite } from '@gatehouse/services/site/create-site';
import { DeleteSite, deleteSite } from '@gatehouse/services/site/delete-site';
import { GetSite, getSite } from '@gatehouse/services/site/get-site';
import { getSiteStops } from '@gatehouse/services/site/get-site-stops';
import { ListSites, listSites } from '@gatehouse/services/site/list-sites';
import { UpdateSite, updateSite } from '@gatehouse/services/site/update-site';

import { inTenant, router } from '../trpc.ts';

export const siteRouter = router({
  list: inTenant.input(ListSites).query(({ ctx, input }) => listSites({ ctx: ctx.service, input })),
  get: inTenant.input(GetSite).query(({ ctx, input }) => getSite({ ctx: ctx.service, input })),
  create: inTenant.input(CreateSite).mutation(({ ctx, input }) => createSite({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateSite).mutation(({ ctx, input }) => updateSite({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getSiteStops({ ctx: ctx.service, input })),
  delete: inTenant.input(DeleteSite).mutation(({ ctx, input }) => deleteSite({ ctx: ctx.service, input })),
});
