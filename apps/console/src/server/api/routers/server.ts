import { CreateServer, createServer } from '@gatehouse/services/server/create-server';
import { DisableServer, disableServer } from '@gatehouse/services/server/disable-server';
import { EnableServer, enableServer } from '@gatehouse/services/server/enable-server';
import { GetServer, getServer } from '@gatehouse/services/server/get-server';
import { listServers } from '@gatehouse/services/server/list-servers';

import { inTenant, router } from '../trpc.ts';

export const serverRouter = router({
  create: inTenant.input(CreateServer).mutation(({ ctx, input }) => createServer({ ctx: ctx.service, input })),
  list: inTenant.query(({ ctx }) => listServers({ ctx: ctx.service })),
  get: inTenant.input(GetServer).query(({ ctx, input }) => getServer({ ctx: ctx.service, input })),
  disable: inTenant.input(DisableServer).mutation(({ ctx, input }) => disableServer({ ctx: ctx.service, input })),
  enable: inTenant.input(EnableServer).mutation(({ ctx, input }) => enableServer({ ctx: ctx.service, input })),
});
