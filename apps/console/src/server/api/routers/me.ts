import { describeMe } from '../describe-me.ts';
import { inTenant, router } from '../trpc.ts';

export const meRouter = router({
  get: inTenant.query(({ ctx }) => describeMe(ctx.user, ctx.service)),
});
