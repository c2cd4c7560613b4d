import { z } from 'zod';

import type { PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../../audit/mutate.ts';
import { authorize, isPermitted } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { lockProfile } from '../require-profile.ts';
import { closeOpenRequest } from './close-open-request.ts';

export const SendBackRequest = z.strictObject({
  requestId: z.uuid(),
  /** shown to who asked */
  reason: z.string().trim().min(1).max(1_000),
});
export type SendBackRequest = z.input<typeof SendBackRequest>;

/** Declines to publish what was asked for, with the reason. Publishing is `publishProfile`. Throws `not_found`, and `conflict` when it is decided. */
export async function sendBackRequest({ ctx, input }: { ctx: ServiceContext; input: SendBackRequest }): Promise<{ id: string }> {
  authorize(ctx, 'profile.publish');
  const { requestId, reason } = parseInput(SendBackRequest, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const { profileId } = await lockRequest(tx, tenantId, requestId);
    await closeOpenRequest(tx, ctx, profileId, { state: 'sent_back', reason });
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
    const { profileId, requestedBy } = await lockRequest(tx, tenantId, requestId);
    if (requestedBy !== getActorId(actor)) {
      const instead = isPermitted(actor, 'profile.publish') ? 'Send it back with a reason instead.' : 'Ask whoever made it.';
      throw new ServiceError('not_permitted', `Somebody else asked for this. ${instead}`);
    }
    await closeOpenRequest(tx, ctx, profileId, { state: 'withdrawn' });
    await audit({ action: 'profile.withdraw_request', entityType: 'profile', entityId: profileId, before: { requestId } });
    signal('profile', profileId);
    return { id: requestId };
  });
}

/** An open request, its profile locked. */
async function lockRequest(tx: TenantTx, tenantId: string, id: string): Promise<PublishRequest> {
  const where = { tenantId_id: { tenantId, id } };
  const found = await tx.publishRequest.findUnique({ where });
  if (!found) throw createNotFoundError('request');
  await lockProfile(tx, tenantId, found.profileId);
  const request = await tx.publishRequest.findUniqueOrThrow({ where });
  if (request.state !== 'open') throw new ServiceError('conflict', 'This request is decided already. Reload the page.');
  return request;
}
