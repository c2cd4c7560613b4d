import type { Risk } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';

/** What people said of an entry of this name in another review of the same upstream. */
export interface DecisionElsewhere extends EntryRef {
  serverName: string;
  /** null: its server has another address by now, or was deleted */
  reviewId: string | null;
  verdict: 'approved' | 'rejected';
  /** of a tool */
  risk: Risk | null;
  /** said of the very definition that is to be decided on */
  isSame: boolean;
  /** one person said it, and a second one has not confirmed it */
  waits: boolean;
}

/**
 * By `toEntryKey`: the newest decision of every other server with the same upstream, also of one that is not there any more, on the name and on the
 * very definition, and what waits for a second person in any other review of the upstream; of several that say the same one. Where an upstream is not known it may be the same.
 */
export async function listDecisionsElsewhere(
  tx: TenantTx,
  { tenantId, id, serverId, revisionId }: { tenantId: string; id: string; serverId: string; revisionId: string },
): Promise<ReadonlyMap<string, readonly DecisionElsewhere[]>> {
  const rows = await tx.$queryRaw<DecisionElsewhere[]>`
    with reviewed as (
      select v.*, other.name as server_name
      from server s
      join server other on other.tenant_id = s.tenant_id and coalesce(other.upstream = s.upstream, true)
      join review v on v.tenant_id = other.tenant_id and v.server_id = other.id and v.id <> ${id}::uuid
      where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid
    ), decided as (
      select d.kind::text as kind, d.name, d.pin, d.verdict::text as verdict, d.risk::text as risk, false as waits, v.decided_at as at, v.id, v.server_id, v.server_name
      from reviewed v join entry_decision d on d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict <> 'pending'
      where v.server_id <> ${serverId}::uuid and v.decided_at is not null
      union all
      select f.kind::text, f.name, f.pin, f.verdict::text, f.risk::text, false, f.decided_at, null, null, f.server_name
      from server s join former_decision f on f.tenant_id = s.tenant_id and coalesce(f.upstream = s.upstream, true)
      where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid
    ), waiting as (
      select d.kind, d.name, p.pin, d.verdict, d.risk, true as waits, v.proposed_at as at, v.id, v.server_id, v.server_name
      from reviewed v
      cross join lateral jsonb_to_recordset(v.proposal -> 'decisions') d (kind text, name text, verdict text, risk text)
      join revision_entry p on p.tenant_id = v.tenant_id and p.revision_id = v.revision_id and p.kind::text = d.kind and p.name = d.name
      where v.proposed_at is not null
    ), said as (
      select said.*, said.pin = e.pin as is_same
      from (select * from decided union all select * from waiting) said
      join revision_entry e on e.tenant_id = ${tenantId}::uuid and e.revision_id = ${revisionId}::uuid
        and e.kind::text = said.kind and e.name = said.name
    ), newest as (
      (select distinct on (kind, name, server_id, server_name, waits) * from said order by kind, name, server_id, server_name, waits, at desc, id desc)
      union all
      (select distinct on (kind, name, server_id, server_name, waits) * from said where is_same order by kind, name, server_id, server_name, waits, at desc, id desc)
    )
    select distinct on (kind, name, verdict, risk, is_same, waits) kind, name, server_name as "serverName", id as "reviewId", verdict, risk,
      is_same as "isSame", waits
    from newest order by kind, name, verdict, risk, is_same, waits, at desc, id desc`;
  return Map.groupBy(rows, toEntryKey);
}
