import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { PASS_MS } from './write-configuration.ts';

/** Versions of a site that are kept, and how long a manifest is: agents may still fetch its parts. */
const KEEP_VERSIONS = 20;
const KEEP_MS = 3_600_000;

/**
 * System job: removes versions that nobody is served any more, and the parts that no manifest reaches which is left. A part that a change
 * under way takes up again is marked as used by it, and stays.
 */
export async function pruneConfigurations({
  ctx,
}: {
  ctx: ServiceContext;
}): Promise<{ manifests: number; snapshots: number; parts: number }> {
  authorize(ctx, 'snapshot.renew');
  const { tenantId, runtime } = ctx;
  const before = new Date(runtime.now().getTime() - KEEP_MS);
  return mutate(
    ctx,
    async ({ tx }) => {
      const manifests = await tx.$executeRaw`
        delete from manifest using site
        where site.tenant_id = ${tenantId}::uuid and manifest.tenant_id = site.tenant_id and manifest.site_id = site.id
          and manifest.version <= site.snapshot_version - ${KEEP_VERSIONS} and manifest.created_at < ${before}`;
      const snapshots = await tx.$executeRaw`
        delete from snapshot using site
        where site.tenant_id = ${tenantId}::uuid and snapshot.tenant_id = site.tenant_id and snapshot.site_id = site.id
          and snapshot.version <= site.snapshot_version - ${KEEP_VERSIONS}`;
      const parts = await tx.$executeRaw`
        with roots as (
          select distinct root.value as hash
          from manifest, jsonb_each_text(convert_from(payload, 'UTF8')::jsonb -> 'roots') root
          where tenant_id = ${tenantId}::uuid
        ), reachable as (
          select hash from roots
          union
          select entry ->> 1
          from config_part join roots using (hash), jsonb_array_elements(convert_from(bytes, 'UTF8')::jsonb -> 'entries') entry
          where tenant_id = ${tenantId}::uuid
        )
        delete from config_part part
        where tenant_id = ${tenantId}::uuid and used_at < ${before}
          and not exists (select from reachable where reachable.hash = part.hash)`;
      return { manifests, snapshots, parts };
    },
    { audited: false, timeoutMs: PASS_MS },
  );
}
