import type { TenantTx } from '@gatehouse/db/tenant';

import { ServiceError } from '../errors.ts';
import { normalizePassword } from './password.ts';
import { endSessions } from './session/end-session.ts';

export interface PasswordChange {
  userId: string;
  /** the hash that the present password was checked against */
  from: string;
  to: string;
  now: Date;
  /** the session that goes on; null: none */
  keepSessionId: string | null;
  /** false: somebody else may have had the account, and put passkeys of their own there */
  keepPasskeys: boolean;
}

/**
 * Gives an account the password that its person chose and ends its other sessions, as long as it still has the one that was checked. Needs
 * the user id presented in `tx`.
 */
export async function replacePassword(tx: TenantTx, change: PasswordChange): Promise<void> {
  const { userId, from, to, now, keepSessionId, keepPasskeys } = change;
  const { count } = await tx.user.updateMany({
    where: { id: userId, passwordHash: from, disabledAt: null },
    data: { passwordHash: to, passwordDue: false },
  });
  if (count === 0) throw new ServiceError('conflict', 'The password was changed at this very moment. Sign in with the new one.');
  await endSessions(tx, { userId, now, keepSessionId });
  if (!keepPasskeys) await tx.passkey.deleteMany({ where: { userId } });
}

/** A password that somebody else may know must not stay. */
export function refuseSamePassword(current: string, next: string): void {
  if (normalizePassword(current) !== normalizePassword(next)) return;
  throw new ServiceError('invalid', 'This is the password you have. Choose another one.', { field: 'newPassword' });
}
