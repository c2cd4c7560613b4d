import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { lockProfile, listProfileSiteIds } from './require-profile.ts';

export const RevokeAccess = z.strictObject({ profileId: z.uuid(), membershipId: z.uuid() });
export type RevokeAccess = z.input<typeof RevokeAccess>;

/** Takes a profile from a person: the person's client keys for it are revoked and the agents are told. Throws `not_found`. */
export async function revokeAccess({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RevokeAccess;
}): Promise<{ revokedKeys: number }> {
  authorize(ctx, 'profile.publish');
  const { profileId, membershipId } = parseInput(RevokeAccess, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    await lockProfile(tx, tenantId, profileId);
    const { count } = await tx.profileAccess.deleteMany({ where: { tenantId, profileId, membershipId } });
    if (count === 0) throw createNotFoundError('access');
    const keys = await tx.clientKey.updateManyAndReturn({
      where: { tenantId, profileId, membershipId, revokedAt: null },
      data: { revokedAt: ctx.runtime.now() },
      select: { id: true, expiresAt: true },
    });
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'profile.revoke_access',
      entityType: 'profile',
      entityId: profileId,
      before: { membershipId },
      after: { revokedKeyIds: keys.map(({ id }) => id) },
    });
    await writeRevocations(
      mutation,
      ctx,
      keys.map(({ id, expiresAt }) => ({ act: 'end', subject: { kind: 'key', id }, until: expiresAt.toISOString(), auditId })),
    );
    const change = { people: [membershipId], keys: keys.map(({ id }) => id) };
    await tryConfigurations(mutation, ctx, await listProfileSiteIds(tx, tenantId, profileId), 'profile.revoke_access', change);
    signal('profile', profileId);
    for (const { id } of keys) signal('client_key', id);
    return { revokedKeys: keys.length };
  });
}
