import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { entryKey, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';

/** The last decision on an entry before a review, on whatever definition it then had. */
export interface PreviousDecision extends EntryRef {
  pin: string;
  /** as stored: parse it before use */
  definition: unknown;
}

/** By `entryKey`, from the reviews of the server that were decided before this one was opened. */
export async function previousDecisions(
  tx: TenantTx,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<ReadonlyMap<string, PreviousDecision>> {
  const rows = await tx.$queryRaw<PreviousDecision[]>`
    select previous.kind, previous.name, previous.pin, e.definition
    from (${previousOf(tenantId, [id])}) previous
    join revision_entry e on e.tenant_id = ${tenantId}::uuid and e.revision_id = previous.revision_id
      and e.kind = previous.kind and e.pin = previous.pin`;
  return new Map(rows.map((row) => [entryKey(row), row]));
}

/** What a list says of the entries of one review. */
export interface ReviewCounts {
  toolCount: number;
  newTools: number;
  changedTools: number;
  /** new or changed ones among them that are destructive, declared, assumed or set */
  destructiveTools: number;
  approvedTools: number;
  /** entries that are not tools */
  otherCount: number;
  /** new or changed ones among them */
  touchedOtherCount: number;
  approvedOtherCount: number;
}

/** By review id. */
export async function countEntries(
  tx: TenantTx,
  tenantId: string,
  reviewIds: readonly string[],
): Promise<ReadonlyMap<string, ReviewCounts>> {
  const rows = await tx.$queryRaw<(ReviewCounts & { reviewId: string })[]>`
    with previous as (${previousOf(tenantId, reviewIds)}), entry as (
      select d.review_id, d.kind = 'tool' as is_tool, d.risk, d.verdict = 'approved' as is_approved,
        previous.pin is null as is_new, previous.pin is distinct from d.pin as is_touched
      from entry_decision d left join previous using (review_id, kind, name)
      where d.tenant_id = ${tenantId}::uuid and d.review_id = any(${reviewIds}::uuid[])
    )
    select review_id as "reviewId",
      (count(*) filter (where is_tool))::int as "toolCount",
      (count(*) filter (where is_tool and is_new))::int as "newTools",
      (count(*) filter (where is_tool and is_touched and not is_new))::int as "changedTools",
      (count(*) filter (where is_touched and risk = 'destructive'))::int as "destructiveTools",
      (count(*) filter (where is_tool and is_approved))::int as "approvedTools",
      (count(*) filter (where not is_tool))::int as "otherCount",
      (count(*) filter (where not is_tool and is_touched))::int as "touchedOtherCount",
      (count(*) filter (where not is_tool and is_approved))::int as "approvedOtherCount"
    from entry group by 1`;
  return new Map(rows.map(({ reviewId, ...counts }) => [reviewId, counts]));
}

function previousOf(tenantId: string, reviewIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    select distinct on (r.id, d.kind, d.name) r.id as review_id, d.kind, d.name, d.pin, v.revision_id
    from review r
    join review v on v.tenant_id = r.tenant_id and v.server_id = r.server_id and v.id <> r.id and v.decided_at is not null
      and v.created_at <= r.created_at
    join entry_decision d on d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict <> 'pending'
    where r.tenant_id = ${tenantId}::uuid and r.id = any(${reviewIds}::uuid[])
    order by r.id, d.kind, d.name, v.created_at desc, v.id desc`;
}
