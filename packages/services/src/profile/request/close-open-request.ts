import type { TenantTx } from '@gatehouse/db/tenant';

import { getActorId, type ServiceContext } from '../../context.ts';

/** How a request ends. */
export type RequestEnd =
  | { state: 'published'; version: number }
  | { state: 'sent_back'; reason: string }
  | { state: 'withdrawn' };

/** Ends the open request of a profile, when there is one, in the name of who acts. Call it under the lock of the profile, in an audited mutation. */
export async function closeOpenRequest(
  tx: TenantTx,
  { tenantId, actor, runtime }: Pick<ServiceContext, 'tenantId' | 'actor' | 'runtime'>,
  profileId: string,
  end: RequestEnd,
): Promise<void> {
  await tx.publishRequest.updateMany({
    where: { tenantId, profileId, state: 'open' },
    data: { ...end, decidedBy: getActorId(actor), decidedAt: runtime.now() },
  });
}
