import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';
import { lockProfile, listProfileSiteIds } from '../profile/require-profile.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';

export const RevokeClientKey = z.strictObject({ keyId: z.uuid() });
export type RevokeClientKey = z.input<typeof RevokeClientKey>;

/** Ends a client key for good and tells the agents. Another person's key is `not_found` for those who may not manage keys. */
export async function revokeClientKey({ ctx, input }: { ctx: ServiceContext; input: RevokeClientKey }): Promise<{ id: string }> {
  authorize(ctx, 'client_key.own');
  const { keyId } = parseInput(RevokeClientKey, input);
  const { tenantId, actor } = ctx;
  const where = { tenantId_id: { tenantId, id: keyId } };

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const key = await tx.clientKey.findUnique({ where });
    const isOwn = key?.membershipId === getActorId(actor);
    if (!key || (!isOwn && !isPermitted(actor, 'client_key.manage'))) throw createNotFoundError('client key');
    const { profileId, membershipId, name, expiresAt } = key;
    await lockProfile(tx, tenantId, profileId);
    const { count } = await tx.clientKey.updateMany({
      where: { tenantId, id: keyId, revokedAt: null },
      data: { revokedAt: ctx.runtime.now() },
    });
    if (count === 0) throw new ServiceError('conflict', 'This key is revoked already. Reload the page.');
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'client_key.revoke',
      entityType: 'client_key',
      entityId: keyId,
      before: { profileId, membershipId, name },
    });
    const end = { act: 'end', subject: { kind: 'key', id: keyId }, until: expiresAt.toISOString(), auditId } as const;
    await writeRevocations(mutation, ctx, [end]);
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    await tryConfigurations(mutation, ctx, siteIds, 'client_key.revoke', { keys: [keyId] });
    signal('client_key', keyId);
    return { id: keyId };
  });
}

export const RevokeEachKey = z.strictObject({ ids: ManyIds });
export type RevokeEachKey = z.input<typeof RevokeEachKey>;

/** Ends each of several client keys. */
export async function revokeEachKey({ ctx, input }: { ctx: ServiceContext; input: RevokeEachKey }): Promise<ManyOutcome> {
  authorize(ctx, 'client_key.own');
  const { ids } = parseInput(RevokeEachKey, input);
  return applyToEach(ids, (id) => revokeClientKey({ ctx, input: { keyId: id } }));
}
