import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildNeed, MOST_OF_KIND, type NeedGroup } from './needs.ts';
import { toGroup } from './profile-needs.ts';

interface At {
  tenantId: string;
  now: Date;
}

/**
 * Why a published tool is off. `changed`: its server defines it otherwise now. `gone`: its server does not offer it any more. `rejected`: it was
 * rejected since. `lapsed`: its approval has ended. `disabled`, `archived`: its server is. `elsewhere`: its server is not at the site any more.
 */
type OffReason = 'changed' | 'gone' | 'rejected' | 'lapsed' | 'disabled' | 'archived' | 'elsewhere';

interface OffRow {
  total: number;
  id: string;
  slug: string;
  name: string;
  serverId: string;
  serverName: string;
  openReviewId: string | null;
  reason: OffReason;
  names: string[];
  many: number;
  since: Date | null;
}

/**
 * What is published and switched on in a profile, and yet off at one of its sites: the rule by which a site is given its configuration, asked of the
 * published texts alone. One row for a profile, a server and a reason.
 */
export async function listOffTools(tx: TenantTx, { tenantId, now }: At): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<OffRow[]>`
    with published as (${buildPublishedQuery(tenantId)}), wanted as (
      select distinct site_id, server_id, kind, name, pins from published
    ), seen as (${buildSeenThereQuery(tenantId)}), state as (${buildStateQuery({ tenantId, now })}), off as (
      select *, case
        when archived_at is not null then 'archived'
        when disabled_at is not null then 'disabled'
        when not is_at_site then 'elsewhere'
        when not coalesce(is_here, false) then case when is_other then 'changed' else 'gone' end
        when verdict = 'rejected' then 'rejected'
        when verdict is null or valid_until is null or valid_until <= ${now} then 'lapsed'
      end as reason from state
    )
    select p.id, p.slug, p.name, s.id as "serverId", s.name as "serverName", open.id as "openReviewId", off.reason,
      (array_agg(distinct off.name))[1:3] as names, (count(distinct (off.kind, off.name)))::int as many,
      min(case off.reason when 'archived' then off.archived_at when 'disabled' then off.disabled_at when 'rejected' then off.decided_at when 'lapsed' then off.valid_until
        else off.seen_at end) as since,
      (count(*) over ())::int as total
    from off
    join published on published.site_id = off.site_id and published.server_id = off.server_id and published.kind = off.kind
      and published.name = off.name and published.pins = off.pins
    join profile p on p.tenant_id = ${tenantId}::uuid and p.id = published.profile_id
    join server s on s.tenant_id = p.tenant_id and s.id = off.server_id
    left join lateral (
      select id from review where tenant_id = s.tenant_id and server_id = s.id and state = 'open' order by created_at desc limit 1
    ) open on true
    where off.reason is not null
    group by p.id, p.slug, p.name, s.id, s.name, open.id, off.reason
    order by since, p.slug, s.name, off.reason
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, slug, name, serverId, serverName, openReviewId, reason, names, many, since }) =>
    buildNeed({
      kind: 'tool_off',
      id: `${id} ${serverId} ${reason}`,
      subject: name,
      place: serverName,
      path: reason === 'changed' && openReviewId !== null ? `/reviews/${openReviewId}` : `/profiles/${slug}`,
      code: reason,
      names,
      many,
      since,
    }),
  );
}

/** What profiles are published with, of each entry all texts, at each of their sites. */
function buildPublishedQuery(tenantId: string): Prisma.Sql {
  return Prisma.sql`
      select p.id as profile_id, ps.site_id, (entry ->> 'serverId')::uuid as server_id, entry ->> 'kind' as kind, entry ->> 'name' as name,
        array_agg(entry ->> 'pin') as pins
      from profile p
      join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
      join profile_site ps on ps.tenant_id = p.tenant_id and ps.profile_id = p.id
      cross join lateral jsonb_array_elements(v.document -> 'entries') entry
      where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and coalesce(entry ->> 'rule', 'allow') <> 'deny'
      group by 1, 2, 3, 4, 5`;
}

/** What the servers of that have at these sites: as an agent saw it last, else the newest that somebody asked for. */
function buildSeenThereQuery(tenantId: string): Prisma.Sql {
  return Prisma.sql`
      select site.site_id, site.server_id, coalesce(o.revision_id, asked.id) as revision_id, coalesce(o.other_pins, '{}') as other_pins
      from (select distinct site_id, server_id from wanted) used
      join server_site site on site.tenant_id = ${tenantId}::uuid and site.site_id = used.site_id and site.server_id = used.server_id
      left join observation o on o.tenant_id = site.tenant_id and o.server_id = site.server_id and o.site_id = site.site_id
      left join lateral (
        select id from server_revision r
        where r.tenant_id = site.tenant_id and r.server_id = site.server_id and not r.is_drift order by r.number desc limit 1
      ) asked on o.revision_id is null`;
}

/** Whether a site has one of the published texts of an entry, and what was decided on these. */
function buildStateQuery({ tenantId, now }: At): Prisma.Sql {
  return Prisma.sql`
      select w.site_id, w.server_id, w.kind, w.name, w.pins, s.archived_at, s.disabled_at, seen.revision_id, r.created_at as seen_at,
        offered.is_here, offered.is_other, standing.verdict, standing.valid_until, standing.decided_at,
        seen.site_id is not null as is_at_site
      from wanted w
      join server s on s.tenant_id = ${tenantId}::uuid and s.id = w.server_id
      left join seen on seen.site_id = w.site_id and seen.server_id = w.server_id
      left join server_revision r on r.tenant_id = s.tenant_id and r.id = seen.revision_id
      left join lateral (
        select coalesce(bool_or(e.pin = any(w.pins)), false) or seen.other_pins && w.pins as is_here, count(*) > 0 as is_other
        from revision_entry e
        where e.tenant_id = s.tenant_id and e.revision_id = seen.revision_id and e.kind::text = w.kind and e.name = w.name
      ) offered on true
      left join lateral (
        select d.verdict::text as verdict, v.valid_until, v.decided_at
        from entry_decision d join review v on v.tenant_id = d.tenant_id and v.id = d.review_id
        where d.tenant_id = s.tenant_id and d.server_id = s.id and d.pin = any(w.pins) and d.kind::text = w.kind and d.name = w.name
          and d.verdict <> 'pending' and v.decided_at is not null
        order by (d.verdict = 'approved' and v.state = 'decided' and v.valid_until > ${now}) desc, v.decided_at desc limit 1
      ) standing on true`;
}
