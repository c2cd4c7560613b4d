import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { getAccess } from '../profile/effective-access.ts';
import { lockProfile } from '../profile/require-profile.ts';
import { isAskable } from './askable.ts';

export const RequestAccess = z.strictObject({
  profileId: z.uuid(),
  /** what it is needed for, for whoever decides */
  reason: z.string().trim().min(1).max(1_000),
  /** until when it is needed; null: no end is known */
  until: z.iso.datetime().nullable(),
});
export type RequestAccess = z.input<typeof RequestAccess>;

/**
 * Asks for a profile, or for more time with it. Throws `not_found` for a profile that nobody may ask for, `conflict` when the person has asked
 * already or has it without an end, and `invalid` for an end that is over.
 */
export async function requestAccess({ ctx, input }: { ctx: ServiceContext; input: RequestAccess }): Promise<{ id: string }> {
  authorize(ctx, 'profile.use');
  const { profileId, reason, until } = parseInput(RequestAccess, input);
  const { tenantId } = ctx;
  const membershipId = getActorId(ctx.actor);
  await ctx.runtime.throttle.consume('access_request', [tenantId, membershipId]);
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const now = ctx.runtime.now();
    if (until !== null && new Date(until) <= now)
      throw new ServiceError('invalid', 'This end is over already.', { field: 'until' });
    const profile = await lockProfile(tx, tenantId, profileId);
    const has = await getAccess(tx, { tenantId, profileId, membershipId, now });
    if (!has.hasAccess && !isAskable(profile)) throw createNotFoundError('profile');
    if (has.hasAccess && has.until === null) {
      throw new ServiceError('conflict', `You may use ${profile.name} already, without an end. Connect your AI client to it.`);
    }
    const own = { tenantId, profileId, membershipId };
    if ((await tx.accessRequest.count({ where: { ...own, state: 'open' } })) > 0) {
      throw new ServiceError(
        'conflict',
        `You have asked for ${profile.name} already. Withdraw that first to ask for something else.`,
      );
    }
    const { id } = await tx.accessRequest.create({
      data: { ...own, reason, wantedUntil: until === null ? null : new Date(until), requestedAt: now },
      select: { id: true },
    });
    const after = { requestId: id, ...(until !== null && { until }) };
    await audit({ action: 'profile.request_access', entityType: 'profile', entityId: profileId, after });
    signal('access_request', id);
    return { id };
  });
}
