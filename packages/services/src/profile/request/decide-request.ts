import { z } from 'zod';

import { mutate } from '../../audit/mutate.ts';
import { authorize, isPermitted } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { maySeeRequest, maySendBack } from '../consent/standing.ts';
import { closeRequest } from './close-request.ts';
import { lockRequest, refuseDecided } from './find-request.ts';

export const SendBackRequest = z.strictObject({
  requestId: z.uuid(),
  /** shown to who asked */
  reason: z.string().trim().min(1).max(1_000),
});
export type SendBackRequest = z.input<typeof SendBackRequest>;

/**
 * Declines to publish what was asked for, or to agree to what was published, with the reason: for who may publish, and for the owner of the profile. Publishing
 * is `publishProfile`. Throws `not_permitted`, `not_found`, and `conflict` when it is decided.
 */
export async function sendBackRequest({ ctx, input }: { ctx: ServiceContext; input: SendBackRequest }): Promise<{ id: string }> {
  authorize(ctx, 'profile.use');
  const { requestId, reason } = parseInput(SendBackRequest, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const { request, asked } = await lockRequest(tx, tenantId, requestId);
    // who may not see requests learns of none by asking
    if (!maySeeRequest(actor, asked)) throw createNotFoundError('request');
    if (!maySendBack(actor, asked)) {
      throw new ServiceError('not_permitted', 'The owner of the profile, an admin or an owner of the workspace sends it back.');
    }
    refuseDecided(request);
    const { profileId } = request;
    await closeRequest(tx, ctx, request, { by: getActorId(actor), end: { state: 'sent_back', reason } });
    const subject = { entityType: 'profile', entityId: profileId };
    await audit({ action: 'profile.send_back', ...subject, before: { requestId }, after: { reason } });
    signal('profile', profileId);
    return { id: requestId };
  });
}

export const WithdrawRequest = z.strictObject({ requestId: z.uuid() });
export type WithdrawRequest = z.input<typeof WithdrawRequest>;

/** Takes back what oneself has asked for. Throws `not_permitted` for another one's, `not_found`, and `conflict` when it is decided. */
export async function withdrawRequest({ ctx, input }: { ctx: ServiceContext; input: WithdrawRequest }): Promise<{ id: string }> {
  authorize(ctx, 'profile.edit');
  const { requestId } = parseInput(WithdrawRequest, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const { request } = await lockRequest(tx, tenantId, requestId);
    const { profileId, requestedBy } = request;
    refuseDecided(request);
    if (requestedBy !== getActorId(actor)) {
      const instead = isPermitted(actor, 'profile.publish') ? 'Send it back with a reason instead.' : 'Ask whoever made it.';
      throw new ServiceError('not_permitted', `Somebody else asked for this. ${instead}`);
    }
    await closeRequest(tx, ctx, request, { by: getActorId(actor), end: { state: 'withdrawn' } });
    await audit({ action: 'profile.withdraw_request', entityType: 'profile', entityId: profileId, before: { requestId } });
    signal('profile', profileId);
    return { id: requestId };
  });
}
