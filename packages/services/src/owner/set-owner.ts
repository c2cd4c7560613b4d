import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { lockProfile } from '../profile/require-profile.ts';
import {
  getOwners,
  OwnerChoice,
  type OwnerColumns,
  type OwnerView,
  requireParty,
  toOwnerChoice,
  toOwnerColumns,
} from './owner.ts';

export const SetProfileOwner = z.strictObject({
  profileId: z.uuid(),
  owner: OwnerChoice,
  /** who has no access may know of the profile, once it is published, and ask for it */
  isAskable: z.boolean(),
  revision: SeenRevision,
});
export type SetProfileOwner = z.input<typeof SetProfileOwner>;

export const SetServerOwner = z.strictObject({ serverId: z.uuid(), owner: OwnerChoice, revision: SeenRevision });
export type SetServerOwner = z.input<typeof SetServerOwner>;

/**
 * Says who answers for a profile and decides who may use it, and whether it may be asked for. Throws EditConflictError when somebody else edited it first, and
 * `not_found` for the profile, the person or the group.
 */
export async function setProfileOwner({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: SetProfileOwner;
}): Promise<{ revision: number }> {
  authorize(ctx, 'profile.publish');
  const { profileId, owner, isAskable, revision: seen } = parseInput(SetProfileOwner, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    if (owner) await requireParty(tx, tenantId, owner);
    const profile = await lockProfile(tx, tenantId, profileId);
    const before = { owner: toOwnerChoice(profile), isAskable: profile.isAskable };
    if (before.owner?.id === owner?.id && before.isAskable === isAskable) {
      reportUnchanged();
      return { revision: profile.revision };
    }
    const actions = ['profile.update', 'profile.set_owner', 'profile.set_approvers'] as const;
    const edit = {
      kind: 'profile',
      noun: 'profile',
      id: profileId,
      seen,
      actions,
      readPresent: async () => ({ owner: await readOwner(tx, tenantId, profile), isAskable: profile.isAskable }),
    } as const;
    const revision = await countEdit(tx, ctx, edit);
    await audit({
      action: 'profile.set_owner',
      entityType: 'profile',
      entityId: profileId,
      before: { ...describeOwner(before.owner), mayBeAskedFor: before.isAskable },
      after: { ...describeOwner(owner), mayBeAskedFor: isAskable },
    });
    const data = { ...toOwnerColumns(owner), isAskable };
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data });
    signal('profile', profileId);
    return { revision };
  });
}

/** Says who answers for a server: reviews of it are shown to its owner too. Throws as `setProfileOwner`. */
export async function setServerOwner({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: SetServerOwner;
}): Promise<{ revision: number }> {
  authorize(ctx, 'server.manage');
  const { serverId, owner, revision: seen } = parseInput(SetServerOwner, input);
  const { tenantId } = ctx;
  const where = { tenantId_id: { tenantId, id: serverId } };
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    if (owner) await requireParty(tx, tenantId, owner);
    const server = await tx.server.findUnique({ where, select: { ownerMembershipId: true, ownerGroupId: true, revision: true } });
    if (!server) throw createNotFoundError('server');
    const before = toOwnerChoice(server);
    if (before?.id === owner?.id) {
      reportUnchanged();
      return { revision: server.revision };
    }
    const actions = ['server.update', 'server.set_owner', 'server.set_approvers'] as const;
    const edit = {
      kind: 'server',
      noun: 'server',
      id: serverId,
      seen,
      actions,
      readPresent: async () => ({ owner: await readOwner(tx, tenantId, server) }),
    } as const;
    const revision = await countEdit(tx, ctx, edit);
    const change = { before: describeOwner(before), after: describeOwner(owner) };
    await audit({ action: 'server.set_owner', entityType: 'server', entityId: serverId, ...change });
    await tx.server.update({ where, data: toOwnerColumns(owner) });
    signal('server', serverId);
    return { revision };
  });
}

/** The owner as it is now, with the name, for whoever was second. */
async function readOwner(tx: TenantTx, tenantId: string, columns: OwnerColumns): Promise<OwnerView | null> {
  return (await getOwners(tx, tenantId, [columns])).get(columns);
}

const describeOwner = (owner: OwnerChoice) => (owner === null ? { owner: 'nobody' } : { owner: owner.kind, ownerId: owner.id });
