import { CreateClientKey, createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { EndClientSessions, endClientSessions } from '@gatehouse/services/client-key/end-client-sessions';
import { GetKeyStops, getKeyStops } from '@gatehouse/services/client-key/get-key-stops';
import { ListClientKeys, listClientKeys } from '@gatehouse/services/client-key/list-client-keys';
import { RevokeClientKey, revokeClientKey, RevokeEachKey, revokeEachKey } from '@gatehouse/services/client-key/revoke-client-key';
import { RevokeClientKeys, revokeClientKeys } from '@gatehouse/services/client-key/revoke-client-keys';

import { inTenant, router } from '../trpc.ts';

export const clientKeyRouter = router({
  create: inTenant.input(CreateClientKey).mutation(({ ctx, input }) => createClientKey({ ctx: ctx.service, input })),
  list: inTenant.input(ListClientKeys).query(({ ctx, input }) => listClientKeys({ ctx: ctx.service, input })),
  endSessions: inTenant.input(EndClientSessions).mutation(({ ctx, input }) => endClientSessions({ ctx: ctx.service, input })),
  revokeAll: inTenant.input(RevokeClientKeys).mutation(({ ctx, input }) => revokeClientKeys({ ctx: ctx.service, input })),
  whatStops: inTenant.input(GetKeyStops).query(({ ctx, input }) => getKeyStops({ ctx: ctx.service, input })),
  revoke: inTenant.input(RevokeClientKey).mutation(({ ctx, input }) => revokeClientKey({ ctx: ctx.service, input })),
  revokeMany: inTenant.input(RevokeEachKey).mutation(({ ctx, input }) => revokeEachKey({ ctx: ctx.service, input })),
});
