import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildSearchCondition, splitWords } from '../list/list-input.ts';
import { MEMBER_NAME } from '../person-names.ts';
import { buildAdvertisedQuery } from './advertised-names.ts';

/**
 * For the end of a `where` on receipts `r`: each word stands in the name of the tool, the person or the profile. What is called so is looked for in the configuration,
 * and receipts by its exact name or id, for which there are indexes: a search costs the same however many receipts do not match.
 */
export async function buildReceiptSearch(tx: TenantTx, tenantId: string, search: string | undefined): Promise<Prisma.Sql> {
  const conditions: Prisma.Sql[] = [];
  for (const word of splitWords(search)) {
    const [found] = await tx.$queryRaw<{ names: string[]; people: string[]; profiles: string[] }[]>`
      select
        array(select distinct e.name from revision_entry e where e.tenant_id = ${tenantId}::uuid
          ${buildSearchCondition([Prisma.sql`e.name`], word)}
          union select own from (${buildAdvertisedQuery(tenantId)}) shown where true
          ${buildSearchCondition([Prisma.sql`shown.advertised`], word)}) as names,
        array(select m.id::text from membership m left join "user" u on u.id = m.user_id where m.tenant_id = ${tenantId}::uuid
          ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`], word)}) as people,
        array(select p.id::text from profile p where p.tenant_id = ${tenantId}::uuid
          ${buildSearchCondition([Prisma.sql`p.name`, Prisma.sql`p.slug`], word)}) as profiles`;
    const { names, people, profiles } = found ?? { names: [], people: [], profiles: [] };
    conditions.push(
      Prisma.sql`and (r.name = any(${names}) or r.person_id = any(${people}::uuid[]) or r.profile_id = any(${profiles}::uuid[]))`,
    );
  }
  return conditions.length === 0 ? Prisma.empty : Prisma.join(conditions, ' ');
}
