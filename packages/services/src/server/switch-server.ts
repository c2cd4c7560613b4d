import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { refuseAuthorOn } from '../authors.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { buildSwitch } from '../revocation/open-stops.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { lockServer } from './require-server.ts';
import { listServerSiteIds } from './sites.ts';

export const ServerSwitch = z.strictObject({ serverId: z.uuid() });
export type ServerSwitch = z.input<typeof ServerSwitch>;

/** Takes all tools of a server out of every profile at once; nothing is lost. Throws `conflict` when it already is. */
export function disableServer({ ctx, input }: { ctx: ServiceContext; input: ServerSwitch }): Promise<{ id: string }> {
  return setServerDisabled(ctx, input, true);
}

/** Brings the still approved tools of a disabled server back. Throws `conflict` when it already is, `not_permitted` for an author. */
export function enableServer({ ctx, input }: { ctx: ServiceContext; input: ServerSwitch }): Promise<{ id: string }> {
  return setServerDisabled(ctx, input, false);
}

async function setServerDisabled(ctx: ServiceContext, input: ServerSwitch, disabled: boolean): Promise<{ id: string }> {
  authorize(ctx, 'server.manage');
  const { serverId } = parseInput(ServerSwitch, input);
  const { tenantId } = ctx;
  const action = disabled ? 'server.disable' : 'server.enable';
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const server = await lockServer(tx, tenantId, serverId);
    if ((server.disabledAt !== null) === disabled) {
      throw new ServiceError('conflict', `${server.name} is already ${disabled ? 'disabled' : 'enabled'}. Reload the page.`);
    }
    if (!disabled) await refuseAuthorOn(tx, ctx, { entityType: 'server', id: serverId, permission: 'server.manage' });
    const disabledAt = disabled ? ctx.runtime.now() : null;
    await tx.server.update({ where: { tenantId_id: { tenantId, id: serverId } }, data: { disabledAt } });
    const auditId = createActId();
    await audit({
      id: auditId,
      action,
      entityType: 'server',
      entityId: serverId,
      before: { disabled: !disabled },
      after: { disabled },
    });
    const subject = { kind: 'server', id: serverId } as const;
    await writeRevocations(mutation, ctx, await buildSwitch(tx, { tenantId, auditId, subject, isOff: disabled }));
    await writeConfigurations(mutation, ctx, await listServerSiteIds(tx, tenantId, serverId), action, { catalogue: true });
    signal('server', serverId);
    return { id: serverId };
  });
}
