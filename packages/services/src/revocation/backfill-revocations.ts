import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { writeRevocations } from './write-revocations.ts';

/** Subjects that one transaction adds. */
const BATCH = 500;

/**
 * System job: adds to the log the client keys and agents that were revoked before there was one. Only what the act of a person stands behind: a row
 * without one is served by nothing anyway. Returns how many were added.
 */
export async function backfillRevocations({ ctx }: { ctx: ServiceContext }): Promise<number> {
  authorize(ctx, 'revocation.keep');
  for (let total = 0; ;) {
    const added = await mutate(ctx, (m) => backfillBatch(m, ctx), { audited: false });
    total += added;
    if (added < BATCH) return total;
  }
}

async function backfillBatch(m: Mutation, ctx: ServiceContext): Promise<number> {
  const revoked = await listUnlogged(m.tx, { tenantId: ctx.tenantId, now: ctx.runtime.now() });
  await writeRevocations(
    m,
    ctx,
    revoked.map(({ kind, id, at, until, auditId }) => ({
      act: 'end',
      subject: { kind, id },
      at,
      until: until?.toISOString(),
      auditId,
    })),
  );
  return revoked.length;
}

function listUnlogged(tx: TenantTx, { tenantId, now }: { tenantId: string; now: Date }) {
  return tx.$queryRaw<{ kind: 'key' | 'agent'; id: string; at: Date; until: Date | null; auditId: string }[]>`
    with revoked as (
      select 'key' as kind, id::text as id, revoked_at as at, expires_at as until, profile_id::text as profile_id
      from client_key where tenant_id = ${tenantId}::uuid and revoked_at is not null
        and expires_at > greatest(${now}, (select pruned_until from revocation_head where tenant_id = ${tenantId}::uuid))
      union all
      select 'agent', id::text, revoked_at, null, null from agent where tenant_id = ${tenantId}::uuid and revoked_at is not null
    )
    select kind, revoked.id, at, until, act.id as "auditId"
    from revoked
    cross join lateral (
      select a.id from admin_audit a
      where a.tenant_id = ${tenantId}::uuid and a.actor_kind = 'person' and (
        (a.entity_id = revoked.id and a.action = case kind when 'key' then 'client_key.revoke' else 'agent.revoke' end)
        or (a.entity_id = profile_id and a.action = 'profile.revoke_access' and a.after -> 'revokedKeyIds' ? revoked.id))
      limit 1
    ) act
    where not exists (
      select from revocation r where r.tenant_id = ${tenantId}::uuid and r.subject_kind = kind and r.subject_id = revoked.id and r.act = 'end')
    limit ${BATCH}`;
}
