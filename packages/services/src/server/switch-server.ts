import { z } from 'zod';

import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { setDisabled, type Switchable } from '../revocation/set-disabled.ts';
import { lockServer } from './require-server.ts';
import { listServerSiteIds } from './sites.ts';

export const ServerSwitch = z.strictObject({ serverId: z.uuid() });
export type ServerSwitch = z.input<typeof ServerSwitch>;

const SERVER: Switchable<ServerSwitch> = {
  entityType: 'server',
  permission: 'server.manage',
  readId: (input) => parseInput(ServerSwitch, input).serverId,
  lock: lockServer,
  listSiteIds: listServerSiteIds,
};

/** Takes all tools of a server out of every profile at once; nothing is lost. Throws `conflict` when it already is. */
export function disableServer({ ctx, input }: { ctx: ServiceContext; input: ServerSwitch }): Promise<{ id: string }> {
  return setDisabled(ctx, SERVER, { input, disabled: true });
}

/** Brings the still approved tools of a disabled server back. Throws `conflict` when it already is, `not_permitted` for an author. */
export function enableServer({ ctx, input }: { ctx: ServiceContext; input: ServerSwitch }): Promise<{ id: string }> {
  return setDisabled(ctx, SERVER, { input, disabled: false });
}
