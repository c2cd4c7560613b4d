import { ListChoices, listChoices } from '@gatehouse/services/profile/draft/list-choices';

import { inTenant, router } from '../trpc.ts';

export const entryRouter = router({
  choices: inTenant.input(ListChoices).query(({ ctx, input }) => listChoices({ ctx: ctx.service, input })),
});
