import { GetChoice, getChoice, ListChoices, listChoices } from '@gatehouse/services/profile/draft/list-choices';
import { ListOffers, listOffers } from '@gatehouse/services/profile/draft/list-offers';

import { inTenant, router } from '../trpc.ts';

export const entryRouter = router({
  offers: inTenant.input(ListOffers).query(({ ctx, input }) => listOffers({ ctx: ctx.service, input })),
  choices: inTenant.input(ListChoices).query(({ ctx, input }) => listChoices({ ctx: ctx.service, input })),
  choice: inTenant.input(GetChoice).query(({ ctx, input }) => getChoice({ ctx: ctx.service, input })),
});
