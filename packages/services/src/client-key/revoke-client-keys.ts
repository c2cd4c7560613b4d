import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';

export const RevokeClientKeys = z.strictObject({ membershipId: z.uuid() });
export type RevokeClientKeys = z.input<typeof RevokeClientKeys>;

/**
 * Ends every client key that works of a person, and tells the agents. The person may make new ones. Another person is `not_found` for those who may not manage keys. Doing it twice changes nothing.
 */
export async function revokeClientKeys({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RevokeClientKeys;
}): Promise<{ revoked: number }> {
  authorize(ctx, 'client_key.own');
  const { membershipId } = parseInput(RevokeClientKeys, input);
  const { tenantId, actor, runtime } = ctx;
  const isOwn = membershipId === getActorId(actor);
  if (!isOwn && !isPermitted(actor, 'client_key.manage')) throw createNotFoundError('member');
  return mutate(ctx, async (m) => {
    const member = await m.tx.membership.findUnique({ where: { tenantId_id: { tenantId, id: membershipId } } });
    if (!member) throw createNotFoundError('member');
    const at = runtime.now();
    const keys = await m.tx.clientKey.updateManyAndReturn({
      where: { tenantId, membershipId, revokedAt: null, expiresAt: { gt: at } },
      data: { revokedAt: at },
      select: { id: true, profileId: true, expiresAt: true },
    });
    if (keys.length === 0) {
      m.reportUnchanged();
      return { revoked: 0 };
    }
    const auditId = createActId();
    const after = { keys: keys.length };
    await m.audit({ id: auditId, action: 'client_key.revoke_all', entityType: 'member', entityId: membershipId, after });
    // one entry for each, and no cut by time: a key that is made at this moment is none of them
    const ends = keys.map(({ id, expiresAt }) => {
      return { act: 'end', subject: { kind: 'key', id }, until: expiresAt.toISOString(), auditId } as const;
    });
    await writeRevocations(m, ctx, ends);
    for (const { id } of keys) m.signal('client_key', id);
    const profileIds = [...new Set(keys.map(({ profileId }) => profileId))];
    const sites = await m.tx.site.findMany({
      where: { tenantId, profiles: { some: { profileId: { in: profileIds } } } },
      select: { id: true },
    });
    const ids = { keys: keys.map(({ id }) => id) };
    await tryConfigurations(
      m,
      ctx,
      sites.map(({ id }) => id),
      'client_key.revoke',
      ids,
    );
    return { revoked: keys.length };
  });
}
