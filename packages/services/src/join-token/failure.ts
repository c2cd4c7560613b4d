import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { createContext } from '../context.ts';
import type { Runtime } from '../runtime.ts';

/** Why an enrolment with this token was refused: told to the token's owner in the console, never to the one who presents it. */
export const JoinTokenFailure = z.enum([
  'token_expired',
  'token_used',
  'token_revoked',
  'clock_skew',
  'version_too_old',
  'malformed',
]);
export type JoinTokenFailure = z.infer<typeof JoinTokenFailure>;

export interface TokenFacts {
  id: string;
  tenantId: string;
  siteId: string;
  agentName: string;
  expiresAt: Date;
  usedAt: Date | null;
  revokedAt: Date | null;
}

/** Null while the token can still enrol an agent. */
export function findTokenFailure(token: TokenFacts, now: Date): JoinTokenFailure | null {
  if (token.usedAt) return 'token_used';
  if (token.revokedAt) return 'token_revoked';
  return token.expiresAt <= now ? 'token_expired' : null;
}

/** Keeps the reason of the last refusal on the token's row. */
export async function recordTokenFailure(runtime: Runtime, token: TokenFacts, failureCode: JoinTokenFailure): Promise<void> {
  const ctx = createContext(runtime, { id: token.tenantId, slug: '' }, { kind: 'system', job: 'enrolment' });
  authorize(ctx, 'join_token.report');
  await mutate(
    ctx,
    async (m) => {
      const where = { tenantId_id: { tenantId: token.tenantId, id: token.id } };
      await m.tx.joinToken.update({ where, data: { failureCode, failureAt: runtime.now() } });
      m.signal('join_token', token.id);
    },
    { audited: false },
  );
}
