import type { User } from '@gatehouse/db/client';
import { presentKey, runInLookup } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';

/**
 * The one account that an address means at sign-in, so that an attempt costs the same whoever else was invited under it: the member of the
 * workspace that was asked for, else who proved the address, else who became a member first.
 */
export async function findAccount(runtime: Runtime, email: string, workspace: string | null): Promise<User | null> {
  return runInLookup(runtime.db, { lookup: email }, async (tx) => {
    const members = await tx.membership.findMany({
      where: { email, endedAt: null },
      select: { userId: true, tenant: { select: { slug: true } } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    const proven = await tx.userEmail.findUnique({ where: { email } });
    const chosen =
      members.find(({ tenant }) => tenant.slug === workspace) ??
      members.find(({ userId }) => userId === proven?.userId) ??
      members[0] ??
      proven;
    if (!chosen) return null;
    await presentKey(tx, { userId: chosen.userId });
    return tx.user.findUnique({ where: { id: chosen.userId } });
  });
}
