import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { lockProfile } from '../profile/require-profile.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { getAccessChange } from './access-change.ts';
import { listMemberIds } from './member-ids.ts';
import { lockGroup } from './require-group.ts';

export const GrantGroup = z.strictObject({ profileId: z.uuid(), groupId: z.uuid() });
export type GrantGroup = z.input<typeof GrantGroup>;

/** For a group of thousands: a configuration of each site, and each of its people in it. */
export const GROUP_MS = 60_000;

/** Gives a profile to a group: who is in it, now and later, may make client keys for the profile. Throws `not_found`. */
export async function grantGroup({ ctx, input }: { ctx: ServiceContext; input: GrantGroup }): Promise<{ granted: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, groupId } = parseInput(GrantGroup, input);
  const { tenantId } = ctx;
  return mutate(
    ctx,
    async (m) => {
      const { tx } = m;
      const { name } = await lockGroup(tx, tenantId, groupId);
      await lockProfile(tx, tenantId, profileId);
      if ((await tx.profileGroup.count({ where: { tenantId, profileId, groupId } })) > 0) {
        m.reportUnchanged();
        return { granted: false };
      }
      const auditId = createActId();
      const subject = { entityType: 'profile', entityId: profileId };
      await m.audit({ id: auditId, action: 'profile.grant_group', ...subject, after: { groupId, group: name } });
      const grantedAt = ctx.runtime.now();
      await tx.profileGroup.create({
        data: { tenantId, profileId, groupId, grantedBy: getActorId(ctx.actor), grantedAt, auditId },
      });
      const membershipIds = await listMemberIds(tx, tenantId, groupId);
      const { siteIds, change } = await getAccessChange(tx, tenantId, { profileIds: [profileId], membershipIds });
      await writeConfigurations(m, ctx, siteIds, 'profile.grant_group', change);
      m.signal('profile', profileId);
      m.signal('group', groupId);
      return { granted: true };
    },
    { timeoutMs: GROUP_MS },
  );
}
