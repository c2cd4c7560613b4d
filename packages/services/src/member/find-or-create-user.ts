import { randomUUID } from 'node:crypto';

import { presentKey, type TenantTx } from '@gatehouse/db/tenant';

/**
 * The person with this e-mail address (lower case), made with `passwordHash` when there is none yet. An existing person keeps name and
 * password. Row security lets the rest of the transaction see this person too.
 */
export async function findOrCreateUser(
  tx: TenantTx,
  person: { email: string; name: string; passwordHash: string },
): Promise<{ userId: string; created: boolean }> {
  const { email } = person;
  await presentKey(tx, { lookup: email });
  const { count } = await tx.user.createMany({ data: [{ id: randomUUID(), ...person }], skipDuplicates: true });
  const user = await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } });
  return { userId: user.id, created: count === 1 };
}
