import type { TenantTx } from '../tenant.ts';

/** For each table of which rows are signed: key, whose entity the act is about, its action, what it says of the row, and who acted. */
const ACTS = [
  ['client_key', 'id', 'id', 'client_key.create', `'{}'::jsonb`, 'membership_id::text'],
  [
    'profile_access',
    'profile_id, membership_id',
    'profile_id',
    'profile.grant_access',
    `jsonb_strip_nulls(jsonb_build_object('membershipId', membership_id, 'until', until))`,
  ],
  ['profile_group', 'profile_id, group_id', 'profile_id', 'profile.grant_group', `jsonb_build_object('groupId', group_id)`],
  [
    'group_member',
    'group_id, membership_id',
    'group_id',
    'group.add_member',
    `jsonb_build_object('membershipId', membership_id)`,
  ],
  [
    'profile_version',
    'profile_id, number',
    'profile_id',
    'profile.publish',
    `jsonb_build_object('version', number, 'contentHash', content_hash)`,
  ],
  [
    'server',
    'id',
    'id',
    'server.create',
    `jsonb_build_object('transport', transport, 'siteIds',
       (SELECT coalesce(jsonb_agg(site_id), '[]') FROM server_site s WHERE s.tenant_id = server.tenant_id AND s.server_id = server.id))`,
  ],
  ['review', 'id', 'id', 'review.decide', `'{}'::jsonb`],
] as const;

/** Gives the rows of a tenant that fixtures have put there the acts of a person that the verbs would have written with them. */
export async function recordActs(tx: TenantTx, tenantId: string): Promise<void> {
  for (const [table, key, entity, action, says, actor = 'gen_random_uuid()::text'] of ACTS) {
    const decided = table === 'review' ? 'AND decided_at IS NOT NULL' : '';
    await tx.$executeRawUnsafe(
      `WITH made AS (SELECT ${key}, gen_random_uuid() AS act, ${entity}::text AS entity, ${says} AS says, ${actor} AS actor FROM ${table}
                     WHERE tenant_id = $1::uuid AND audit_id IS NULL ${decided}),
            acts AS (INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, after)
                     SELECT $1::uuid, act, 'person', actor, '${action}', '${table}', entity, says FROM made)
       UPDATE ${table} SET audit_id = made.act FROM made
       WHERE ${table}.tenant_id = $1::uuid AND (${addTable(table, key)}) = (${addTable('made', key)})`,
      tenantId,
    );
  }
  await tx.$executeRaw`
    UPDATE entry_decision d SET audit_id = v.audit_id FROM review v
    WHERE d.tenant_id = ${tenantId}::uuid AND v.tenant_id = d.tenant_id AND v.id = d.review_id AND d.audit_id IS NULL`;
}

function addTable(table: string, columns: string): string {
  return columns.replaceAll(/\w+/g, (column) => `${table}.${column}`);
}
