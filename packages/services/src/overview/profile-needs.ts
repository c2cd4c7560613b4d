import type { TenantTx } from '@gatehouse/db/tenant';

import { getStatusBounds } from '../agent/status.ts';
import { getPersonNames } from '../person-names.ts';
import { buildNeed, MOST_OF_KIND, type Need, type NeedGroup } from './needs.ts';

interface At {
  tenantId: string;
  now: Date;
}

/** Rows that one query gives of a kind, each with the number that there are. */
interface Counted {
  total: number;
}

/** What a query found, as needs. */
export function toGroup<Row extends Counted>(rows: readonly Row[], describe: (row: Row) => Need): NeedGroup {
  return { needs: rows.map(describe), total: rows[0]?.total ?? 0 };
}

interface RequestRow extends Counted {
  id: string;
  slug: string;
  name: string;
  note: string;
  requestedBy: string;
  since: Date;
}

/** Profiles that somebody who may not publish has asked to be published. */
export async function listPublishRequestNeeds(tx: TenantTx, { tenantId }: At): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<RequestRow[]>`
    select r.id, p.slug, p.name, r.note, r.requested_by as "requestedBy", r.requested_at as since, (count(*) over ())::int as total
    from publish_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
    where r.tenant_id = ${tenantId}::uuid and r.state = 'open' and p.disabled_at is null
    order by r.requested_at, r.id
    limit ${MOST_OF_KIND}::int`;
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ requestedBy }) => requestedBy),
  );
  return toGroup(rows, ({ id, slug, name, note, requestedBy, since }) =>
    buildNeed({
      kind: 'publish_requested',
      id,
      subject: name,
      place: names.get(requestedBy).name,
      path: `/profiles/${slug}`,
      reason: note || null,
      since,
    }),
  );
}

interface UnservedRow extends Counted {
  id: string;
  slug: string;
  name: string;
  siteName: string;
  since: Date;
}

/** Published profiles at sites where no agent is heard of: their people reach nothing there. */
export async function listUnservedProfiles(tx: TenantTx, { tenantId, now }: At): Promise<NeedGroup> {
  const { offline } = getStatusBounds(now);
  const rows = await tx.$queryRaw<UnservedRow[]>`
    select p.id, p.slug, p.name, s.name as "siteName",
      greatest(v.published_at, (
        select max(least(a.revoked_at, a.quarantined_at, a.last_seen_at)) from agent a where a.tenant_id = s.tenant_id and a.site_id = s.id
      )) as since, (count(*) over ())::int as total
    from profile p
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    join profile_site ps on ps.tenant_id = p.tenant_id and ps.profile_id = p.id
    join site s on s.tenant_id = ps.tenant_id and s.id = ps.site_id
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and s.ended_at is null and not exists (
      select from agent a
      where a.tenant_id = s.tenant_id and a.site_id = s.id and a.revoked_at is null and a.quarantined_at is null
        and a.last_seen_at >= ${offline})
    order by since, p.slug, s.slug
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, slug, name, siteName, since }) =>
    buildNeed({ kind: 'profile_unserved', id, subject: name, place: siteName, path: `/profiles/${slug}`, since }),
  );
}
