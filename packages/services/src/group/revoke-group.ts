import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { revokeLostKeys, writeLostKeys } from '../profile/effective-access.ts';
import { lockProfile } from '../profile/require-profile.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { getAccessChange } from './access-change.ts';
import { GROUP_MS } from './grant-group.ts';
import { listMemberIds } from './member-ids.ts';
import { lockGroup } from './require-group.ts';

export const RevokeGroup = z.strictObject({ profileId: z.uuid(), groupId: z.uuid() });
export type RevokeGroup = z.input<typeof RevokeGroup>;

/** Takes a profile from a group. Who has it by nothing else loses it: client keys are revoked and agents told. Throws `not_found`. */
export async function revokeGroup({ ctx, input }: { ctx: ServiceContext; input: RevokeGroup }): Promise<{ revokedKeys: number }> {
  authorize(ctx, 'profile.publish');
  const { profileId, groupId } = parseInput(RevokeGroup, input);
  const { tenantId } = ctx;
  return mutate(
    ctx,
    async (m) => {
      const { tx } = m;
      const { name } = await lockGroup(tx, tenantId, groupId);
      await lockProfile(tx, tenantId, profileId);
      const { count } = await tx.profileGroup.deleteMany({ where: { tenantId, profileId, groupId } });
      if (count === 0) throw createNotFoundError('access');
      const profileIds = [profileId];
      const membershipIds = await listMemberIds(tx, tenantId, groupId);
      const lost = await revokeLostKeys(m, ctx, { profileIds, membershipIds });
      const auditId = createActId();
      await m.audit({
        id: auditId,
        action: 'profile.revoke_group',
        entityType: 'profile',
        entityId: profileId,
        before: { groupId, group: name },
        after: { group: name, revokedKeyIds: lost.map(({ id }) => id) },
      });
      await writeLostKeys(m, ctx, lost, () => auditId);
      const { siteIds, change } = await getAccessChange(tx, tenantId, { profileIds, membershipIds, lost });
      await tryConfigurations(m, ctx, siteIds, 'profile.revoke_group', change);
      m.signal('profile', profileId);
      m.signal('group', groupId);
      return { revokedKeys: lost.length };
    },
    { timeoutMs: GROUP_MS },
  );
}
