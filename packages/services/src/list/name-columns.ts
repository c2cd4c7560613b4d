import { Prisma } from '@gatehouse/db/client';

import { MEMBER_NAME } from '../person-names.ts';

const NAMED = ['server', 'profile', 'site', 'agent', 'client_key'].map((table) => Prisma.raw(table));

/** What the thing behind an id is called now, as columns to search: whatever it is. `tenant` and `id` are columns, the id as text. */
export function buildNameColumns(tenant: Prisma.Sql, id: Prisma.Sql): Prisma.Sql[] {
  return [
    ...NAMED.map(
      (table) => Prisma.sql`(select named.name from ${table} named where named.tenant_id = ${tenant} and named.id::text = ${id})`,
    ),
    Prisma.sql`(select ${MEMBER_NAME} from membership m left join "user" u on u.id = m.user_id
      where m.tenant_id = ${tenant} and m.id::text = ${id})`,
  ];
}
