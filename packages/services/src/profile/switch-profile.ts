import { z } from 'zod';

import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { setDisabled, type Switchable } from '../revocation/set-disabled.ts';
import { listProfileSiteIds, lockProfile } from './require-profile.ts';

export const ProfileSwitch = z.strictObject({ profileId: z.uuid() });
export type ProfileSwitch = z.input<typeof ProfileSwitch>;

const PROFILE: Switchable<ProfileSwitch> = {
  entityType: 'profile',
  permission: 'profile.publish',
  readId: (input) => parseInput(ProfileSwitch, input).profileId,
  lock: lockProfile,
  listSiteIds: listProfileSiteIds,
};

/** Stops serving a profile at all its sites; draft, versions and access stay. Throws `conflict` when it already is. */
export function disableProfile({ ctx, input }: { ctx: ServiceContext; input: ProfileSwitch }): Promise<{ id: string }> {
  return setDisabled(ctx, PROFILE, { input, disabled: true });
}

/** Serves the published version of a disabled profile again. Throws `conflict` when it already is, `not_permitted` for an author. */
export function enableProfile({ ctx, input }: { ctx: ServiceContext; input: ProfileSwitch }): Promise<{ id: string }> {
  return setDisabled(ctx, PROFILE, { input, disabled: false });
}
