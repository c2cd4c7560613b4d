import { createHash, randomBytes } from 'node:crypto';

import { z } from 'zod';

import { createActId, createTimedId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { getAccess } from '../profile/effective-access.ts';
import { lockProfile, listProfileSiteIds } from '../profile/require-profile.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';

/** No key is valid for longer. */
const MAX_KEY_DAYS = 365;

/** By when every key that was made so far has run out. */
export function findLastExpiry(now: Date): string {
  return new Date(now.getTime() + MAX_KEY_DAYS * DAY_MS).toISOString();
}

export const CreateClientKey = z.strictObject({
  profileId: z.uuid(),
  /** for the owner to tell keys apart: "Cursor on my laptop" */
  name: createNameSchema(80),
  expiresInDays: z.int().min(1).max(MAX_KEY_DAYS).default(90),
});
export type CreateClientKey = z.input<typeof CreateClientKey>;

/** live keys of one person for one profile */
const MAX_LIVE_KEYS = 20;

/**
 * Makes a key of the person who asks for one profile and tells the agents: nobody ever holds a key in another one's name. The key itself is
 * in this answer and nowhere else, only its hash is stored. It ends with the access, where that has an end. Throws `precondition` when the person has no access to the profile.
 */
export async function createClientKey({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateClientKey;
}): Promise<{ id: string; key: string; expiresAt: Date }> {
  authorize(ctx, 'client_key.own');
  const { profileId, name, expiresInDays } = parseInput(CreateClientKey, input);
  const { tenantId } = ctx;
  const membershipId = getActorId(ctx.actor);
  await ctx.runtime.throttle.consume('client_key', [tenantId, membershipId]);

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const now = ctx.runtime.now();
    const profile = await lockProfile(tx, tenantId, profileId);
    const own = { tenantId, profileId, membershipId };
    const { hasAccess, until } = await getAccess(tx, { ...own, now });
    if (!hasAccess) {
      if (!isPermitted(ctx.actor, 'profile.read')) throw createNotFoundError('profile');
      throw new ServiceError('precondition', `There is no access to ${profile.name} yet. An admin or an owner can grant it.`);
    }
    if ((await tx.clientKey.count({ where: { ...own, revokedAt: null, expiresAt: { gt: now } } })) >= MAX_LIVE_KEYS) {
      throw new ServiceError(
        'conflict',
        `There are ${MAX_LIVE_KEYS} live keys for this profile already. Revoke one that is not used.`,
      );
    }

    // its id says when it was issued, so that agents know what a `before` ends
    const id = createTimedId(now);
    const key = `mcp_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
    const expiresAt = new Date(Math.min(now.getTime() + expiresInDays * DAY_MS, until?.getTime() ?? Infinity));
    const keyHash = createHash('sha256').update(key).digest('hex');
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'client_key.create',
      entityType: 'client_key',
      entityId: id,
      // with all that is signed of it: the signer serves the key that was made, and no other under its act
      after: { profileId, membershipId, name, keyHash, expiresAt: expiresAt.toISOString() },
    });
    await tx.clientKey.create({ data: { ...own, id, name, keyHash, createdAt: now, expiresAt, auditId } });
    await writeConfigurations(mutation, ctx, await listProfileSiteIds(tx, tenantId, profileId), 'client_key.create', {
      keys: [id],
    });
    signal('client_key', id);
    return { id, key, expiresAt };
  });
}
