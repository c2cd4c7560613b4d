import { createHash, randomBytes } from 'node:crypto';

import { z } from 'zod';

import { AgentName } from '@gatehouse/policy/documents/definition';
import { encodeJoinToken } from '@gatehouse/protocol/enrolment';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { requireSites } from '../server/sites.ts';
import { hashPublicKey, findRootKey } from '../signing/keys.ts';

const MAX_MINUTES = 24 * 60;

export const CreateJoinToken = z.strictObject({
  siteId: z.uuid(),
  agentName: AgentName,
  expiresInMinutes: z.int().min(1).max(MAX_MINUTES).default(60),
});
export type CreateJoinToken = z.input<typeof CreateJoinToken>;

/** Makes a single-use token that enrols one agent. `token` is shown once; only the hash of its secret is stored. */
export async function createJoinToken({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateJoinToken;
}): Promise<{ id: string; token: string; expiresAt: Date }> {
  authorize(ctx, 'agent.manage');
  const { siteId, agentName, expiresInMinutes } = parseInput(CreateJoinToken, input);
  const { runtime, tenantId } = ctx;
  const secret = randomBytes(32).toString('base64url');
  const createdAt = runtime.now();
  const expiresAt = new Date(createdAt.getTime() + expiresInMinutes * 60_000);

  return mutate(ctx, async (m) => {
    await refuseTakenName(m, { tenantId, siteId, agentName, now: createdAt });
    const root = await findRootKey(m.tx, tenantId);
    const { id } = await m.tx.joinToken.create({
      data: {
        tenantId,
        siteId,
        agentName,
        tokenHash: hashJoinToken(secret),
        createdBy: getActorId(ctx.actor),
        createdAt,
        expiresAt,
      },
    });
    const after = { siteId, agentName, expiresAt: expiresAt.toISOString() };
    await m.audit({ action: 'join_token.create', entityType: 'join_token', entityId: id, after });
    m.signal('join_token', id);
    const token = encodeJoinToken({ hub: runtime.settings.hubPublicUrl, rootHash: hashPublicKey(root.publicKey), secret });
    return { id, token, expiresAt };
  });
}

/** What is stored and presented instead of the secret: SHA-256 hex over its text. */
export function hashJoinToken(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

async function refuseTakenName(
  { tx }: Mutation,
  { tenantId, siteId, agentName, now }: { tenantId: string; siteId: string; agentName: string; now: Date },
): Promise<void> {
  await requireSites(tx, tenantId, [siteId]);
  const site = await tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: siteId } }, select: { name: true } });
  const agent = await tx.agent.findFirst({ where: { tenantId, siteId, name: agentName, revokedAt: null }, select: { id: true } });
  if (agent)
    throw new ServiceError(
      'conflict',
      `${site.name} already has an agent named ${agentName}. Choose another name or revoke it.`,
      {
        field: 'agentName',
      },
    );
  const token = await tx.joinToken.findFirst({
    where: { tenantId, siteId, agentName, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    select: { id: true },
  });
  if (token) {
    const message = `A token for ${agentName} is still valid. Revoke it first or choose another name.`;
    throw new ServiceError('conflict', message, { field: 'agentName' });
  }
}
