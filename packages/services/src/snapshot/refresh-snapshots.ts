import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { EVERYTHING } from './parts/build-trees.ts';
import { PASS_MS, writeConfiguration } from './write-configuration.ts';
import { writeEachSite } from './write-each-site.ts';

/**
 * System job: writes a snapshot for every site of the tenant whose content is not what should be served any more: an approval or a client
 * key has lapsed, or a process that cannot sign has recorded a change. One transaction per site.
 */
export async function refreshSnapshots({ ctx }: { ctx: ServiceContext }): Promise<{ written: number }> {
  authorize(ctx, 'snapshot.renew');
  const { tenantId } = ctx;
  const sites = await read(ctx, (tx) =>
    tx.site.findMany({ where: { tenantId, endedAt: null }, select: { id: true }, orderBy: { id: 'asc' } }),
  );
  let written = 0;
  await writeEachSite(
    ctx,
    sites.map(({ id }) => id),
    async (id) => {
      await mutate(
        ctx,
        async (m) => {
          const snapshot = await writeConfiguration(m, ctx, id, 'expiry', EVERYTHING);
          if (!snapshot) return m.reportUnchanged();
          await m.audit({ action: 'snapshot.refresh', entityType: 'site', entityId: id, after: { version: snapshot.version } });
          written += 1;
        },
        { timeoutMs: PASS_MS },
      );
    },
  );
  return { written };
}
