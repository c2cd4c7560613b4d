import type { PersonGroup } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError, ServiceError } from '../errors.ts';

/** Throws `not_found`. */
export async function requireGroup(tx: TenantTx, tenantId: string, groupId: string): Promise<PersonGroup> {
  const group = await tx.personGroup.findUnique({ where: { tenantId_id: { tenantId, id: groupId } } });
  if (!group) throw createNotFoundError('group');
  return group;
}

/**
 * Takes the row lock under which it changes who is in a group, what the group is given and whether it is there. Whoever needs more locks takes this one
 * first, then those of profiles, then those of sites. Throws `not_found`.
 */
export async function lockGroup(tx: TenantTx, tenantId: string, groupId: string): Promise<PersonGroup> {
  await tx.$queryRaw`select 1 from person_group where tenant_id = ${tenantId}::uuid and id = ${groupId}::uuid for update`;
  return requireGroup(tx, tenantId, groupId);
}

/** The same, for who is in it. Throws `precondition` where the identity provider says that. */
export async function lockOwnGroup(tx: TenantTx, tenantId: string, groupId: string): Promise<PersonGroup> {
  const group = await lockGroup(tx, tenantId, groupId);
  if (group.source === 'manual') return group;
  throw new ServiceError(
    'precondition',
    `Your identity provider says who is in ${group.name}. Change it there; it is changed here with the next sign-in or synchronisation.`,
  );
}

/** Ids of the profiles that the group was given, their locks held: whoever makes a key for one of them comes before or after. */
export async function lockProfilesOf(tx: TenantTx, tenantId: string, groupId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select p.id from profile p
    where p.tenant_id = ${tenantId}::uuid
      and p.id in (select profile_id from profile_group where tenant_id = ${tenantId}::uuid and group_id = ${groupId}::uuid)
    order by p.id for update`;
  return rows.map(({ id }) => id);
}
