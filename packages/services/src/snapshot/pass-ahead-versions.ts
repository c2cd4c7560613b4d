import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { EVERYTHING } from './parts/build-trees.ts';
import { writeConfiguration } from './write-configuration.ts';

/** Furthest that an agent's unproven word moves the versions of its site at a time. They never run out, and no restore loses so many. */
const MAX_STEP = 1_000_000n;

/**
 * System job: where an agent serves a version that its site never had, because this database was restored to before it, signs the site's
 * configuration under a version above that, since agents take no older one. One transaction per site.
 */
export async function passAheadVersions({ ctx }: { ctx: ServiceContext }): Promise<{ passed: number }> {
  authorize(ctx, 'snapshot.renew');
  const { tenantId } = ctx;
  const sites = await read(
    ctx,
    (tx) => tx.$queryRaw<{ id: string; ahead: bigint }[]>`
      select site.id, max(agent.ahead_version) as ahead
      from site join agent on agent.tenant_id = site.tenant_id and agent.site_id = site.id
      where site.tenant_id = ${tenantId}::uuid and agent.revoked_at is null and agent.ahead_version > site.snapshot_version
      group by site.id order by site.id`,
  );
  for (const { id, ahead } of sites) {
    await mutate(ctx, async (m) => {
      await m.tx.$executeRaw`
        update site set snapshot_version = greatest(snapshot_version, least(${ahead}, snapshot_version + ${MAX_STEP}))
        where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
      const next = await writeConfiguration(m, ctx, id, 'lease', EVERYTHING);
      const after = { version: next?.version ?? 0 };
      await m.audit({ action: 'snapshot.pass_ahead', entityType: 'site', entityId: id, after });
    });
  }
  return { passed: sites.length };
}
