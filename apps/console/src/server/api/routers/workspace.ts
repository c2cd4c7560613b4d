import { getWorkspace } from '@gatehouse/services/tenant/get-workspace';
import { cancelDeletion, RequestDeletion, requestDeletion } from '@gatehouse/services/tenant/request-deletion';
import { UpdateWorkspace, updateWorkspace } from '@gatehouse/services/tenant/update-workspace';

import { inTenant, router } from '../trpc.ts';

export const workspaceRouter = router({
  get: inTenant.query(({ ctx }) => getWorkspace({ ctx: ctx.service })),
  update: inTenant.input(UpdateWorkspace).mutation(({ ctx, input }) => updateWorkspace({ ctx: ctx.service, input })),
  requestDeletion: inTenant.input(RequestDeletion).mutation(({ ctx, input }) => requestDeletion({ ctx: ctx.service, input })),
  cancelDeletion: inTenant.mutation(({ ctx }) => cancelDeletion({ ctx: ctx.service })),
});
