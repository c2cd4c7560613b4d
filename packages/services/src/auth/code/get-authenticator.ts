import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';

export const GetAuthenticator = z.strictObject({ userId: z.uuid() });
export type GetAuthenticator = z.input<typeof GetAuthenticator>;

export interface AuthenticatorView {
  /** since when a code is asked for; null: none is */
  confirmedAt: Date | null;
  /** recovery codes that have not been used */
  codesLeft: number;
}

/** Whether one's own account asks for a code beside the password. */
export async function getAuthenticator({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: GetAuthenticator;
}): Promise<AuthenticatorView> {
  const { userId } = parseInput(GetAuthenticator, input);
  return runInLookup(runtime.db, { userId }, async (tx) => {
    const app = await tx.authenticator.findUnique({ where: { userId }, select: { confirmedAt: true } });
    const codesLeft = await tx.recoveryCode.count({ where: { userId, usedAt: null } });
    return { confirmedAt: app?.confirmedAt ?? null, codesLeft };
  });
}
