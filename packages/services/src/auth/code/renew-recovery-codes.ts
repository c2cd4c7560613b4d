import type { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { PasswordProof, provePassword } from '../prove-password.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';

export const RenewRecoveryCodes = PasswordProof;
export type RenewRecoveryCodes = z.input<typeof RenewRecoveryCodes>;

/** New recovery codes in place of the old ones, which work no more; they are in this answer and nowhere else. */
export async function renewRecoveryCodes({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: RenewRecoveryCodes;
}): Promise<{ recoveryCodes: string[] }> {
  const { id: userId } = await provePassword(runtime, parseInput(RenewRecoveryCodes, input));
  const recoveryCodes = await runInLookup(runtime.db, { userId }, async (tx) => {
    const app = await tx.authenticator.findUnique({ where: { userId }, select: { confirmedAt: true } });
    if (!app?.confirmedAt) throw new ServiceError('precondition', 'There is no authenticator app that they could stand in for.');
    return replaceRecoveryCodes(tx, userId);
  });
  runtime.log.info({ userId }, 'recovery codes renewed');
  return { recoveryCodes };
}
