import { z } from 'zod';

import type { User } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import { ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { PasswordText, verifyPassword } from './password.ts';

/** Who changes how an account is opened says its password first: an open browser that somebody found is not enough. */
export const PasswordProof = z.strictObject({ userId: z.uuid(), currentPassword: PasswordText.min(1) });

/** The account, when this is its present password. Throws `not_permitted` at `currentPassword`, or `rate_limited`. */
export async function provePassword(
  runtime: Runtime,
  { userId, currentPassword }: z.output<typeof PasswordProof>,
): Promise<User & { passwordHash: string }> {
  await runtime.throttle.consume('password_change', [userId]);
  const user = await runInLookup(runtime.db, { userId }, (tx) => tx.user.findUnique({ where: { id: userId } }));
  const passwordHash = user?.passwordHash ?? null;
  const isRight = passwordHash !== null && (await verifyPassword(currentPassword, passwordHash, userId, { lane: 'known' }));
  if (!user || !isRight) {
    throw new ServiceError('not_permitted', 'This is not your present password.', { field: 'currentPassword' });
  }
  await runtime.throttle.reset('password_change', [userId]);
  return { ...user, passwordHash };
}
