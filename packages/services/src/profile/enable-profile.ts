import type { ServiceContext } from '../context.ts';
import { ProfileSwitch, setProfileDisabled } from './set-disabled.ts';

export const EnableProfile = ProfileSwitch;
export type EnableProfile = ProfileSwitch;

/** Serves the published version of a disabled profile again. Throws `conflict` when it already is. */
export function enableProfile({ ctx, input }: { ctx: ServiceContext; input: EnableProfile }): Promise<{ id: string }> {
  return setProfileDisabled(ctx, input, false);
}
