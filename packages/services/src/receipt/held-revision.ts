import type { TenantTx } from '@gatehouse/db/tenant';
import type { Receipt } from '@gatehouse/protocol/receipt';

import { buildSeenQuery } from '../snapshot/offered-entries.ts';

/** What the server of a refused call offers at its site instead of what was approved. */
export interface HeldRevision {
  serverSlug: string;
  /** number of the revision that the site has now */
  revision: number;
  /** where it is decided on, or was */
  reviewId: string | null;
  /** it waits for a decision */
  isOpen: boolean;
  /** it holds the entry, in another definition */
  isOffered: boolean;
}

/** The revision by which a call was refused because of its definition; null for any other call, and where the site has what the call asked for by now. */
export async function findHeldRevision(
  tx: TenantTx,
  tenantId: string,
  { reasonCode, serverId, siteId, kind, name, pin }: Receipt,
): Promise<HeldRevision | null> {
  if (reasonCode !== 'tool_not_approved' || serverId === null || kind === null || name === null || pin === null) return null;
  const [row] = await tx.$queryRaw<(HeldRevision & { isSame: boolean })[]>`
    select s.slug as "serverSlug", r.number as revision, v.id as "reviewId", coalesce(v.state = 'open', false) as "isOpen",
      coalesce(bool_or(e.pin is not null), false) as "isOffered", coalesce(bool_or(e.pin = ${pin}), false) as "isSame"
    from server s
    cross join lateral (${buildSeenQuery(siteId)}) seen
    join server_revision r on r.tenant_id = s.tenant_id and r.id = seen.revision_id
    left join review v on v.tenant_id = r.tenant_id and v.revision_id = r.id
    left join revision_entry e on e.tenant_id = r.tenant_id and e.revision_id = r.id and e.kind::text = ${kind} and e.name = ${name}
    where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid
    group by s.slug, r.number, v.id, v.state`;
  if (!row || row.isSame) return null;
  const { isSame: _isSame, ...held } = row;
  return held;
}
