import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { GivenCode, takeCode, WrongCodeError } from './check-second-step.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';

export const ConfirmAuthenticator = z.strictObject({ userId: z.uuid(), code: GivenCode });
export type ConfirmAuthenticator = z.input<typeof ConfirmAuthenticator>;

/**
 * From now on each sign-in by password asks for a code of the app, which shows one here first. Returns the recovery codes, which are in this answer
 * and nowhere else. Throws WrongCodeError, `precondition` when none was begun, or `rate_limited`.
 */
export async function confirmAuthenticator({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: ConfirmAuthenticator;
}): Promise<{ recoveryCodes: string[] }> {
  const { userId, code } = parseInput(ConfirmAuthenticator, input);
  await runtime.throttle.consume('second_step', [userId, 'confirm']);
  const recoveryCodes = await runInLookup(runtime.db, { userId }, async (tx) => {
    const begun = await tx.authenticator.findUnique({ where: { userId, confirmedAt: null } });
    if (!begun) throw new ServiceError('precondition', 'No authenticator app is being set up. Reload the page and begin again.');
    if (code === null || !(await takeCode(tx, runtime, begun, code))) throw new WrongCodeError();
    const { count } = await tx.authenticator.updateMany({
      where: { userId, confirmedAt: null },
      data: { confirmedAt: runtime.now() },
    });
    if (count === 0) throw new ServiceError('conflict', 'The app was confirmed at this very moment. Reload the page.');
    return replaceRecoveryCodes(tx, userId);
  });
  await runtime.throttle.reset('second_step', [userId, 'confirm']);
  runtime.log.info({ userId }, 'authenticator app added');
  return { recoveryCodes };
}
