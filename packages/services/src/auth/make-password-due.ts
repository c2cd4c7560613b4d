import { presentKey, runInLookup, type TenantTx } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';

/**
 * With the password of before another one has to be chosen before anything else; inside the mutation that makes the link for a new one. `inAllWorkspaces`: also where the account is known
 * elsewhere, which is the operator's to say: a workspace says nothing about what is another's too.
 */
export async function makePasswordDue(
  runtime: Pick<Runtime, 'db'>,
  tx: TenantTx,
  { userId, tenantId, inAllWorkspaces }: { userId: string; tenantId: string; inAllWorkspaces: boolean },
): Promise<void> {
  if (!inAllWorkspaces) {
    const elsewhere = { userId, endedAt: null, tenantId: { not: tenantId } };
    if ((await runInLookup(runtime.db, { userId }, (lookup) => lookup.membership.count({ where: elsewhere }))) > 0) return;
  }
  await presentKey(tx, { userId });
  await tx.user.updateMany({ where: { id: userId }, data: { passwordDue: true } });
}
