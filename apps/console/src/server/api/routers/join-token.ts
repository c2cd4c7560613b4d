import { CreateJoinToken, createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { GetJoinToken, getJoinToken } from '@gatehouse/services/join-token/get-join-token';
import { ListJoinTokens, listJoinTokens } from '@gatehouse/services/join-token/list-join-tokens';
import {
  RevokeJoinToken,
  revokeJoinToken,
  RevokeJoinTokens,
  revokeJoinTokens,
} from '@gatehouse/services/join-token/revoke-join-token';

import { inTenant, router } from '../trpc.ts';

export const joinTokenRouter = router({
  create: inTenant.input(CreateJoinToken).mutation(({ ctx, input }) => createJoinToken({ ctx: ctx.service, input })),
  list: inTenant.input(ListJoinTokens).query(({ ctx, input }) => listJoinTokens({ ctx: ctx.service, input })),
  get: inTenant.input(GetJoinToken).query(({ ctx, input }) => getJoinToken({ ctx: ctx.service, input })),
  revoke: inTenant.input(RevokeJoinToken).mutation(({ ctx, input }) => revokeJoinToken({ ctx: ctx.service, input })),
  revokeMany: inTenant.input(RevokeJoinTokens).mutation(({ ctx, input }) => revokeJoinTokens({ ctx: ctx.service, input })),
});
