import type { PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { ServiceContext } from '../../context.ts';

/** Nobody has agreed. */
export const NO_CONSENT = { consentedBy: null, consentedAt: null, consentedHash: null, consentReason: null } as const;

/** How a request ends. What was agreed to is forgotten where it is not what was published. */
export type RequestEnd =
  | ({ state: 'published'; version: number } & Partial<typeof NO_CONSENT>)
  | { state: 'sent_back'; reason: string }
  | { state: 'withdrawn' };

/** Ends an open request of a profile in the name of `by`, a membership id. Call it under the lock of the profile, in an audited mutation. */
export async function closeRequest(
  tx: TenantTx,
  { runtime }: Pick<ServiceContext, 'runtime'>,
  { tenantId, id }: Pick<PublishRequest, 'tenantId' | 'id'>,
  { by, end }: { by: string; end: RequestEnd },
): Promise<void> {
  const data = { ...end, decidedBy: by, decidedAt: runtime.now() };
  await tx.publishRequest.update({ where: { tenantId_id: { tenantId, id } }, data });
}
