import { getSigningKeys } from '@gatehouse/services/keyset/get-signing-keys';
import { rotateSigningKey } from '@gatehouse/services/keyset/rotate-signing-key';

import { inTenant, router } from '../trpc.ts';

export const signingKeyRouter = router({
  get: inTenant.query(({ ctx }) => getSigningKeys({ ctx: ctx.service })),
  rotate: inTenant.mutation(({ ctx }) => rotateSigningKey({ ctx: ctx.service })),
});
