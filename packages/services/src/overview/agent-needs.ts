import type { TenantTx } from '@gatehouse/db/tenant';

import { getStatusBounds, getStatusChangeMs } from '../agent/status.ts';
import { type AgentNeedFacts, CERTIFICATE_NOTICE_MS, listAgentNeeds, type Need, PATIENCE_MS } from './needs.ts';

/** More agents than this in trouble at once are not looked at one by one. */
const MOST_AGENTS = 1_000;

/** What needs somebody about agents. Only those come out of the database that may have something: an agent that is well costs nothing. */
export async function listNeedsOfAgents(tx: TenantTx, { tenantId, now }: { tenantId: string; now: Date }): Promise<Need[]> {
  const { late } = getStatusBounds(now);
  const patient = new Date(now.getTime() - PATIENCE_MS);
  const noticed = new Date(now.getTime() + CERTIFICATE_NOTICE_MS);
  const rows = await tx.$queryRaw<AgentNeedFacts[]>`
    select * from (
      select a.id, a.name, s.name as "siteName", a.enrolled_at as "enrolledAt", a.revoked_at as "revokedAt",
        a.quarantined_at as "quarantinedAt", a.last_seen_at as "lastSeenAt", a.left_behind_at as "leftBehindAt",
        s.snapshot_version::float8 as "desiredVersion", newest.created_at as "desiredAt", a.acked_version::float8 as "ackedVersion",
        a.rejected_version::float8 as "rejectedVersion", a.rejected_code as "rejectedCode", a.rejected_reason as "rejectedReason",
        a.rejected_at as "rejectedAt",
        left_out.servers as "withheldServers", left_out.profiles as "withheldProfiles",
        a.buffered_receipts as "bufferedReceipts", stream.updated_at as "receivedAt", a.lost_receipts as "lostReceipts",
        a.refused_receipts as "refusedReceipts", a.certificate_ends_at as "certificateEndsAt"
      from agent a
      join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
      left join lateral (
        select created_at from manifest m
        where m.tenant_id = s.tenant_id and m.site_id = s.id and m.version = s.snapshot_version
        union all
        select created_at from snapshot n
        where n.tenant_id = s.tenant_id and n.site_id = s.id and n.version = s.snapshot_version
        limit 1
      ) newest on true
      left join lateral (
        select max(updated_at) as updated_at from agent_stream t where t.tenant_id = a.tenant_id and t.agent_id = a.id
      ) stream on true
      cross join lateral (
        select (count(*) filter (where item ->> 'kind' = 'server'))::int as servers,
          (count(*) filter (where item ->> 'kind' <> 'server'))::int as profiles
        from jsonb_array_elements(case jsonb_typeof(a.withheld) when 'array' then a.withheld else '[]' end) item
      ) left_out
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
    ) agent
    where "quarantinedAt" is not null or "leftBehindAt" is not null or coalesce("lastSeenAt", "enrolledAt") < ${late}
      or ("desiredVersion" > 0 and "rejectedVersion" = "desiredVersion")
      or ("ackedVersion" < "desiredVersion" and "desiredAt" < ${patient})
      or "withheldServers" + "withheldProfiles" > 0 or "bufferedReceipts" > 0 or "lostReceipts" > 0 or "refusedReceipts" > 0
      or "certificateEndsAt" < ${noticed}
    order by coalesce("lastSeenAt", "enrolledAt"), id
    limit ${MOST_AGENTS}::int`;
  return rows.flatMap((agent) => listAgentNeeds(agent, now));
}

/** Milliseconds until the clock alone makes an agent late or offline, if nothing is heard meanwhile; null when no agent is heard of. */
export async function getNextStatusChange(
  tx: TenantTx,
  { tenantId, now }: { tenantId: string; now: Date },
): Promise<number | null> {
  const { late, offline } = getStatusBounds(now);
  const [row] = await tx.$queryRaw<{ connected: Date | null; late: Date | null }[]>`
    select min(last_seen_at) filter (where last_seen_at >= ${late}) as connected,
      min(last_seen_at) filter (where last_seen_at < ${late}) as late
    from agent
    where tenant_id = ${tenantId}::uuid and revoked_at is null and quarantined_at is null and last_seen_at >= ${offline}`;
  const heard = [row?.connected, row?.late].filter((at) => at instanceof Date);
  const changes = heard.flatMap((at) => getStatusChangeMs(now.getTime() - at.getTime()) ?? []);
  return changes.length > 0 ? Math.min(...changes) : null;
}
