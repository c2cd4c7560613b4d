import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';

/**
 * Has a pass of the worker write one site after another. One that cannot be written, as where a stored document cannot be read, keeps no other from
 * being written: it is logged, and the first failure is thrown once all sites were tried.
 */
export async function writeEachSite(
  ctx: ServiceContext,
  siteIds: readonly string[],
  write: (siteId: string) => Promise<void>,
): Promise<void> {
  authorize(ctx, 'snapshot.renew');
  const { tenantId, runtime } = ctx;
  const failures: unknown[] = [];
  for (const siteId of siteIds) {
    try {
      await write(siteId);
    } catch (error) {
      failures.push(error);
      runtime.log.error({ err: error, tenantId, siteId }, 'the configuration of this site could not be written');
    }
  }
  if (failures.length > 0) throw failures[0];
}
