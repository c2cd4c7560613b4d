import type { ServiceContext } from '../context.ts';
import { ServerSwitch, setServerDisabled } from './set-disabled.ts';

export const EnableServer = ServerSwitch;
export type EnableServer = ServerSwitch;

/** Brings the still approved tools of a disabled server back. Throws `conflict` when it already is. */
export function enableServer({ ctx, input }: { ctx: ServiceContext; input: EnableServer }): Promise<{ id: string }> {
  return setServerDisabled(ctx, input, false);
}
