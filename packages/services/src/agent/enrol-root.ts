import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { runInLookup, runInTenant } from '@gatehouse/db/tenant';
import { EnrolRootRequest, type EnrolRootResponse } from '@gatehouse/protocol/enrolment';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { createContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { recordTokenFailure, findTokenFailure, type TokenFacts } from '../join-token/failure.ts';
import type { Runtime } from '../runtime.ts';
import { findRootKey } from '../signing/keys.ts';
import { consumeByAddress } from '../throttle/by-address.ts';

/** A refusal is never answered earlier than this, so that its time does not tell an unknown token from a used one. */
export const REFUSAL_FLOOR_MS = 150;

export const EnrolRoot = EnrolRootRequest.extend({
  /** address of the caller, for the throttle */
  ip: z.string().max(64),
});
export type EnrolRoot = z.input<typeof EnrolRoot>;

/**
 * First step of enrolment: tells who presents the hash of a valid token which key the tenant signs with. Throws with a
 * reason; unknown, expired, used and revoked tokens get one answer.
 */
export async function enrolRoot({ runtime, input }: { runtime: Runtime; input: EnrolRoot }): Promise<EnrolRootResponse> {
  const parsed = EnrolRoot.safeParse(input);
  if (!parsed.success)
    throw new ServiceError('invalid', 'The enrolment request is not of a known form.', { reason: 'malformed' });
  const { tokenHash, ip } = parsed.data;
  await consumeByAddress(runtime, 'enrolment', ip);

  const floor = delay(REFUSAL_FLOOR_MS);
  const token = await findValidToken(runtime, tokenHash);
  if (!token) {
    await floor;
    throw createInvalidTokenError();
  }
  await recordPresented(runtime, token);
  const { keyId, publicKey } = await runInTenant(runtime.db, token.tenantId, (tx) => findRootKey(tx, token.tenantId));
  return {
    tenantId: token.tenantId,
    rootKeyId: keyId,
    rootPublicKey: publicKey.toString('base64'),
    serverTime: runtime.now().toISOString(),
  };
}

/** The same words whatever is wrong with the token. */
export function createInvalidTokenError(): Error {
  return new ServiceError(
    'not_permitted',
    'This token cannot enrol an agent. Make a new one in the console: Agents, Add agent.',
    { reason: 'token_invalid' },
  );
}

/** The token behind a hash while it can enrol; else null, with the reason kept on its row for its owner. */
export async function findValidToken(runtime: Runtime, tokenHash: string): Promise<TokenFacts | null> {
  const token = await runInLookup(runtime.db, { lookup: tokenHash }, (tx) => tx.joinToken.findFirst({ where: { tokenHash } }));
  if (!token) return null;
  const failure = findTokenFailure(token, runtime.now());
  if (!failure) return token;
  await recordTokenFailure(runtime, token, failure);
  return null;
}

async function recordPresented(runtime: Runtime, token: TokenFacts): Promise<void> {
  const ctx = createContext(runtime, { id: token.tenantId, slug: '' }, { kind: 'system', job: 'enrolment' });
  authorize(ctx, 'join_token.report');
  await mutate(
    ctx,
    async (m) => {
      const { tenantId, id } = token;
      await m.tx.joinToken.updateMany({ where: { tenantId, id, presentedAt: null }, data: { presentedAt: runtime.now() } });
      m.signal('join_token', id);
    },
    { audited: false },
  );
}
