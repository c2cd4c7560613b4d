import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { getAccess, revokeLostKeys, writeLostKeys } from './effective-access.ts';
import { lockProfile, listProfileSiteIds } from './require-profile.ts';

export const RevokeAccess = z.strictObject({ profileId: z.uuid(), membershipId: z.uuid() });
export type RevokeAccess = z.input<typeof RevokeAccess>;

/**
 * Takes from a person what was given by name. Whoever has no group with the profile loses it: the client keys for it are revoked and the agents are told.
 * Throws `not_found`.
 */
export async function revokeAccess({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RevokeAccess;
}): Promise<{ revokedKeys: number; keepsAccess: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, membershipId } = parseInput(RevokeAccess, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    await lockProfile(tx, tenantId, profileId);
    const { count } = await tx.profileAccess.deleteMany({ where: { tenantId, profileId, membershipId } });
    if (count === 0) throw createNotFoundError('access');
    const lost = await revokeLostKeys(mutation, ctx, { profileIds: [profileId], membershipIds: [membershipId] });
    const keys = lost.map(({ id }) => id);
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'profile.revoke_access',
      entityType: 'profile',
      entityId: profileId,
      before: { membershipId },
      after: { revokedKeyIds: keys },
    });
    await writeLostKeys(mutation, ctx, lost, () => auditId);
    const { hasAccess: keepsAccess } = await getAccess(tx, { tenantId, profileId, membershipId, now: ctx.runtime.now() });
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    await tryConfigurations(mutation, ctx, siteIds, 'profile.revoke_access', { people: [membershipId], keys });
    signal('profile', profileId);
    return { revokedKeys: keys.length, keepsAccess };
  });
}
