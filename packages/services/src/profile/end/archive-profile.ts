import { z } from 'zod';

import { createActId } from '../../audit/act-id.ts';
import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../../list/apply-to-each.ts';
import { PERMITTED } from '../../permitted.ts';
import { applySwitch } from '../../revocation/apply-switch.ts';
import { maySwitchOn } from '../../revocation/may-switch-on.ts';
import { listProfileSiteIds, lockProfile } from '../require-profile.ts';

export const ArchiveProfile = z.strictObject({ profileId: z.uuid() });
export type ArchiveProfile = z.input<typeof ArchiveProfile>;

/**
 * Puts a profile away: its endpoints refuse every call at once, by the revocation log as when it is disabled, and it leaves the lists. Draft, versions,
 * people and keys stay for `restoreProfile`. Throws `not_found`, and `conflict` when it already is.
 */
export async function archiveProfile({ ctx, input }: { ctx: ServiceContext; input: ArchiveProfile }): Promise<{ id: string }> {
  authorize(ctx, 'profile.publish');
  const { profileId: id } = parseInput(ArchiveProfile, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { name, slug, archivedAt, disabledAt } = await lockProfile(tx, tenantId, id);
    if (archivedAt !== null) throw new ServiceError('conflict', `${name} is already archived. Reload the page.`);
    const now = ctx.runtime.now();
    await tx.profile.update({
      where: { tenantId_id: { tenantId, id } },
      data: { archivedAt: now, disabledAt: disabledAt ?? now },
    });
    const auditId = createActId();
    const before = { name, slug, disabled: disabledAt !== null };
    await audit({ id: auditId, action: 'profile.archive', entityType: 'profile', entityId: id, before });
    // what was off already has its stop in the log
    if (disabledAt === null) {
      const siteIds = await listProfileSiteIds(tx, tenantId, id);
      await applySwitch(mutation, ctx, {
        subject: { kind: 'profile', id },
        auditId,
        isOff: true,
        siteIds,
        reason: 'profile.archive',
      });
    }
    signal('profile', id);
    return { id };
  });
}

export const RestoreProfile = z.strictObject({ profileId: z.uuid() });
export type RestoreProfile = z.input<typeof RestoreProfile>;

/**
 * Takes a profile out of the archive, as it was: served again, or disabled if it was that before. Throws `not_found`, `conflict` when it is not
 * archived, and `not_permitted` for an author of what somebody else has archived.
 */
export async function restoreProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RestoreProfile;
}): Promise<{ id: string; disabled: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId: id } = parseInput(RestoreProfile, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { name, archivedAt, disabledAt } = await lockProfile(tx, tenantId, id);
    if (archivedAt === null) throw new ServiceError('conflict', `${name} is not archived. Reload the page.`);
    const disabled = disabledAt?.getTime() !== archivedAt.getTime();
    const permitted = disabled
      ? PERMITTED
      : await maySwitchOn(tx, ctx, { entityType: 'profile', id, permission: 'profile.publish', by: 'archive' });
    if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);
    await tx.profile.update({
      where: { tenantId_id: { tenantId, id } },
      data: { archivedAt: null, ...(!disabled && { disabledAt: null }) },
    });
    const auditId = createActId();
    await audit({ id: auditId, action: 'profile.restore', entityType: 'profile', entityId: id, after: { name, disabled } });
    if (!disabled) {
      const siteIds = await listProfileSiteIds(tx, tenantId, id);
      await applySwitch(mutation, ctx, {
        subject: { kind: 'profile', id },
        auditId,
        isOff: false,
        siteIds,
        reason: 'profile.restore',
      });
    }
    signal('profile', id);
    return { id, disabled };
  });
}

export const ArchiveProfiles = z.strictObject({ ids: ManyIds });
export type ArchiveProfiles = z.input<typeof ArchiveProfiles>;

/** Puts each of several profiles away. */
export async function archiveProfiles({ ctx, input }: { ctx: ServiceContext; input: ArchiveProfiles }): Promise<ManyOutcome> {
  authorize(ctx, 'profile.publish');
  const { ids } = parseInput(ArchiveProfiles, input);
  return applyToEach(ids, (id) => archiveProfile({ ctx, input: { profileId: id } }));
}

/** Brings each of several profiles back. */
export async function restoreProfiles({ ctx, input }: { ctx: ServiceContext; input: ArchiveProfiles }): Promise<ManyOutcome> {
  authorize(ctx, 'profile.publish');
  const { ids } = parseInput(ArchiveProfiles, input);
  return applyToEach(ids, (id) => restoreProfile({ ctx, input: { profileId: id } }));
}
