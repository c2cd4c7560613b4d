import type { TenantTx } from '@gatehouse/db/tenant';

import { getActorId, type ServiceContext } from '../../context.ts';

/** Whoever owns the server has approved something of the review, and agreed by that; the act says so itself. */
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
