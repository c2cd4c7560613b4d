import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** Rows of `kind`, `own` and `advertised`: under which names profiles show what they publish now. */
export function buildAdvertisedQuery(tenantId: string): Prisma.Sql {
  return Prisma.sql`
    select distinct entry ->> 'kind' as kind, entry ->> 'name' as own, entry ->> 'advertisedName' as advertised
    from profile p
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    cross join lateral jsonb_array_elements(v.document -> 'entries') entry
    where p.tenant_id = ${tenantId}::uuid and entry ->> 'advertisedName' is not null`;
}

/** The servers' own names of what profiles show under this name. */
export async function listOwnNames(tx: TenantTx, tenantId: string, advertised: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ own: string }[]>`
    select distinct own from (${buildAdvertisedQuery(tenantId)}) shown where advertised = ${advertised} and own <> ${advertised}`;
  return rows.map(({ own }) => own);
}
