import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { type WriteReason, writeConfigurations } from '../snapshot/write-configuration.ts';
import { buildSwitch } from './open-stops.ts';
import { writeRevocations } from './write-revocations.ts';

/** A server or profile that is switched off or on, by the act `auditId`, at the sites that have it. */
export interface Switch {
  subject: { kind: 'server' | 'profile'; id: string };
  auditId: string;
  isOff: boolean;
  siteIds: readonly string[];
  reason: WriteReason;
}

/** Tells agents of it: by the revocation log at once, and by their configurations. */
export async function applySwitch(
  mutation: Mutation,
  ctx: ServiceContext,
  { siteIds, reason, ...switched }: Switch,
): Promise<void> {
  await writeRevocations(mutation, ctx, await buildSwitch(mutation.tx, { tenantId: ctx.tenantId, ...switched }));
  // what is switched on has to be served to count; what is switched off counts by the log
  const write = switched.isOff ? tryConfigurations : writeConfigurations;
  await write(mutation, ctx, siteIds, reason, { catalogue: true });
}
