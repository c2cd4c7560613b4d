import {
  GrantRequest,
  grantRequest,
  RefuseRequest,
  refuseRequest,
  WithdrawAccessRequest,
  withdrawAccessRequest,
} from '@gatehouse/services/access-request/decide-access';
import { GrantRequests, grantRequests, RefuseRequests, refuseRequests } from '@gatehouse/services/access-request/decide-many';
import { ListAccessRequests, listAccessRequests } from '@gatehouse/services/access-request/list-access-requests';
import { listAskable } from '@gatehouse/services/access-request/list-askable';
import { RequestAccess, requestAccess } from '@gatehouse/services/access-request/request-access';

import { inTenant, router } from '../trpc.ts';

export const accessRequestRouter = router({
  askable: inTenant.query(({ ctx }) => listAskable({ ctx: ctx.service })),
  list: inTenant.input(ListAccessRequests).query(({ ctx, input }) => listAccessRequests({ ctx: ctx.service, input })),
  request: inTenant.input(RequestAccess).mutation(({ ctx, input }) => requestAccess({ ctx: ctx.service, input })),
  withdraw: inTenant
    .input(WithdrawAccessRequest)
    .mutation(({ ctx, input }) => withdrawAccessRequest({ ctx: ctx.service, input })),
  grant: inTenant.input(GrantRequest).mutation(({ ctx, input }) => grantRequest({ ctx: ctx.service, input })),
  refuse: inTenant.input(RefuseRequest).mutation(({ ctx, input }) => refuseRequest({ ctx: ctx.service, input })),
  grantMany: inTenant.input(GrantRequests).mutation(({ ctx, input }) => grantRequests({ ctx: ctx.service, input })),
  refuseMany: inTenant.input(RefuseRequests).mutation(({ ctx, input }) => refuseRequests({ ctx: ctx.service, input })),
});
