import { z } from 'zod';

import { createActId } from '../../audit/act-id.ts';
import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../../list/apply-to-each.ts';
import { applySwitch } from '../../revocation/apply-switch.ts';
import { maySwitchOn } from '../../revocation/may-switch-on.ts';
import { tryConfigurations } from '../../snapshot/try-configurations.ts';
import { lockServer } from '../require-server.ts';
import { listServerSiteIds } from '../sites.ts';

export const ArchiveServer = z.strictObject({ serverId: z.uuid() });
export type ArchiveServer = z.input<typeof ArchiveServer>;

/**
 * Puts a server away: out of the lists, connected to by no agent, and at once callable through no profile, as one that is disabled. Everything of it
 * is kept. Throws `conflict` when it already is, `not_found`.
 */
export async function archiveServer({ ctx, input }: { ctx: ServiceContext; input: ArchiveServer }): Promise<{ id: string }> {
  authorize(ctx, 'server.manage');
  const { serverId: id } = parseInput(ArchiveServer, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { name, archivedAt, disabledAt } = await lockServer(tx, tenantId, id);
    if (archivedAt !== null) throw new ServiceError('conflict', `${name} is already archived. Reload the page.`);
    const now = ctx.runtime.now();
    const isDisabled = disabledAt !== null;
    // equal times say that archiving disabled it
    const times = { archivedAt: now, ...(!isDisabled && { disabledAt: now }) };
    await tx.server.update({ where: { tenantId_id: { tenantId, id } }, data: times });
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'server.archive',
      entityType: 'server',
      entityId: id,
      before: { archived: false, disabled: isDisabled },
      after: { archived: true, disabled: true },
    });
    const siteIds = await listServerSiteIds(tx, tenantId, id);
    const reason = 'server.archive';
    // what was off already has its stop in the log
    if (isDisabled) await tryConfigurations(mutation, ctx, siteIds, reason, { catalogue: true });
    else await applySwitch(mutation, ctx, { subject: { kind: 'server', id }, auditId, isOff: true, siteIds, reason });
    signal('server', id);
    return { id };
  });
}

/**
 * Brings an archived server back as it was: enabled only where archiving disabled it. Throws `conflict` when it is not archived, `not_permitted` for
 * an author whom it would enable it for although somebody else archived it, `not_found`.
 */
export async function restoreServer({ ctx, input }: { ctx: ServiceContext; input: ArchiveServer }): Promise<{ id: string }> {
  authorize(ctx, 'server.manage');
  const { serverId: id } = parseInput(ArchiveServer, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { name, archivedAt, disabledAt } = await lockServer(tx, tenantId, id);
    if (archivedAt === null) throw new ServiceError('conflict', `${name} is not archived. Reload the page.`);
    const isEnabled = disabledAt?.getTime() === archivedAt.getTime();
    if (isEnabled) {
      const permitted = await maySwitchOn(tx, ctx, { entityType: 'server', id, permission: 'server.manage', by: 'archive' });
      if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);
    }
    const times = { archivedAt: null, ...(isEnabled && { disabledAt: null }) };
    await tx.server.update({ where: { tenantId_id: { tenantId, id } }, data: times });
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'server.restore',
      entityType: 'server',
      entityId: id,
      before: { archived: true, disabled: true },
      after: { archived: false, disabled: !isEnabled },
    });
    if (isEnabled) {
      const siteIds = await listServerSiteIds(tx, tenantId, id);
      await applySwitch(mutation, ctx, {
        subject: { kind: 'server', id },
        auditId,
        isOff: false,
        siteIds,
        reason: 'server.restore',
      });
    }
    signal('server', id);
    return { id };
  });
}

export const ArchiveServers = z.strictObject({ ids: ManyIds });
export type ArchiveServers = z.input<typeof ArchiveServers>;

/** Puts each of several servers away. */
export async function archiveServers({ ctx, input }: { ctx: ServiceContext; input: ArchiveServers }): Promise<ManyOutcome> {
  authorize(ctx, 'server.manage');
  const { ids } = parseInput(ArchiveServers, input);
  return applyToEach(ids, (id) => archiveServer({ ctx, input: { serverId: id } }));
}

/** Brings each of several servers back. */
export async function restoreServers({ ctx, input }: { ctx: ServiceContext; input: ArchiveServers }): Promise<ManyOutcome> {
  authorize(ctx, 'server.manage');
  const { ids } = parseInput(ArchiveServers, input);
  return applyToEach(ids, (id) => restoreServer({ ctx, input: { serverId: id } }));
}
