import type { ServiceContext } from '../context.ts';
import { ProfileSwitch, setProfileDisabled } from './set-disabled.ts';

export const DisableProfile = ProfileSwitch;
export type DisableProfile = ProfileSwitch;

/** Stops serving a profile at all its sites; draft, versions and access stay. Throws `conflict` when it already is. */
export function disableProfile({ ctx, input }: { ctx: ServiceContext; input: DisableProfile }): Promise<{ id: string }> {
  return setProfileDisabled(ctx, input, true);
}
