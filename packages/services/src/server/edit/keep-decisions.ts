import type { Server } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** Before a server leaves its upstream, or is deleted: what people decided there last, on each definition, goes on weighing under any other name. */
export async function keepDecisions(
  tx: TenantTx,
  { tenantId, id, name, upstream, formerRevisions }: Pick<Server, 'tenantId' | 'id' | 'name' | 'upstream' | 'formerRevisions'>,
): Promise<void> {
  await tx.$executeRaw`
    insert into former_decision (tenant_id, id, upstream, server_name, kind, name, pin, verdict, risk, decided_at)
    select ${tenantId}::uuid, gen_random_uuid(), ${upstream}::text, ${name}, kind, name, pin, verdict, risk, decided_at from (
      select distinct on (d.kind, d.name, d.pin) d.kind, d.name, d.pin, d.verdict, d.risk, v.decided_at
      from entry_decision d
      join review v on v.tenant_id = d.tenant_id and v.id = d.review_id
      join server_revision r on r.tenant_id = v.tenant_id and r.id = v.revision_id and r.number > ${formerRevisions}
      where d.tenant_id = ${tenantId}::uuid and d.server_id = ${id}::uuid and d.verdict <> 'pending' and v.decided_at is not null
      order by d.kind, d.name, d.pin, v.decided_at desc, v.id desc
    ) newest`;
}
