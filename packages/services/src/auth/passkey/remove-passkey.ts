import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createNotFoundError, parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { PasswordProof, provePassword } from '../prove-password.ts';

export const RemovePasskey = PasswordProof.extend({ passkeyId: z.uuid() });
export type RemovePasskey = z.input<typeof RemovePasskey>;

/** Removes one's own passkey: it opens nothing any more. Sessions that it opened go on. Throws `not_permitted` at `currentPassword`. */
export async function removePasskey({ runtime, input }: { runtime: Runtime; input: RemovePasskey }): Promise<void> {
  const { passkeyId: id, ...proof } = parseInput(RemovePasskey, input);
  const { id: userId } = await provePassword(runtime, proof);
  const { count } = await runInLookup(runtime.db, { userId }, (tx) => tx.passkey.deleteMany({ where: { id, userId } }));
  if (count === 0) throw createNotFoundError('passkey');
  runtime.log.info({ userId, passkeyId: id }, 'passkey removed');
}
