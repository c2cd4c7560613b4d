import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { RevocationSubject } from '@gatehouse/policy/documents/revocation';

import type { NewRevocation } from './write-revocations.ts';

/** The stops that no later lift of their subject names: subject_kind, subject_id, entry_id, at. */
export function buildOpenStopsQuery(tenantId: string): Prisma.Sql {
  return Prisma.sql`
    select stop.subject_kind, stop.subject_id, stop.entry_id, stop.at from revocation stop
    where stop.tenant_id = ${tenantId}::uuid and stop.act = 'stop' and not exists (
      select from revocation lift
      where lift.tenant_id = stop.tenant_id and lift.act = 'lift' and lift.of_entry_id = stop.entry_id
        and lift.subject_kind = stop.subject_kind and lift.subject_id = stop.subject_id and lift.at >= stop.at)`;
}

/** Turns a subject off by a stop, or on again by lifting every stop of it that is open, as entries for the log. */
export async function buildSwitch(
  tx: TenantTx,
  { tenantId, auditId, subject, isOff }: { tenantId: string; auditId: string; subject: RevocationSubject; isOff: boolean },
): Promise<NewRevocation[]> {
  if (isOff) return [{ act: 'stop', subject, auditId }];
  const { kind, id } = subject;
  const open = await tx.$queryRaw<{ entryId: string }[]>`
    select entry_id as "entryId" from (${buildOpenStopsQuery(tenantId)}) open where subject_kind = ${kind} and subject_id = ${id}`;
  return open.map(({ entryId }) => ({ act: 'lift', subject, of: entryId, auditId }));
}
