import { FindObjects, findObjects } from '@gatehouse/services/search/find-objects';

import { inTenant, router } from '../trpc.ts';

export const searchRouter = router({
  objects: inTenant.input(FindObjects).query(({ ctx, input }) => findObjects({ ctx: ctx.service, input })),
});
