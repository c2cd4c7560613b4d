import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { refuseAuthorOn } from '../authors.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { buildSwitch } from '../revocation/open-stops.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { lockProfile, listProfileSiteIds } from './require-profile.ts';

export const ProfileSwitch = z.strictObject({ profileId: z.uuid() });
export type ProfileSwitch = z.input<typeof ProfileSwitch>;

/** Stops serving a profile at all its sites; draft, versions and access stay. Throws `conflict` when it already is. */
export function disableProfile({ ctx, input }: { ctx: ServiceContext; input: ProfileSwitch }): Promise<{ id: string }> {
  return setProfileDisabled(ctx, input, true);
}

/** Serves the published version of a disabled profile again. Throws `conflict` when it already is, `not_permitted` for an author. */
export function enableProfile({ ctx, input }: { ctx: ServiceContext; input: ProfileSwitch }): Promise<{ id: string }> {
  return setProfileDisabled(ctx, input, false);
}

async function setProfileDisabled(ctx: ServiceContext, input: ProfileSwitch, disabled: boolean): Promise<{ id: string }> {
  authorize(ctx, 'profile.publish');
  const { profileId } = parseInput(ProfileSwitch, input);
  const { tenantId } = ctx;
  const action = disabled ? 'profile.disable' : 'profile.enable';
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const profile = await lockProfile(tx, tenantId, profileId);
    if ((profile.disabledAt !== null) === disabled) {
      throw new ServiceError('conflict', `${profile.name} is already ${disabled ? 'disabled' : 'enabled'}. Reload the page.`);
    }
    if (!disabled) await refuseAuthorOn(tx, ctx, { entityType: 'profile', id: profileId, permission: 'profile.publish' });
    const disabledAt = disabled ? ctx.runtime.now() : null;
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { disabledAt } });
    const auditId = createActId();
    await audit({
      id: auditId,
      action,
      entityType: 'profile',
      entityId: profileId,
      before: { disabled: !disabled },
      after: { disabled },
    });
    const subject = { kind: 'profile', id: profileId } as const;
    await writeRevocations(mutation, ctx, await buildSwitch(tx, { tenantId, auditId, subject, isOff: disabled }));
    await writeConfigurations(mutation, ctx, await listProfileSiteIds(tx, tenantId, profileId), action, { catalogue: true });
    signal('profile', profileId);
    return { id: profileId };
  });
}
