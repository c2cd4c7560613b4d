import type { TenantTx } from '@gatehouse/db/tenant';

import { getStatusBounds } from '../agent/status.ts';
import { buildNeed, MOST_OF_KIND, type NeedGroup } from './needs.ts';
import { toGroup } from './profile-needs.ts';

interface ServerRow {
  id: string;
  slug: string;
  name: string;
  reason: string | null;
  since: Date | null;
  total: number;
}

interface FailingRow extends ServerRow {
  agentName: string;
  agents: number;
}

/** Servers that an agent tried and could not reach, as the agents that are heard of report; what they leave out they were told to. */
export async function listFailingServers(tx: TenantTx, { tenantId, now }: { tenantId: string; now: Date }): Promise<NeedGroup> {
  const { late } = getStatusBounds(now);
  const rows = await tx.$queryRaw<FailingRow[]>`
    select s.id, s.slug, s.name, min(a.name) as "agentName", count(distinct a.id)::int as agents,
      (array_agg(told ->> 'error' order by a.name))[1] as reason, min((told ->> 'at')::timestamptz) as since, (count(*) over ())::int as total
    from agent a
    cross join lateral jsonb_array_elements(case jsonb_typeof(a.server_health) when 'array' then a.server_health else '[]' end) told
    join server s on s.tenant_id = a.tenant_id and s.id::text = told ->> 'serverId' and s.disabled_at is null and s.archived_at is null
    where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null and a.quarantined_at is null and a.last_seen_at >= ${late}
      and told ->> 'state' = 'unreachable'
      and not coalesce(a.withheld @> jsonb_build_array(jsonb_build_object('id', told ->> 'serverId')), false)
    group by s.id, s.slug, s.name
    order by since, s.name
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, slug, name, reason, since, agentName, agents }) =>
    buildNeed({
      kind: 'server_failing',
      id,
      subject: name,
      place: agentName,
      path: `/servers/${slug}`,
      reason,
      since,
      many: agents,
    }),
  );
}

/** Servers of which nothing is known, because the look at them that somebody asked for failed. */
export async function listFailedDiscoveries(tx: TenantTx, { tenantId }: { tenantId: string }): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<ServerRow[]>`
    select s.id, s.slug, s.name, newest.error_text as reason, newest.finished_at as since, (count(*) over ())::int as total
    from server s
    cross join lateral (
      select d.status, d.error_text, d.finished_at from discovery d
      where d.tenant_id = s.tenant_id and d.server_id = s.id order by d.created_at desc limit 1
    ) newest
    where s.tenant_id = ${tenantId}::uuid and s.disabled_at is null and s.archived_at is null and newest.status = 'failed'
      and not exists (select from server_revision r where r.tenant_id = s.tenant_id and r.server_id = s.id)
    order by newest.finished_at, s.name
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, slug, name, reason, since }) =>
    buildNeed({ kind: 'discovery_failed', id, subject: name, path: `/servers/${slug}`, reason, since }),
  );
}
