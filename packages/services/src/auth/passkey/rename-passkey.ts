import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createNotFoundError, parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { PasskeyName } from './add-passkey.ts';

export const RenamePasskey = z.strictObject({ userId: z.uuid(), passkeyId: z.uuid(), name: PasskeyName });
export type RenamePasskey = z.input<typeof RenamePasskey>;

/** Calls one's own passkey something else. */
export async function renamePasskey({ runtime, input }: { runtime: Runtime; input: RenamePasskey }): Promise<void> {
  const { userId, passkeyId: id, name } = parseInput(RenamePasskey, input);
  const { count } = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.passkey.updateMany({ where: { id, userId }, data: { name } }),
  );
  if (count === 0) throw createNotFoundError('passkey');
}
