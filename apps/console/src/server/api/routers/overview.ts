import { getOverview } from '@gatehouse/services/overview/get-overview';

import { inTenant, router } from '../trpc.ts';

export const overviewRouter = router({
  get: inTenant.query(({ ctx }) => getOverview({ ctx: ctx.service })),
});
