import type { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createNotFoundError, parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { PasswordProof, provePassword } from '../prove-password.ts';

export const RemoveAuthenticator = PasswordProof;
export type RemoveAuthenticator = z.input<typeof RemoveAuthenticator>;

/** The account asks for no code any more, and its recovery codes are gone. Throws `not_permitted` at `currentPassword`. */
export async function removeAuthenticator({ runtime, input }: { runtime: Runtime; input: RemoveAuthenticator }): Promise<void> {
  const { id: userId } = await provePassword(runtime, parseInput(RemoveAuthenticator, input));
  await runInLookup(runtime.db, { userId }, async (tx) => {
    const { count } = await tx.authenticator.deleteMany({ where: { userId } });
    if (count === 0) throw createNotFoundError('authenticator app');
    await tx.recoveryCode.deleteMany({ where: { userId } });
  });
  runtime.log.info({ userId }, 'authenticator app removed');
}
