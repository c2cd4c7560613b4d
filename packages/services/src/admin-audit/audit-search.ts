import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildMatch, buildWhen, splitWords } from '../list/list-input.ts';
import { MEMBER_NAME } from '../person-names.ts';

/** Of so many entries, the newest of the time that is asked about, the details are searched: there is no index of what stands inside of them. */
export const MOST_SEARCHED = 10_000;

export interface AuditSearch {
  /** for the end of a `where` on entries `a` */
  condition: Prisma.Sql;
  /** details of entries before this were not searched; null: those of all were */
  detailsFrom: Date | null;
}

interface Asked {
  tenantId: string;
  search: string | undefined;
  from: Date | undefined;
  to: Date | undefined;
  /** details of all entries, however many: for what nobody waits for */
  everything: boolean;
}

const NAMED = ['server', 'profile', 'site', 'agent', 'client_key'] as const;

/**
 * Each word stands in what was done, in what the thing or the person is called now, or in the details; or it is an id. What is called so is looked for in the
 * configuration, and entries by its id, for which there are indexes.
 */
export async function buildAuditSearch(tx: TenantTx, asked: Asked): Promise<AuditSearch> {
  const words = splitWords(asked.search);
  if (words.length === 0) return { condition: Prisma.empty, detailsFrom: null };
  const detailsFrom = asked.everything ? null : await findDetailsFrom(tx, asked);
  const conditions: Prisma.Sql[] = [];
  for (const word of words) conditions.push(await buildWord(tx, asked.tenantId, word, detailsFrom));
  return { condition: Prisma.join(conditions, ' '), detailsFrom };
}

async function findDetailsFrom(tx: TenantTx, { tenantId, from, to }: Asked): Promise<Date | null> {
  const [oldest] = await tx.$queryRaw<{ at: Date }[]>`
    select a.at from admin_audit a where a.tenant_id = ${tenantId}::uuid
      ${buildWhen(from, (wanted) => Prisma.sql`a.at >= ${wanted}::timestamptz`)}
      ${buildWhen(to, (wanted) => Prisma.sql`a.at < ${wanted}::timestamptz`)}
    order by a.at desc offset ${MOST_SEARCHED - 1} limit 1`;
  return oldest?.at ?? null;
}

async function buildWord(tx: TenantTx, tenantId: string, word: string, detailsFrom: Date | null): Promise<Prisma.Sql> {
  const here = (alias: string): Prisma.Sql => Prisma.sql`${Prisma.raw(alias)}.tenant_id = ${tenantId}::uuid`;
  const named = NAMED.map(
    (table) =>
      Prisma.sql`select n.id::text as id from ${Prisma.raw(table)} n where ${here('n')} and ${buildMatch(Prisma.sql`n.name`, word)}`,
  );
  const [found] = await tx.$queryRaw<{ actions: string[]; ids: string[] }[]>`
    with recursive act (action) as (
      select min(a.action) from admin_audit a where ${here('a')}
      union all
      select (select min(a.action) from admin_audit a where ${here('a')} and a.action > act.action) from act where act.action is not null
    )
    select array(select action from act where ${buildMatch(Prisma.sql`action`, word)}) as actions,
      array(${Prisma.join(named, ' union all ')} union all
        select m.id::text from membership m left join "user" u on u.id = m.user_id
        where ${here('m')} and (${buildMatch(MEMBER_NAME, word)} or ${buildMatch(Prisma.sql`m.email`, word)}) union all
        select t.id::text from account_token t where ${here('t')} and ${buildMatch(Prisma.sql`t.email`, word)}) as ids`;
  const { actions, ids } = found ?? { actions: [], ids: [] };
  const [subjects, details] = [
    [word.toLowerCase(), ...ids],
    Prisma.sql`${buildMatch(Prisma.sql`a.before::text`, word)} or ${buildMatch(Prisma.sql`a.after::text`, word)}`,
  ];
  const inDetails = detailsFrom === null ? details : Prisma.sql`a.at >= ${detailsFrom}::timestamptz and (${details})`;
  return Prisma.sql`and (a.action = any(${actions}) or a.entity_id = any(${subjects}) or a.actor_id = any(${subjects}) or ${inDetails})`;
}
