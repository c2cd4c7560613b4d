import { getOverview } from '@gatehouse/services/overview/get-overview';
import { listNeeds } from '@gatehouse/services/overview/list-needs';

import { inTenant, router } from '../trpc.ts';

export const overviewRouter = router({
  get: inTenant.query(({ ctx }) => getOverview({ ctx: ctx.service })),
  needs: inTenant.query(({ ctx }) => listNeeds({ ctx: ctx.service })),
});
