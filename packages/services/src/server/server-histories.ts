import { Prisma, type ReviewState } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildInCondition } from '../sql.ts';

/** What the histories of a server say of it today; null where there is none. */
export interface ServerHistory {
  revisedAt: Date | null;
  openReviewId: string | null;
  /** entries of the open review that wait for a decision */
  pendingCount: number;
  /** one of these is another definition of what the last decided review approved */
  changeHeld: boolean;
  /** of the review of this upstream that was decided last */
  lastState: ReviewState | null;
  decidedAt: Date | null;
  validUntil: Date | null;
  /** of the newest discovery */
  discoveryError: string | null;
  discoveredAt: Date | null;
}

/** By server id; of every server when none is named. One row each, however long the history is. */
export async function getServerHistories(
  tx: TenantTx,
  { tenantId, serverIds }: { tenantId: string; serverIds?: readonly string[] },
): Promise<ReadonlyMap<string, ServerHistory>> {
  const rows = await tx.$queryRaw<(ServerHistory & { serverId: string })[]>`
    select s.id as "serverId", revision.created_at as "revisedAt", open.id as "openReviewId",
      (select count(*)::int from entry_decision where tenant_id = s.tenant_id and review_id = open.id and verdict = 'pending')
        as "pendingCount",
      exists (
        select from entry_decision held join entry_decision before using (tenant_id, kind, name)
        where held.tenant_id = s.tenant_id and held.review_id = open.id and held.verdict = 'pending'
          and before.review_id = decided.id and before.verdict = 'approved'
      ) as "changeHeld",
      decided.state as "lastState", decided.decided_at as "decidedAt", decided.valid_until as "validUntil",
      discovery.error_code as "discoveryError", discovery.finished_at as "discoveredAt"
    from server s
    left join lateral (
      select created_at from server_revision where tenant_id = s.tenant_id and server_id = s.id order by number desc limit 1
    ) revision on true
    left join lateral (
      select id from review where tenant_id = s.tenant_id and server_id = s.id and state = 'open' order by created_at desc limit 1
    ) open on true
    left join lateral (
      select v.id, v.state, v.decided_at, v.valid_until from review v
      join server_revision r on r.tenant_id = v.tenant_id and r.id = v.revision_id and r.number > s.former_revisions
      where v.tenant_id = s.tenant_id and v.server_id = s.id and v.decided_at is not null order by v.decided_at desc limit 1
    ) decided on true
    left join lateral (
      select error_code, finished_at from discovery
      where tenant_id = s.tenant_id and server_id = s.id order by created_at desc limit 1
    ) discovery on true
    where s.tenant_id = ${tenantId}::uuid ${buildInCondition(Prisma.sql`s.id`, serverIds, 'uuid')}`;
  return new Map(rows.map(({ serverId, ...history }) => [serverId, history]));
}
