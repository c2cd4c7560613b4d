import { GetReceipt, getReceipt } from '@gatehouse/services/receipt/get-receipt';
import { ListReceipts, listReceipts } from '@gatehouse/services/receipt/list-receipts';
import { receiptFilters } from '@gatehouse/services/receipt/receipt-filters';

import { inTenant, router } from '../trpc.ts';

export const receiptRouter = router({
  list: inTenant.input(ListReceipts).query(({ ctx, input }) => listReceipts({ ctx: ctx.service, input })),
  get: inTenant.input(GetReceipt).query(({ ctx, input }) => getReceipt({ ctx: ctx.service, input })),
  filters: inTenant.query(({ ctx }) => receiptFilters({ ctx: ctx.service })),
});
