import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { PASS_MS, writeConfiguration } from './write-configuration.ts';
import { writeEachSite } from './write-each-site.ts';

/**
 * System job: signs again what every site of the tenant serves once half of its lease is over, so that an agent that is connected never
 * sees it end. One transaction per site.
 */
export async function renewLeases({ ctx }: { ctx: ServiceContext }): Promise<{ renewed: number }> {
  authorize(ctx, 'snapshot.renew');
  const due = await listSitesToRenew(ctx);
  let renewed = 0;
  await writeEachSite(ctx, due, async (siteId) => {
    await mutate(
      ctx,
      async (m) => {
        const snapshot = await writeConfiguration(m, ctx, siteId, 'lease', {});
        await m.audit({
          action: 'snapshot.renew',
          entityType: 'site',
          entityId: siteId,
          after: { version: snapshot?.version ?? 0 },
        });
        renewed += 1;
      },
      { timeoutMs: PASS_MS },
    );
  });
  return { renewed };
}

async function listSitesToRenew(ctx: ServiceContext): Promise<string[]> {
  authorize(ctx, 'snapshot.renew');
  const { now, settings } = ctx.runtime;
  const latestEnd = new Date(now().getTime() + settings.leaseMs / 2);
  return read(ctx, async (tx) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select site.id from site
      left join manifest on manifest.tenant_id = site.tenant_id and manifest.site_id = site.id and manifest.version = site.snapshot_version
      left join snapshot on snapshot.tenant_id = site.tenant_id and snapshot.site_id = site.id and snapshot.version = site.snapshot_version
      where site.tenant_id = ${ctx.tenantId}::uuid and site.ended_at is null and coalesce(manifest.not_after, snapshot.not_after) <= ${latestEnd}
      order by site.id`;
    return rows.map(({ id }) => id);
  });
}
