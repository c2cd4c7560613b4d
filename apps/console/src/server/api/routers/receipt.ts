import { GetReceipt, getReceipt } from '@gatehouse/services/receipt/get-receipt';
import { GetReceiptFilters, getReceiptFilters } from '@gatehouse/services/receipt/get-receipt-filters';
import { ListReceipts, listReceipts } from '@gatehouse/services/receipt/list-receipts';

import { inTenant, router } from '../trpc.ts';

export const receiptRouter = router({
  list: inTenant.input(ListReceipts).query(({ ctx, input }) => listReceipts({ ctx: ctx.service, input })),
  get: inTenant.input(GetReceipt).query(({ ctx, input }) => getReceipt({ ctx: ctx.service, input })),
  filters: inTenant.input(GetReceiptFilters).query(({ ctx, input }) => getReceiptFilters({ ctx: ctx.service, input })),
});
