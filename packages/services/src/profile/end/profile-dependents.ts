import type { TenantTx } from '@gatehouse/db/tenant';

import type { ServiceContext } from '../../context.ts';
import { getPersonNames } from '../../person-names.ts';
import { EVERY_ACCESS } from '../effective-access.ts';

/** Who would notice that a profile is gone. */
export interface ProfileDependents {
  /** names of those who may use it, those with a working key first; not all of them when they are many */
  people: string[];
  peopleCount: number;
  /** keys of AI clients that work */
  keyCount: number;
}

const NAMED = 3;

export async function countDependents(
  tx: TenantTx,
  { tenantId, runtime }: Pick<ServiceContext, 'tenantId' | 'runtime'>,
  profileId: string,
): Promise<ProfileDependents> {
  const live = { tenantId, profileId, revokedAt: null, expiresAt: { gt: runtime.now() } };
  const access = await tx.$queryRaw<{ membershipId: string }[]>`
    select distinct access.membership_id as "membershipId" from ${EVERY_ACCESS} access
    join membership m on m.tenant_id = access.tenant_id and m.id = access.membership_id and m.ended_at is null
    where access.tenant_id = ${tenantId}::uuid and access.profile_id = ${profileId}::uuid
      and (access.until is null or access.until > ${runtime.now()})
    order by 1`;
  const keys = await tx.clientKey.groupBy({ by: ['membershipId'], where: live, _count: { _all: true } });
  const ids = [...new Set([...keys, ...access].map(({ membershipId }) => membershipId))];
  const names = await getPersonNames(tx, tenantId, ids.slice(0, NAMED));
  return {
    people: ids.slice(0, NAMED).map((id) => names.get(id).name),
    peopleCount: ids.length,
    keyCount: keys.reduce((sum, { _count }) => sum + _count._all, 0),
  };
}

/** "Ada, Ben and 4 more have access to it, with 7 keys that work."; null when nobody would notice. */
export function describeDependents({ people, peopleCount, keyCount }: ProfileDependents): string | null {
  if (peopleCount === 0) return null;
  const more = peopleCount - people.length;
  const named = new Intl.ListFormat('en').format([...people, ...(more > 0 ? [`${more} more`] : [])]);
  const have = peopleCount === 1 ? 'has' : 'have';
  const keys = keyCount === 0 ? '' : `, with ${keyCount} ${keyCount === 1 ? 'key that works' : 'keys that work'}`;
  return `${named} ${have} access to it${keys}.`;
}
