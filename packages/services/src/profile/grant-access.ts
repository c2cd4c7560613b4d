import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { type AuditEntry, type Mutation, mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { revokeLostKeys, writeLostKeys } from './effective-access.ts';
import { lockProfile, listProfileSiteIds } from './require-profile.ts';

export const GrantAccess = z.strictObject({
  profileId: z.uuid(),
  membershipId: z.uuid(),
  /** the access ends by itself then; null: it has no end */
  until: z.iso.datetime().nullable().default(null),
});
export type GrantAccess = z.input<typeof GrantAccess>;

/**
 * Lets a person make client keys for a profile, until the end that is given. Nothing is served to the person before that. Given again, it ends at the new
 * end; keys of an access that had ended do not come back. Throws `not_found`, and `invalid` for an end that is over.
 */
export async function grantAccess({ ctx, input }: { ctx: ServiceContext; input: GrantAccess }): Promise<{ granted: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, membershipId, until } = parseInput(GrantAccess, input);
  return mutate(ctx, async (m) => {
    await lockProfile(m.tx, ctx.tenantId, profileId);
    const access = await prepareAccess(m, ctx, { profileId, membershipId, until: until === null ? null : new Date(until) });
    if (!access) {
      m.reportUnchanged();
      return { granted: false };
    }
    await m.audit(access.act);
    await access.write();
    return { granted: true };
  });
}

/** An access that is about to be given: the act to be written into the log first, then the access itself. */
export interface PreparedAccess {
  act: AuditEntry & { id: string };
  write: () => Promise<void>;
}

/** Under the lock of the profile. Null: the person has exactly this already. Throws as `grantAccess`. */
export async function prepareAccess(
  m: Mutation,
  ctx: ServiceContext,
  { profileId, membershipId, until }: { profileId: string; membershipId: string; until: Date | null },
): Promise<PreparedAccess | null> {
  const { tx } = m;
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  if (until !== null && until <= now) throw new ServiceError('invalid', 'This end is over already.', { field: 'until' });
  const person = await tx.membership.findUnique({ where: { tenantId_id: { tenantId, id: membershipId }, endedAt: null } });
  if (!person) throw createNotFoundError('person');
  const own = { tenantId, profileId, membershipId };
  const before = await tx.profileAccess.findUnique({ where: { tenantId_profileId_membershipId: own } });
  if (before && before.until?.getTime() === until?.getTime()) return null;
  // what ended stays ended for the keys that were made under it
  const hadEnded = before?.until && before.until <= now;
  const lost = hadEnded ? await revokeLostKeys(m, ctx, { profileIds: [profileId], membershipIds: [membershipId] }) : [];
  const end = until?.toISOString();
  const act = {
    id: createActId(),
    action: 'profile.grant_access',
    entityType: 'profile',
    entityId: profileId,
    ...(before && { before: { membershipId, until: before.until?.toISOString() ?? null } }),
    after: { membershipId, ...(end !== undefined && { until: end }) },
  };
  const write = async (): Promise<void> => {
    await writeLostKeys(m, ctx, lost, () => act.id);
    await tx.profileAccess.deleteMany({ where: own });
    await tx.profileAccess.create({
      data: { ...own, grantedBy: getActorId(ctx.actor), grantedAt: now, until, auditId: act.id },
    });
    const keys = await tx.clientKey.findMany({
      where: { ...own, revokedAt: null, expiresAt: { gt: now } },
      select: { id: true },
    });
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    const change = { people: [membershipId], keys: [...lost, ...keys].map(({ id }) => id) };
    await writeConfigurations(m, ctx, siteIds, 'profile.grant_access', change);
    m.signal('profile', profileId);
  };
  return { act, write };
}
