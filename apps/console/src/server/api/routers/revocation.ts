import { getRevocationReach } from '@gatehouse/services/revocation/get-revocation-reach';
import { ListRevocations, listRevocations } from '@gatehouse/services/revocation/list-revocations';

import { inTenant, router } from '../trpc.ts';

export const revocationRouter = router({
  list: inTenant.input(ListRevocations).query(({ ctx, input }) => listRevocations({ ctx: ctx.service, input })),
  reach: inTenant.query(({ ctx }) => getRevocationReach({ ctx: ctx.service })),
});
