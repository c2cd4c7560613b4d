import type { TenantTx } from '@gatehouse/db/tenant';

/** Something that a group has, owns or decides on, which keeps the group from being deleted. */
export interface GroupDependent {
  kind: 'profile' | 'server';
  id: string;
  slug: string;
  name: string;
}

/** How many things depend on a group, and the first of them by name. */
export interface GroupDependents {
  total: number;
  first: GroupDependent[];
}

/** Profiles that it was given, and profiles and servers that it owns or approves for: archived ones too, which could come back. */
export async function getDependents(
  tx: TenantTx,
  { tenantId, groupId, most }: { tenantId: string; groupId: string; most: number },
): Promise<GroupDependents> {
  const rows = await tx.$queryRaw<(GroupDependent & { total: number })[]>`
    select *, (count(*) over ())::int as total from (
      select 'profile' as kind, p.id, p.slug, p.name from profile p
      where p.tenant_id = ${tenantId}::uuid and (p.owner_group_id = ${groupId}::uuid
        or exists (select from profile_group g where g.tenant_id = p.tenant_id and g.profile_id = p.id and g.group_id = ${groupId}::uuid)
        or exists (select from approver a where a.tenant_id = p.tenant_id and a.profile_id = p.id and a.group_id = ${groupId}::uuid))
      union all
      select 'server', s.id, s.slug, s.name from server s
      where s.tenant_id = ${tenantId}::uuid and (s.owner_group_id = ${groupId}::uuid
        or exists (select from approver a where a.tenant_id = s.tenant_id and a.server_id = s.id and a.group_id = ${groupId}::uuid))
    ) dependent order by name, id limit ${most}::int`;
  return { total: rows[0]?.total ?? 0, first: rows.map(({ kind, id, slug, name }) => ({ kind, id, slug, name })) };
}
