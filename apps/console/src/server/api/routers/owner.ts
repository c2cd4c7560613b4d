import { SetApprovers, setApprovers } from '@gatehouse/services/approver/set-approvers';
import { listOwned } from '@gatehouse/services/owner/list-owned';
import { SetProfileOwner, setProfileOwner, SetServerOwner, setServerOwner } from '@gatehouse/services/owner/set-owner';

import { inTenant, router } from '../trpc.ts';

export const ownerRouter = router({
  owned: inTenant.query(({ ctx }) => listOwned({ ctx: ctx.service })),
  setOfProfile: inTenant.input(SetProfileOwner).mutation(({ ctx, input }) => setProfileOwner({ ctx: ctx.service, input })),
  setApprovers: inTenant.input(SetApprovers).mutation(({ ctx, input }) => setApprovers({ ctx: ctx.service, input })),
  setOfServer: inTenant.input(SetServerOwner).mutation(({ ctx, input }) => setServerOwner({ ctx: ctx.service, input })),
});
