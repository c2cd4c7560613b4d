import { getMe } from '../get-me.ts';
import { inTenant, router } from '../trpc.ts';

export const meRouter = router({
  get: inTenant.query(({ ctx }) => getMe(ctx.user, ctx.service)),
});
