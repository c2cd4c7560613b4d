import { z } from 'zod';

import type { Authenticator } from '@gatehouse/db/client';
import { runInLookup, type TenantTx } from '@gatehouse/db/tenant';

import { ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { spendRecoveryCode } from './recovery-codes.ts';
import { openSecret } from './sealed-secret.ts';
import { findStep, isCode } from './totp.ts';

/** A code as somebody types it: blanks and dashes are for the eye. Empty is none. */
export const GivenCode = z
  .string()
  .max(60)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toLowerCase())
  .nullish()
  .transform((code) => code || null);

/** The password is right, and the account asks for a code too. */
export class CodeDueError extends ServiceError {
  constructor() {
    super('precondition', 'Enter the code that your authenticator app shows, or a recovery code.', { field: 'code' });
  }
}

/** The password is right, the code is not. */
export class WrongCodeError extends ServiceError {
  constructor() {
    super('not_permitted', 'This code is not right, or it was used before. Wait for the next one and enter that.', {
      field: 'code',
    });
  }
}

export interface SecondStep {
  /** who has proved the password */
  userId: string;
  code: string | null;
  /** as of `Credentials`: strangers who try codes keep out other strangers, and never the person */
  knownAs: string | null;
}

/** Takes the code of an account that asks for one. Throws CodeDueError without one, WrongCodeError, or `rate_limited`. */
export async function checkSecondStep(runtime: Runtime, { userId, code, knownAs }: SecondStep): Promise<void> {
  const asked = await runInLookup(runtime.db, { userId }, (tx) => tx.authenticator.findUnique({ where: { userId } }));
  if (!asked?.confirmedAt) return;
  if (code === null) throw new CodeDueError();
  const parts = [userId, knownAs ?? ''];
  for (const limit of ['second_step', 'second_step_day'] as const) await runtime.throttle.consume(limit, parts);
  const isTaken = await runInLookup(runtime.db, { userId }, async (tx) =>
    isCode(code) ? takeCode(tx, runtime, asked, code) : spendRecoveryCode(tx, userId, code, runtime.now()),
  );
  if (!isTaken) throw new WrongCodeError();
  for (const limit of ['second_step', 'second_step_day'] as const) await runtime.throttle.reset(limit, parts);
}

/** Whether an app shows this code. It is taken by the one statement that raises the step, so no code is taken twice. */
export async function takeCode(
  tx: TenantTx,
  runtime: Pick<Runtime, 'signer' | 'now'>,
  { userId, secretSealed }: Pick<Authenticator, 'userId' | 'secretSealed'>,
  code: string,
): Promise<boolean> {
  const step = findStep(openSecret(runtime, userId, secretSealed), code, runtime.now());
  if (step === null) return false;
  const lastStep = BigInt(step);
  const isNew = { OR: [{ lastStep: null }, { lastStep: { lt: lastStep } }] };
  const { count } = await tx.authenticator.updateMany({ where: { userId, secretSealed, ...isNew }, data: { lastStep } });
  return count > 0;
}
