import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildActCondition } from './acts.ts';

/** Of these reviews those that people decided, as many as it takes: the act of each, by id. */
export async function listDecidedReviews(
  tx: TenantTx,
  tenantId: string,
  reviewIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const act = { action: 'review.decide', entityId: Prisma.sql`v.id`, says: buildEnoughPeopleCondition() } as const;
  const reviews = await tx.$queryRaw<{ id: string; auditId: string }[]>`
    select v.id, v.audit_id as "auditId" from review v
    join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
    where v.tenant_id = ${tenantId}::uuid and v.id = any(${reviewIds}::uuid[]) and ${buildActCondition(Prisma.sql`v`, act)}`;
  return new Map(reviews.map(({ id, auditId }) => [id, auditId]));
}

/**
 * On the act that decided a review `v` of a server `s`: it is of somebody else than who added the server, and where it takes two another
 * person, who has not either, has confirmed this very act. An owner who breaks the glass is excepted for as long as the act says. Acts of before the rule stand.
 */
function buildEnoughPeopleCondition(): Prisma.Sql {
  const isGlass = Prisma.sql`coalesce((act.after ->> 'breakGlass')::boolean, false)`;
  return Prisma.sql`(
    act.after -> 'takesTwo' is null
    or (${isGlass} and v.valid_until <= (act.after ->> 'validUntil')::timestamptz)
    or ((${isGlass} or act.actor_id <> s.created_by::text) and (act.after ->> 'takesTwo' = 'false' or exists (
      select from admin_audit second
      where second.tenant_id = v.tenant_id and second.id = v.confirm_audit_id and second.actor_kind = 'person'
        and second.action = 'review.confirm' and second.entity_id = v.id::text and second.after ->> 'decision' = act.id::text
        and second.actor_id <> act.actor_id and second.actor_id <> s.created_by::text))))`;
}
