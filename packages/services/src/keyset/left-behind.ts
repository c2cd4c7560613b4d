import type { TenantTx } from '@gatehouse/db/tenant';
import { type Feature, KEYSET_SINCE } from '@gatehouse/protocol/features';

import { ServiceError } from '../errors.ts';

const FEATURE: Feature = 'keyset';

/** Whether an agent with these features would refuse everything: the root signs no more, and the agent takes nothing else. */
export async function isLeftBehind(tx: TenantTx, tenantId: string, features: readonly string[]): Promise<boolean> {
  if (features.includes(FEATURE)) return false;
  return (await tx.signingKey.count({ where: { tenantId, retiredAt: null, isRoot: false } })) > 0;
}

/** Such an agent is not let in: it would look connected and never serve. */
export function createLeftBehindError(): ServiceError {
  return new ServiceError(
    'precondition',
    `The signing key of this workspace was rotated, and this agent cannot follow that: it would refuse every configuration. Install version ${KEYSET_SINCE} or later; the console has it under Agents, Add agent.`,
    { reason: 'version_too_old' },
  );
}
