import { Prisma, type Risk, type Verdict } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey, type EntryKind, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';

/** The last decision on an entry before a review, on whatever definition it then had. */
export interface PreviousDecision extends EntryRef {
  pin: string;
  verdict: Verdict;
  /** of a tool */
  risk: Risk | null;
  logArguments: string[];
  logResults: string[];
  ignored: string[];
  note: string | null;
  /** of what another upstream offered: nothing of it stands */
  isFormer: boolean;
  /** as stored: parse it before use */
  definition: unknown;
}

/** By `toEntryKey`, from the reviews of the server that were decided before this one: what it shows as new and as changed. */
export async function getPreviousDecisions(
  tx: TenantTx,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<ReadonlyMap<string, PreviousDecision>> {
  const rows = await tx.$queryRaw<PreviousDecision[]>`
    select previous.kind, previous.name, previous.pin, previous.verdict, previous.risk, previous.log_arguments as "logArguments",
      previous.log_results as "logResults", previous.ignored, previous.note, e.definition, exists (
        select from server_revision former join server s on s.tenant_id = former.tenant_id and s.id = former.server_id
        where former.tenant_id = ${tenantId}::uuid and former.id = previous.revision_id and former.number <= s.former_revisions
      ) as "isFormer"
    from (${buildPreviousQuery(tenantId, [id])}) previous
    join revision_entry e on e.tenant_id = ${tenantId}::uuid and e.revision_id = previous.revision_id
      and e.kind = previous.kind and e.pin = previous.pin`;
  return new Map(rows.map((row) => [toEntryKey(row), row]));
}

/** A decision in any other review of the server: the newest on the name of an entry, or on the definition that it has now. */
export interface NewestDecision extends EntryRef {
  pin: string;
  verdict: Verdict;
  /** of a tool */
  risk: Risk | null;
  decidedAt: Date;
}

/**
 * By `toEntryKey`, newest first, from every other decided review: what a decision is weighed against. When a review was opened is for the hub to
 * say, so that counts for nothing here; when it was decided only people's acts say.
 */
export async function listNewestDecisions(
  tx: TenantTx,
  { tenantId, id, serverId, revisionId }: { tenantId: string; id: string; serverId: string; revisionId: string },
): Promise<ReadonlyMap<string, readonly NewestDecision[]>> {
  const rows = await tx.$queryRaw<NewestDecision[]>`
    with decided as (
      select d.kind, d.name, d.pin, d.verdict, d.risk, v.decided_at, v.id, d.pin = e.pin as is_present
      from revision_entry e
      join entry_decision d on d.tenant_id = e.tenant_id and d.kind = e.kind and d.name = e.name and d.verdict <> 'pending'
      join review v on v.tenant_id = d.tenant_id and v.id = d.review_id
      where e.tenant_id = ${tenantId}::uuid and e.revision_id = ${revisionId}::uuid
        and v.server_id = ${serverId}::uuid and v.id <> ${id}::uuid and v.decided_at is not null
    )
    select kind, name, pin, verdict, risk, decided_at as "decidedAt" from (
      (select distinct on (kind, name) * from decided order by kind, name, decided_at desc, id desc)
      union
      (select distinct on (kind, name) * from decided where is_present order by kind, name, decided_at desc, id desc)
    ) newest order by decided_at desc, id desc`;
  return Map.groupBy(rows, toEntryKey);
}

/** What a list says of the entries of one review. */
export interface ReviewCounts {
  offered: EntryCounts;
  added: EntryCounts;
  changed: EntryCounts;
  approved: EntryCounts;
  /** new or changed tools that are destructive, declared, assumed or set */
  destructiveCount: number;
}

/** The same of the entries of one kind, as the query counts them. */
interface KindRow {
  reviewId: string;
  kind: EntryKind;
  offered: number;
  added: number;
  changed: number;
  approved: number;
  destructive: number;
}

/** Counts by review id. */
export async function countByReview(
  tx: TenantTx,
  tenantId: string,
  reviewIds: readonly string[],
): Promise<(reviewId: string) => ReviewCounts> {
  const rows = await tx.$queryRaw<KindRow[]>`
    with previous as (${buildPreviousQuery(tenantId, reviewIds)}), entry as (
      select d.review_id, d.kind, d.risk, d.verdict = 'approved' as is_approved,
        previous.pin is null as is_new, previous.pin is distinct from d.pin as is_touched
      from entry_decision d left join previous using (review_id, kind, name)
      where d.tenant_id = ${tenantId}::uuid and d.review_id = any(${reviewIds}::uuid[])
    )
    select review_id as "reviewId", kind, count(*)::int as offered,
      (count(*) filter (where is_new))::int as added,
      (count(*) filter (where is_touched and not is_new))::int as changed,
      (count(*) filter (where is_approved))::int as approved,
      (count(*) filter (where is_touched and risk = 'destructive'))::int as destructive
    from entry group by 1, 2`;
  const byReview = Map.groupBy(rows, ({ reviewId }) => reviewId);
  return (reviewId) => sumRows(byReview.get(reviewId) ?? []);
}

function sumRows(rows: readonly KindRow[]): ReviewCounts {
  return {
    offered: countByKind(rows, ({ offered }) => offered),
    added: countByKind(rows, ({ added }) => added),
    changed: countByKind(rows, ({ changed }) => changed),
    approved: countByKind(rows, ({ approved }) => approved),
    destructiveCount: rows.reduce((sum, { destructive }) => sum + destructive, 0),
  };
}

function buildPreviousQuery(tenantId: string, reviewIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    select distinct on (r.id, d.kind, d.name) r.id as review_id, d.kind, d.name, d.pin, d.verdict, d.risk, d.log_arguments, d.log_results, d.ignored, d.note, v.revision_id
    from review r
    join review v on v.tenant_id = r.tenant_id and v.server_id = r.server_id and v.id <> r.id and v.decided_at is not null
      and (r.decided_at is null or (v.decided_at, v.id) < (r.decided_at, r.id))
    join entry_decision d on d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict <> 'pending'
    where r.tenant_id = ${tenantId}::uuid and r.id = any(${reviewIds}::uuid[])
    order by r.id, d.kind, d.name, v.decided_at desc, v.id desc`;
}
