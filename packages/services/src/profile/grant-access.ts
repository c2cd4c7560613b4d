import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { lockProfile, listProfileSiteIds } from './require-profile.ts';

export const GrantAccess = z.strictObject({ profileId: z.uuid(), membershipId: z.uuid() });
export type GrantAccess = z.input<typeof GrantAccess>;

/** Lets a person make client keys for a profile. Nothing is served to the person before that. */
export async function grantAccess({ ctx, input }: { ctx: ServiceContext; input: GrantAccess }): Promise<{ granted: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, membershipId } = parseInput(GrantAccess, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal, reportUnchanged } = mutation;
    await lockProfile(tx, tenantId, profileId);
    const person = await tx.membership.findUnique({ where: { tenantId_id: { tenantId, id: membershipId }, endedAt: null } });
    if (!person) throw createNotFoundError('person');
    if ((await tx.profileAccess.count({ where: { tenantId, profileId, membershipId } })) > 0) {
      reportUnchanged();
      return { granted: false };
    }
    const auditId = createActId();
    const subject = { entityType: 'profile', entityId: profileId };
    await audit({ id: auditId, action: 'profile.grant_access', ...subject, after: { membershipId } });
    await tx.profileAccess.create({
      data: { tenantId, profileId, membershipId, grantedBy: getActorId(ctx.actor), auditId },
    });
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    await writeConfigurations(mutation, ctx, siteIds, 'profile.grant_access', { people: [membershipId] });
    signal('profile', profileId);
    return { granted: true };
  });
}
