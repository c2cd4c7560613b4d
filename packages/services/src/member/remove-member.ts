import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { type Mutation, mutate } from '../audit/mutate.ts';
import { withdrawLinksOf } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import { findLastExpiry } from '../client-key/create-client-key.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { lockMember, refuseLastOwner, refuseOwnerByOthers } from './member-rules.ts';

export const RemoveMember = z.strictObject({ membershipId: z.uuid() });
export type RemoveMember = z.input<typeof RemoveMember>;

/**
 * Takes a person out of the workspace with all access, sessions, client keys and links that the person had made; agents hear of it at once. The
 * membership is ended: its id keeps its meaning in receipts and revocations, and coming back makes another.
 */
export async function removeMember({ ctx, input }: { ctx: ServiceContext; input: RemoveMember }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(RemoveMember, input);
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const member = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [member.role]);
    await refuseLastOwner(m, member);
    const auditId = createActId();
    const { role } = member;
    await m.audit({ id: auditId, action: 'member.remove', entityType: 'member', entityId: membershipId, before: { role } });
    const at = runtime.now();
    const until = findLastExpiry(at);
    await writeRevocations(m, ctx, [{ act: 'before', subject: { kind: 'person', id: membershipId }, at, until, auditId }]);
    const own = { where: { tenantId, membershipId } };
    const access = await m.tx.profileAccess.findMany({ ...own, select: { profileId: true } });
    const keys = await m.tx.clientKey.updateManyAndReturn({
      where: { ...own.where, revokedAt: null },
      data: { revokedAt: runtime.now() },
      select: { id: true },
    });
    const siteIds = await listSitesOf(m, ctx, membershipId);
    await m.tx.profileAccess.deleteMany(own);
    const left = await m.tx.groupMember.findMany({ ...own, select: { groupId: true } });
    await m.tx.groupMember.deleteMany(own);
    await withdrawRequests(m, ctx, membershipId);
    await withdrawLinksOf(m, ctx, membershipId);
    const endedAt = runtime.now();
    // the account is not seen from here any more: what the person did goes on to be called after them
    const { name } = await m.tx.user.findUniqueOrThrow({ where: { id: member.userId }, select: { name: true } });
    const ended = { endedAt, signedOutAt: endedAt, displayName: member.displayName ?? name };
    await m.tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data: ended });
    m.signal('member', membershipId);
    for (const { profileId } of access) m.signal('profile', profileId);
    for (const { groupId } of left) m.signal('group', groupId);
    for (const { id } of keys) m.signal('client_key', id);
    await tryConfigurations(m, ctx, siteIds, 'member.remove', { people: [membershipId], keys: keys.map(({ id }) => id) });
  });
}

/** The sites that serve a profile which the person may use, or has a key for. */
async function listSitesOf({ tx }: Mutation, { tenantId }: ServiceContext, membershipId: string): Promise<string[]> {
  const sites = await tx.site.findMany({
    where: {
      tenantId,
      profiles: {
        some: {
          profile: {
            OR: [
              { clientKeys: { some: { membershipId } } },
              { access: { some: { membershipId } } },
              { groups: { some: { group: { members: { some: { membershipId } } } } } },
            ],
          },
        },
      },
    },
    select: { id: true },
  });
  return sites.map(({ id }) => id);
}

/** What the person asked for is withdrawn. What the person owned goes on to name who it was, so that somebody is told and names another (`queryOwnersGone`). */
async function withdrawRequests({ tx }: Mutation, ctx: ServiceContext, membershipId: string): Promise<void> {
  const { tenantId, runtime } = ctx;
  await tx.accessRequest.updateMany({
    where: { tenantId, membershipId, state: 'open' },
    data: { state: 'withdrawn', decidedBy: getActorId(ctx.actor), decidedAt: runtime.now() },
  });
}

export const RemovePeople = z.strictObject({ ids: ManyIds });
export type RemovePeople = z.input<typeof RemovePeople>;

/** Takes each of several people out of the workspace. */
export async function removePeople({ ctx, input }: { ctx: ServiceContext; input: RemovePeople }): Promise<ManyOutcome> {
  authorize(ctx, 'member.manage');
  const { ids } = parseInput(RemovePeople, input);
  return applyToEach(ids, (id) => removeMember({ ctx, input: { membershipId: id } }));
}
