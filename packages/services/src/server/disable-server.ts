import type { ServiceContext } from '../context.ts';
import { ServerSwitch, setServerDisabled } from './set-disabled.ts';

export const DisableServer = ServerSwitch;
export type DisableServer = ServerSwitch;

/** Takes all tools of a server out of every profile at once; nothing is lost. Throws `conflict` when it already is. */
export function disableServer({ ctx, input }: { ctx: ServiceContext; input: DisableServer }): Promise<{ id: string }> {
  return setServerDisabled(ctx, input, true);
}
