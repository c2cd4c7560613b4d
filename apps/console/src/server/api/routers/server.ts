import { WhatStopsOf } from '@gatehouse/services/list/what-stops';
import { PreviewOpenapi, previewOpenapi } from '@gatehouse/services/openapi/preview-openapi';
import { CreateServer, createServer } from '@gatehouse/services/server/create-server';
import { UpdateServer, updateServer } from '@gatehouse/services/server/edit/update-server';
import {
  ArchiveServer,
  archiveServer,
  ArchiveServers,
  archiveServers,
  restoreServer,
  restoreServers,
} from '@gatehouse/services/server/end/archive-server';
import { DeleteServer, deleteServer } from '@gatehouse/services/server/end/delete-server';
import { getServerStops } from '@gatehouse/services/server/end/get-server-stops';
import { GetServerUse, getServerUse } from '@gatehouse/services/server/end/server-use';
import { GetServer, getServer } from '@gatehouse/services/server/get-server';
import { GetServerHealth, getServerHealth } from '@gatehouse/services/server/get-server-health';
import { ImportOpenapi, importOpenapi } from '@gatehouse/services/server/import-openapi';
import { ListRevisions, listRevisions } from '@gatehouse/services/server/list-revisions';
import { ListServers, listServers } from '@gatehouse/services/server/list-servers';
import { GetProvenance, getProvenance } from '@gatehouse/services/server/provenance/get-provenance';
import { setServerLimits, SetServerLimits } from '@gatehouse/services/server/set-server-limits';
import { disableServer, enableServer, ServerSwitch } from '@gatehouse/services/server/switch-server';

import { inTenant, router } from '../trpc.ts';

export const serverRouter = router({
  create: inTenant.input(CreateServer).mutation(({ ctx, input }) => createServer({ ctx: ctx.service, input })),
  list: inTenant.input(ListServers).query(({ ctx, input }) => listServers({ ctx: ctx.service, input })),
  revisions: inTenant.input(ListRevisions).query(({ ctx, input }) => listRevisions({ ctx: ctx.service, input })),
  get: inTenant.input(GetServer).query(({ ctx, input }) => getServer({ ctx: ctx.service, input })),
  health: inTenant.input(GetServerHealth).query(({ ctx, input }) => getServerHealth({ ctx: ctx.service, input })),
  provenance: inTenant.input(GetProvenance).query(({ ctx, input }) => getProvenance({ ctx: ctx.service, input })),
  use: inTenant.input(GetServerUse).query(({ ctx, input }) => getServerUse({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateServer).mutation(({ ctx, input }) => updateServer({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getServerStops({ ctx: ctx.service, input })),
  archive: inTenant.input(ArchiveServer).mutation(({ ctx, input }) => archiveServer({ ctx: ctx.service, input })),
  restore: inTenant.input(ArchiveServer).mutation(({ ctx, input }) => restoreServer({ ctx: ctx.service, input })),
  archiveMany: inTenant.input(ArchiveServers).mutation(({ ctx, input }) => archiveServers({ ctx: ctx.service, input })),
  restoreMany: inTenant.input(ArchiveServers).mutation(({ ctx, input }) => restoreServers({ ctx: ctx.service, input })),
  delete: inTenant.input(DeleteServer).mutation(({ ctx, input }) => deleteServer({ ctx: ctx.service, input })),
  disable: inTenant.input(ServerSwitch).mutation(({ ctx, input }) => disableServer({ ctx: ctx.service, input })),
  enable: inTenant.input(ServerSwitch).mutation(({ ctx, input }) => enableServer({ ctx: ctx.service, input })),
  setLimits: inTenant.input(SetServerLimits).mutation(({ ctx, input }) => setServerLimits({ ctx: ctx.service, input })),
  // a mutation, because a description does not fit into a URL; it changes nothing
  previewOpenapi: inTenant.input(PreviewOpenapi).mutation(({ ctx, input }) => previewOpenapi({ ctx: ctx.service, input })),
  importOpenapi: inTenant.input(ImportOpenapi).mutation(({ ctx, input }) => importOpenapi({ ctx: ctx.service, input })),
});
