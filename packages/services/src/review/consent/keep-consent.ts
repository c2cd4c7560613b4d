import type { TenantTx } from '@gatehouse/db/tenant';

import { getActorId, type ServiceContext } from '../../context.ts';

/** Keeps that the actor has agreed to what a review is about, by saying so or by approving something of it as an owner. The act that says it is the caller's. */
export async function keepConsent(
  tx: TenantTx,
  { actor, runtime }: Pick<ServiceContext, 'actor' | 'runtime'>,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<void> {
  await tx.review.update({
    where: { tenantId_id: { tenantId, id } },
    data: { consentedBy: getActorId(actor), consentedAt: runtime.now() },
  });
}
