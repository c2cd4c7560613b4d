import { randomUUID, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { runInTenant } from '@gatehouse/db/tenant';
import { importPublicKey } from '@gatehouse/protocol/ed25519';
import { toEnrolmentBytes, EnrolRequest, MAX_CLOCK_SKEW_MS, type EnrolResponse } from '@gatehouse/protocol/enrolment';
import { FeatureNames } from '@gatehouse/protocol/features';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext, type ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { hashJoinToken } from '../join-token/create-join-token.ts';
import { recordTokenFailure, findTokenFailure, type TokenFacts } from '../join-token/failure.ts';
import { createLeftBehindError, isLeftBehind } from '../keyset/left-behind.ts';
import { redactFacts } from '../redact-text.ts';
import type { Runtime } from '../runtime.ts';
import { toStorable } from '../storable.ts';
import { consumeByAddress } from '../throttle/by-address.ts';
import { findValidToken, createInvalidTokenError, REFUSAL_FLOOR_MS } from './enrol-root.ts';

export const EnrolAgent = EnrolRequest.extend({
  /** address of the caller, for the throttle */
  ip: z.string().max(64),
  /** what the agent can do, as its header says: none from those that came before the header */
  features: FeatureNames.default([]),
});
export type EnrolAgent = z.input<typeof EnrolAgent>;

/**
 * Second step of enrolment: the secret of the token and a public key with its proof become an agent. The token is spent by one UPDATE,
 * so it works once however often it is presented at the same time. Throws with a reason.
 */
export async function enrolAgent({ runtime, input }: { runtime: Runtime; input: EnrolAgent }): Promise<EnrolResponse> {
  const parsed = EnrolAgent.safeParse(toStorable(input));
  if (!parsed.success)
    throw new ServiceError('invalid', 'The enrolment request is not of a known form.', { reason: 'malformed' });
  const request = parsed.data;
  await consumeByAddress(runtime, 'enrolment', request.ip);

  const floor = delay(REFUSAL_FLOOR_MS);
  const token = await findValidToken(runtime, hashJoinToken(request.secret));
  if (token) {
    await refuseBadRequest(runtime, token, request);
    const enrolled = await redeemToken(runtime, token, request);
    if (enrolled) return enrolled;
  }
  await floor;
  throw createInvalidTokenError();
}

/** What is wrong with the request itself is said openly: only the holder of a valid token hears it. */
async function refuseBadRequest(runtime: Runtime, token: TokenFacts, request: z.output<typeof EnrolAgent>): Promise<void> {
  const key = importPublicKey(Buffer.from(request.publicKey, 'base64'));
  if (!verify(null, toEnrolmentBytes(request), key, Buffer.from(request.proof, 'base64'))) {
    await recordTokenFailure(runtime, token, 'malformed');
    throw new ServiceError('invalid', 'The proof does not match the public key.', { reason: 'malformed' });
  }
  const skewMs = Date.parse(request.clock) - runtime.now().getTime();
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) {
    await recordTokenFailure(runtime, token, 'clock_skew');
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    throw new ServiceError(
      'precondition',
      `The clock of this machine is ${minutes} min ${skewMs > 0 ? 'ahead' : 'behind'}. Correct it and try again.`,
      { reason: 'clock_skew' },
    );
  }
  const { tenantId } = token;
  if (await runInTenant(runtime.db, tenantId, (tx) => isLeftBehind(tx, tenantId, request.features))) {
    await recordTokenFailure(runtime, token, 'version_too_old');
    throw createLeftBehindError();
  }
}

/** Null when another request spent the token first. */
async function redeemToken(runtime: Runtime, token: TokenFacts, request: EnrolRequest): Promise<EnrolResponse | null> {
  const agentId = randomUUID();
  const enrolled = await insertAgent(runtime, token, agentId, request);
  if (enrolled) return enrolled;
  const lost = await runInTenant(runtime.db, token.tenantId, ({ joinToken }) =>
    joinToken.findUnique({ where: { tenantId_id: { tenantId: token.tenantId, id: token.id } } }),
  );
  const failure = lost && findTokenFailure(lost, runtime.now());
  if (lost && failure) await recordTokenFailure(runtime, lost, failure);
  return null;
}

async function insertAgent(
  runtime: Runtime,
  token: TokenFacts,
  agentId: string,
  request: EnrolRequest,
): Promise<EnrolResponse | null> {
  const actor: Actor = { kind: 'agent', agentId, siteId: token.siteId };
  authorize({ actor }, 'agent.enrol');
  const tenant = await runInTenant(runtime.db, token.tenantId, (tx) =>
    tx.tenant.findUniqueOrThrow({ where: { id: token.tenantId } }),
  );
  const ctx = createContext(runtime, tenant, actor);
  return mutate(ctx, async (m) => {
    const siteId = await spendToken(m, ctx, token.id, agentId);
    if (siteId === null) {
      m.reportUnchanged();
      return null;
    }
    const facts = redactFacts(request);
    const agent = { siteId, agentId, name: token.agentName, publicKey: request.publicKey, ...facts };
    const { site, agentName } = await createAgent(m, ctx, agent);
    await m.audit({
      action: 'agent.enrol',
      entityType: 'agent',
      entityId: agentId,
      after: { name: agentName, siteId, joinTokenId: token.id, hostname: facts.hostname },
    });
    m.signal('agent', agentId);
    m.signal('join_token', token.id);
    return { tenantId: tenant.id, tenantSlug: tenant.slug, siteId, siteSlug: site.slug, agentId, agentName };
  });
}

/** The one statement that decides who gets the token. Returns its site, or null when it is not valid any more. */
async function spendToken(m: Mutation, ctx: ServiceContext, tokenId: string, agentId: string): Promise<string | null> {
  const now = ctx.runtime.now();
  const rows = await m.tx.$queryRaw<{ site_id: string }[]>`
    update join_token set used_at = ${now}, used_by_agent_id = ${agentId}::uuid
    where tenant_id = ${ctx.tenantId}::uuid and id = ${tokenId}::uuid
      and used_at is null and revoked_at is null and expires_at > ${now}
    returning site_id`;
  return rows[0]?.site_id ?? null;
}

async function createAgent(
  { tx }: Mutation,
  { tenantId, runtime }: ServiceContext,
  agent: { siteId: string; agentId: string; name: string; publicKey: string } & ReturnType<typeof redactFacts>,
) {
  const { siteId, agentId, name: wish, publicKey, ...facts } = agent;
  const site = await tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: siteId } }, select: { slug: true } });
  const others = await tx.agent.findMany({
    where: { tenantId, siteId, name: { startsWith: wish }, revokedAt: null },
    select: { name: true },
  });
  const agentName = findFreeName(wish, new Set(others.map(({ name }) => name)));
  await tx.agent.create({
    data: {
      tenantId,
      id: agentId,
      siteId,
      name: agentName,
      publicKey: Buffer.from(publicKey, 'base64'),
      ...facts,
      enrolledAt: runtime.now(),
    },
  });
  return { site, agentName };
}

/** The wished name, which a revoked agent gives free; or with a number when another one was called so since the token was made. */
function findFreeName(wish: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wish : `${wish}-${number}`;
    if (!taken.has(name)) return name;
  }
}
