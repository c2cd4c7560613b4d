import { PreviewOpenapi, previewOpenapi } from '@gatehouse/services/openapi/preview-openapi';
import { CreateServer, createServer } from '@gatehouse/services/server/create-server';
import { GetServer, getServer } from '@gatehouse/services/server/get-server';
import { ImportOpenapi, importOpenapi } from '@gatehouse/services/server/import-openapi';
import { listServers } from '@gatehouse/services/server/list-servers';
import { setServerLimits, SetServerLimits } from '@gatehouse/services/server/set-server-limits';
import { disableServer, enableServer, ServerSwitch } from '@gatehouse/services/server/switch-server';

import { inTenant, router } from '../trpc.ts';

export const serverRouter = router({
  create: inTenant.input(CreateServer).mutation(({ ctx, input }) => createServer({ ctx: ctx.service, input })),
  list: inTenant.query(({ ctx }) => listServers({ ctx: ctx.service })),
  get: inTenant.input(GetServer).query(({ ctx, input }) => getServer({ ctx: ctx.service, input })),
  disable: inTenant.input(ServerSwitch).mutation(({ ctx, input }) => disableServer({ ctx: ctx.service, input })),
  enable: inTenant.input(ServerSwitch).mutation(({ ctx, input }) => enableServer({ ctx: ctx.service, input })),
  setLimits: inTenant.input(SetServerLimits).mutation(({ ctx, input }) => setServerLimits({ ctx: ctx.service, input })),
  // a mutation, because a description does not fit into a URL; it changes nothing
  previewOpenapi: inTenant.input(PreviewOpenapi).mutation(({ ctx, input }) => previewOpenapi({ ctx: ctx.service, input })),
  importOpenapi: inTenant.input(ImportOpenapi).mutation(({ ctx, input }) => importOpenapi({ ctx: ctx.service, input })),
});
