import type { TenantTx } from '@gatehouse/db/tenant';

import { buildIsHeard } from '../agent/status.ts';
import { buildNeed, MOST_OF_KIND, type Need, type NeedGroup } from './needs.ts';

interface At {
  tenantId: string;
  now: Date;
}

/** Rows that one query gives of a kind, each with the number that there are. */
export interface Counted {
  total: number;
}

/** What a query found, as needs. */
export function toGroup<Row extends Counted>(rows: readonly Row[], describe: (row: Row) => Need): NeedGroup {
  return { needs: rows.map(describe), total: rows[0]?.total ?? 0 };
}

interface UnservedRow extends Counted {
  id: string;
  slug: string;
  name: string;
  siteName: string;
  since: Date;
  /** an agent there may serve it all the same: it is offline, and nobody has ended it */
  isSilent: boolean;
}

/** Published profiles at sites where no agent is heard of: their people reach nothing there, as far as is known. */
export async function listUnservedProfiles(tx: TenantTx, { tenantId, now }: At): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<UnservedRow[]>`
    select p.id, p.slug, p.name, s.name as "siteName",
      greatest(v.published_at, (
        select max(least(a.revoked_at, a.quarantined_at, a.last_seen_at)) from agent a where a.tenant_id = s.tenant_id and a.site_id = s.id
      )) as since, (count(*) over ())::int as total,
      exists (select from agent a where a.tenant_id = s.tenant_id and a.site_id = s.id and a.revoked_at is null and a.quarantined_at is null) as "isSilent"
    from profile p
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    join profile_site ps on ps.tenant_id = p.tenant_id and ps.profile_id = p.id
    join site s on s.tenant_id = ps.tenant_id and s.id = ps.site_id
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and s.ended_at is null and not exists (
      select from agent a
      where a.tenant_id = s.tenant_id and a.site_id = s.id and ${buildIsHeard(now)})
    order by since, p.slug, s.slug
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, slug, name, siteName, since, isSilent }) => {
    const code = isSilent ? 'silent' : null;
    return buildNeed({ kind: 'profile_unserved', id, subject: name, place: siteName, code, path: `/profiles/${slug}`, since });
  });
}
