import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { listPublicKeys } from '../keyset/read-keyset.ts';
import { findSigningKeyId } from '../signing/keys.ts';
import { openHandedManifest } from './open-handed-manifest.ts';
import { EVERYTHING } from './parts/build-trees.ts';
import { writeConfiguration } from './write-configuration.ts';
import { writeEachSite } from './write-each-site.ts';

/** Furthest that anything but the key that signs now moves the versions of a site at a time. They never run out, and no restore loses so many. */
const MAX_STEP = 1_000_000n;

/**
 * System job: where an agent has had a version that its site never had, or had with something else in it, because this database was restored to before it, signs
 * the site's configuration under a version above that, since agents take no older one and none of the same version. The proof is this tenant's own signature on the agent's manifest,
 * checked here whatever the hub made of it. A key that signs no more may be in the hands of a thief: what it signed, like the bare word of an
 * earlier agent, moves versions by a step. One transaction per site.
 */
export async function passAheadVersions({ ctx }: { ctx: ServiceContext }): Promise<{ passed: number }> {
  authorize(ctx, 'snapshot.renew');
  const { tenantId } = ctx;
  const versions = await read(ctx, (tx) => findAheadVersions(tx, tenantId));
  await writeEachSite(ctx, [...versions.keys()], async (id) => {
    await mutate(ctx, async (m) => {
      await m.tx.$executeRaw`
        update site set snapshot_version = greatest(snapshot_version, ${versions.get(id) ?? 0n}) where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
      const next = await writeConfiguration(m, ctx, id, 'lease', EVERYTHING);
      const after = { version: next?.version ?? 0 };
      await m.audit({ action: 'snapshot.pass_ahead', entityType: 'site', entityId: id, after });
    });
  });
  return { passed: versions.size };
}

/** Versions that sites have to pass, by site in the order of their ids. */
async function findAheadVersions(tx: TenantTx, tenantId: string): Promise<ReadonlyMap<string, bigint>> {
  const agents = await tx.$queryRaw<AheadAgent[]>`
    select site.id as "siteId", site.snapshot_version as version, agent.ahead_version as claimed, agent.ahead_manifest as manifest,
      'manifest-back' = any(agent.features) as "canProve"
    from site join agent on agent.tenant_id = site.tenant_id and agent.site_id = site.id
    where site.tenant_id = ${tenantId}::uuid and agent.revoked_at is null and agent.ahead_version >= site.snapshot_version
    order by site.id`;
  const found = new Map<string, bigint>();
  if (agents.length === 0) return found;
  const keys = await listPublicKeys(tx, tenantId);
  const signingKeyId = await findSigningKeyId(tx, tenantId);
  for (const { siteId, version, claimed, manifest, canProve } of agents) {
    const proven = openHandedManifest(manifest, { tenantId, siteId, keys });
    if (!proven && canProve) continue;
    const told = proven ? BigInt(proven.version) : claimed;
    const ahead = proven?.keyId === signingKeyId ? told : pickLower(told, version + MAX_STEP);
    if (ahead >= (found.get(siteId) ?? version)) found.set(siteId, ahead);
  }
  return found;
}

interface AheadAgent {
  siteId: string;
  /** newest of the site */
  version: bigint;
  /** that the agent has had, as the hub noted it */
  claimed: bigint;
  manifest: unknown;
  canProve: boolean;
}

const pickLower = (a: bigint, b: bigint): bigint => (a < b ? a : b);
