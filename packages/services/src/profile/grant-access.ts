import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { lockProfile } from './require-profile.ts';

export const GrantAccess = z.strictObject({ profileId: z.uuid(), membershipId: z.uuid() });
export type GrantAccess = z.input<typeof GrantAccess>;

/** Lets a person make client keys for a profile. Nothing is served to the person before that. */
export async function grantAccess({ ctx, input }: { ctx: ServiceContext; input: GrantAccess }): Promise<{ granted: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, membershipId } = parseInput(GrantAccess, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    await lockProfile(tx, tenantId, profileId);
    const person = await tx.membership.findUnique({ where: { tenantId_id: { tenantId, id: membershipId } } });
    if (!person) throw createNotFoundError('person');
    const { count } = await tx.profileAccess.createMany({
      data: [{ tenantId, profileId, membershipId, grantedBy: getActorId(ctx.actor) }],
      skipDuplicates: true,
    });
    if (count === 0) {
      reportUnchanged();
      return { granted: false };
    }
    await audit({ action: 'profile.grant_access', entityType: 'profile', entityId: profileId, after: { membershipId } });
    signal('profile', profileId);
    return { granted: true };
  });
}
