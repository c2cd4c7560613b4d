import { verify } from 'node:crypto';

import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';
import { importPublicKey } from '@gatehouse/protocol/ed25519';
import { Authenticate, MAX_STREAMS, toAuthenticationBytes, type Welcome } from '@gatehouse/protocol/messages';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { createContext, type ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { createLeftBehindError, isLeftBehind } from '../keyset/left-behind.ts';
import { redactFacts } from '../redact-text.ts';
import type { Runtime } from '../runtime.ts';
import { toStorable } from '../storable.ts';
import { quarantineAgent } from './quarantine-agent.ts';
import { HEARTBEAT_MS } from './status.ts';

export const AuthenticateAgent = Authenticate.omit({ type: true, protocol: true }).extend({
  /** of the challenge that was sent on this very connection */
  nonce: z.string().min(22).max(64),
});
export type AuthenticateAgent = z.input<typeof AuthenticateAgent>;

/** What the hub tells an agent that proved who it is. */
export type WelcomeFacts = Omit<Welcome, 'type' | 'serverTime'>;

/**
 * Proves an agent by its signature over nonce, audience, id and epoch, and takes the epoch. The caller has checked that `audience` is
 * its own address. An epoch that was used before means a copied key: the agent is quarantined. Throws with a reason
 * (unauthenticated, revoked, quarantined, epoch_reused, version_too_old).
 */
export async function authenticateAgent({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: AuthenticateAgent;
}): Promise<{ ctx: ServiceContext; welcome: WelcomeFacts }> {
  const parsed = AuthenticateAgent.safeParse(toStorable(input));
  if (!parsed.success)
    throw new ServiceError('invalid', 'The authentication message is not of a known form.', { reason: 'malformed' });
  const proof = parsed.data;
  const agent = await runInLookup(runtime.db, { lookup: proof.agentId }, (tx) =>
    tx.agent.findFirst({ where: { id: proof.agentId } }),
  );
  if (!agent || !isSigned(proof, agent.publicKey)) {
    throw new ServiceError('not_permitted', 'This agent is not known here, or its key does not match. Enrol it again.', {
      reason: 'unauthenticated',
    });
  }
  const { tenantId, id: agentId, siteId, name: agentName } = agent;
  const ctx = createContext(runtime, { id: tenantId, slug: '' }, { kind: 'agent', agentId, siteId });
  const accepted = await connect(ctx, proof);
  if (accepted === 'left behind') throw createLeftBehindError();
  if (accepted) {
    const { tenantSlug, siteSlug, streams } = accepted;
    const welcome = { agentId, agentName, tenantSlug, siteSlug, heartbeatMs: HEARTBEAT_MS, streams };
    return { ctx: { ...ctx, tenantSlug }, welcome };
  }
  if (agent.revokedAt)
    throw new ServiceError('not_permitted', 'This agent was revoked. Enrol it again if it should still run.', {
      reason: 'revoked',
    });
  if (agent.quarantinedAt)
    throw new ServiceError('not_permitted', 'This agent is quarantined: its key was used twice. Revoke it and enrol it again.', {
      reason: 'quarantined',
    });
  await quarantineAgent({ ctx, input: { reason: 'epoch_reused' } });
  throw new ServiceError(
    'not_permitted',
    'This connection number was used before, so the key was copied. The agent is quarantined.',
    { reason: 'epoch_reused' },
  );
}

function isSigned(proof: z.infer<typeof AuthenticateAgent>, publicKey: Uint8Array): boolean {
  return verify(null, toAuthenticationBytes(proof), importPublicKey(publicKey), Buffer.from(proof.signature, 'base64'));
}

/** Takes the epoch in one UPDATE and reads what the welcome says. Null when the agent may not connect or the epoch is not a new one. */
async function connect(ctx: ServiceContext, proof: z.infer<typeof AuthenticateAgent>) {
  authorize(ctx, 'agent.connect');
  const { tenantId } = ctx;
  return mutate(
    ctx,
    async (m) => {
      if (await recordLeftBehind(m, ctx, proof)) return 'left behind';
      if (!(await takeEpoch(m, ctx, proof))) return null;
      const agent = await m.tx.agent.findUniqueOrThrow({
        where: { tenantId_id: { tenantId, id: proof.agentId } },
        select: {
          site: { select: { slug: true, tenant: { select: { slug: true } } } },
          streams: { orderBy: { updatedAt: 'desc' }, take: MAX_STREAMS },
        },
      });
      m.signal('agent', proof.agentId);
      const streams = agent.streams.map(({ spoolId, lastSeq, headHash }) => ({ spoolId, lastSeq: Number(lastSeq), headHash }));
      return { tenantSlug: agent.site.tenant.slug, siteSlug: agent.site.slug, streams };
    },
    { audited: false },
  );
}

/** An agent that would refuse all it is sent is not connected, and its page says why. */
async function recordLeftBehind(
  m: Mutation,
  { tenantId, runtime }: ServiceContext,
  proof: z.infer<typeof AuthenticateAgent>,
): Promise<boolean> {
  if (!(await isLeftBehind(m.tx, tenantId, proof.features ?? []))) return false;
  const { agentId } = proof;
  const { count } = await m.tx.agent.updateMany({
    where: { tenantId, id: agentId, revokedAt: null, quarantinedAt: null },
    data: { leftBehindAt: runtime.now(), ...redactFacts(proof) },
  });
  if (count > 0) m.signal('agent', agentId);
  return count > 0;
}

async function takeEpoch(
  { tx }: Mutation,
  { tenantId, runtime }: ServiceContext,
  proof: z.infer<typeof AuthenticateAgent>,
): Promise<boolean> {
  const now = runtime.now();
  const { count } = await tx.agent.updateMany({
    where: {
      tenantId,
      id: proof.agentId,
      revokedAt: null,
      quarantinedAt: null,
      connectionEpoch: { lt: BigInt(proof.epoch) },
    },
    data: {
      connectionEpoch: BigInt(proof.epoch),
      connectedAt: now,
      disconnectedAt: null,
      lastSeenAt: now,
      ...redactFacts(proof),
      clockSkewMs: measureClockSkew(proof.clock, now),
      features: proof.features ?? [],
      leftBehindAt: null,
    },
  });
  return count === 1;
}

/** Positive when the agent's clock is ahead; bounded to what the column holds. */
export function measureClockSkew(clock: string, now: Date): number {
  return Math.max(-2_147_483_648, Math.min(2_147_483_647, Date.parse(clock) - now.getTime()));
}
