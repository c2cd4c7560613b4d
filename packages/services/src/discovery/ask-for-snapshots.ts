import type { ServiceContext } from '../context.ts';

/** The process that hears agents cannot sign, so the worker writes the snapshots; its sweep finds what a lost request leaves. */
export async function askForSnapshots(ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>): Promise<void> {
  const { runtime, tenantId } = ctx;
  try {
    await runtime.queues.enqueueForTenant('refresh-snapshots', tenantId);
  } catch (error) {
    runtime.log.warn({ err: error, tenantId }, 'snapshots could not be asked for; the sweep will write them');
  }
}
