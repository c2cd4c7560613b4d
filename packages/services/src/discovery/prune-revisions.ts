import { Prisma } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';

const DAY_MS = 24 * 3_600_000;
/** What an agent saw and nobody decided is kept this long once no site has it any more. */
const KEEP_DRIFT_MS = DAY_MS;
/** Any other revision is kept this long at least, and one with approvals this long after they have lapsed. */
const KEEP_MS = 90 * DAY_MS;
/** Revisions that one pass removes. */
const BATCH = 200;

interface Pruned {
  serverId: string;
  number: number;
}

/**
 * System verb: removes revisions that nobody refers to any more, with their definitions and reviews; the oldest first, so many in a pass. A revision
 * stays that a site has or would go by, that is under review or was talked about, from which a version of a profile has a definition that is nowhere
 * else, or that has the last word on something that its server offered. Receipts and the admin log keep the names that they have. Returns how many went.
 */
export async function pruneRevisions({ ctx }: { ctx: ServiceContext }): Promise<{ pruned: number }> {
  authorize(ctx, 'record.expire');
  const { tenantId, runtime } = ctx;
  const now = runtime.now().getTime();
  const before = { drift: new Date(now - KEEP_DRIFT_MS), other: new Date(now - KEEP_MS) };
  return mutate(ctx, async (m) => {
    const pruned = await m.tx.$queryRaw<Pruned[]>`
      delete from server_revision where tenant_id = ${tenantId}::uuid and id in (
        select r.id from server_revision r where r.tenant_id = ${tenantId}::uuid and ${buildUnusedCondition(before)}
        order by r.created_at limit ${BATCH}
      ) returning server_id as "serverId", number`;
    const servers = Map.groupBy(pruned, ({ serverId }) => serverId);
    if (pruned.length === 0) m.reportUnchanged();
    await m.audit(
      ...[...servers].map(([serverId, of]) => ({
        action: 'revision.prune',
        entityType: 'server',
        entityId: serverId,
        before: { revisions: of.map(({ number }) => number).toSorted((a, b) => a - b) },
      })),
    );
    for (const serverId of servers.keys()) m.signal('server', serverId);
    return { pruned: pruned.length };
  });
}

/** That nobody refers to a revision `r`. The database holds the worker to the most of it (migration `forget_revisions`). */
function buildUnusedCondition(before: { drift: Date; other: Date }): Prisma.Sql {
  // one row for each thing that somebody decided in the revision
  const decided = Prisma.sql`
    select d.*, v.id as own_id, v.decided_at as own_decided_at, v.valid_until
    from review v join entry_decision d on d.tenant_id = v.tenant_id and d.review_id = v.id and d.verdict <> 'pending'
    where v.tenant_id = r.tenant_id and v.revision_id = r.id`;
  const again = Prisma.sql`
    select from entry_decision again join review w on w.tenant_id = again.tenant_id and w.id = again.review_id
    where again.tenant_id = d.tenant_id and again.server_id = d.server_id and again.kind = d.kind and again.name = d.name
      and again.verdict <> 'pending' and w.id <> d.own_id`;
  return Prisma.sql`
    not exists (select from observation o where o.tenant_id = r.tenant_id and o.revision_id = r.id)
    and (r.is_drift or exists (
      select from server_revision later
      where later.tenant_id = r.tenant_id and later.server_id = r.server_id and not later.is_drift and later.number > r.number
    ))
    and not exists (
      select from review v where v.tenant_id = r.tenant_id and v.revision_id = r.id and (v.state = 'open' or exists (
        select from review_comment c where c.tenant_id = v.tenant_id and c.review_id = v.id
      ))
    )
    and (r.created_at < ${before.other} or (r.is_drift and r.created_at < ${before.drift} and not exists (${decided})))
    and not exists (
      select from (${decided}) d
      where not exists (${again} and w.decided_at > d.own_decided_at and again.pin = d.pin)
        -- or an approval that has lapsed long ago, in the place of which no earlier one would come back
        and not (
          d.verdict = 'approved' and d.valid_until < ${before.other}
          and exists (${again} and w.decided_at > d.own_decided_at)
          and not exists (${again} and again.pin = d.pin and w.valid_until > d.valid_until)
        )
    )
    and not exists (
      select from profile_version p, jsonb_array_elements(p.document -> 'entries') chosen
      join revision_entry own on own.tenant_id = r.tenant_id and own.revision_id = r.id and own.pin = chosen ->> 'pin'
      where p.tenant_id = r.tenant_id and chosen ->> 'serverId' = r.server_id::text and not exists (
        select from revision_entry other join server_revision o on o.tenant_id = other.tenant_id and o.id = other.revision_id
        where other.tenant_id = r.tenant_id and other.kind = own.kind and other.pin = own.pin and o.server_id = r.server_id and o.number > r.number
      )
    )`;
}
