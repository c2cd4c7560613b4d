import { getAdminAuditFilters } from '@gatehouse/services/admin-audit/get-admin-audit-filters';
import { ListAdminAudit, listAdminAudit } from '@gatehouse/services/admin-audit/list-admin-audit';

import { inTenant, router } from '../trpc.ts';

export const adminAuditRouter = router({
  filters: inTenant.query(({ ctx }) => getAdminAuditFilters({ ctx: ctx.service })),
  list: inTenant.input(ListAdminAudit).query(({ ctx, input }) => listAdminAudit({ ctx: ctx.service, input })),
});
