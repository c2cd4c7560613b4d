import { ListAdminAudit, listAdminAudit } from '@gatehouse/services/admin-audit/list-admin-audit';

import { inTenant, router } from '../trpc.ts';

export const adminAuditRouter = router({
  list: inTenant.input(ListAdminAudit).query(({ ctx, input }) => listAdminAudit({ ctx: ctx.service, input })),
});
