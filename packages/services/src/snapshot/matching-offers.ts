import { Prisma, type Risk } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildMatch, buildWhen, escapePattern } from '../list/list-input.ts';
import { buildOffersWithDecisions, type Which } from './offered-entries.ts';

/** What is looked for among what servers offer. */
export interface OfferFilter {
  /** `*` stands for anything in a name; without one the text may be anywhere in name, title or description, in whatever case */
  search?: string | undefined;
  /** as a reviewer set it */
  risk?: Risk | undefined;
}

/** True where nothing is filtered. */
export const isEmptyFilter = ({ search = '', risk }: OfferFilter): boolean => search === '' && risk === undefined;

interface Sought {
  /** the sites of the profile: of an entry that has several texts, those of these sites count where there are any */
  siteIds: readonly string[];
  filter: OfferFilter;
}

/** How much one server offers. */
export interface OfferTotals {
  serverId: string;
  offered: number;
  /** of them, what could be selected now */
  usable: number;
  /** of them, what is looked for */
  matching: number;
}

/** Where a page of servers goes on. `rank` 1: nothing of it can be selected. */
export interface OfferPlace {
  rank: number;
  name: string;
  serverId: string;
}

interface PageOfOffers extends Sought {
  after: OfferPlace | null;
  limit: number;
  /** those that offer nothing too, where nothing is filtered */
  withEmpty: boolean;
}

/**
 * Servers that are in use with how much they offer, counted by the database: first those of which something can be selected, then by name. One row more
 * than `limit` where there is another page; `total`: on all pages.
 */
export async function listOfferTotals(
  tx: TenantTx,
  which: Which,
  { siteIds, filter, after, limit, withEmpty }: PageOfOffers,
): Promise<(OfferTotals & OfferPlace & { total: number })[]> {
  const least = withEmpty && isEmptyFilter(filter) ? Prisma.sql`true` : Prisma.sql`coalesce(entries.matching, 0) > 0`;
  return tx.$queryRaw`
    with offer as materialized (
      select s.id, lower(s.name) as name, coalesce(entries.offered, 0) as offered, coalesce(entries.matching, 0) as matching,
        case when ${buildServable(siteIds)} then coalesce(entries.approved, 0) else 0 end as usable
      from server s left join (
        select server_id, count(*)::int as offered, (count(*) filter (where approved))::int as approved, (count(*) filter (where matches))::int as matching
        from (${buildEntries(which, { siteIds, filter })}) entry group by 1
      ) entries on entries.server_id = s.id
      where s.tenant_id = ${which.tenantId}::uuid and s.archived_at is null and ${least}
    ), placed as (select *, (usable = 0)::int as rank from offer)
    select id as "serverId", name, rank, offered, usable, matching, (select count(*)::int from offer) as total
    from placed
    where true ${buildWhen(after ?? undefined, (at) => Prisma.sql`(rank, name, id) > (${at.rank}::int, ${at.name}, ${at.serverId}::uuid)`)}
    order by rank, placed.name, id limit ${limit + 1}`;
}

/** The names of what is looked for. */
export async function listMatchingNames(tx: TenantTx, which: Which, sought: Sought): Promise<string[]> {
  const rows = await tx.$queryRaw<
    { name: string }[]
  >`select distinct name from (${buildEntries(which, sought)}) entry where matches`;
  return rows.map(({ name }) => name);
}

/** One row for each name that is offered: whether it is approved wherever it is served, and whether it is looked for. */
function buildEntries(which: Which, { siteIds, filter }: Sought): Prisma.Sql {
  const here = Prisma.sql`filter (where offered.site_ids && ${siteIds}::text[])`;
  const isApproved = Prisma.sql`bool_and(coalesce(verdict, 'pending') = 'approved')`;
  const matches = Prisma.sql`bool_or(${buildFilter(filter)})`;
  return Prisma.sql`
    select offered.server_id, offered.kind, offered.name, coalesce(${isApproved} ${here}, ${isApproved}) as approved,
      coalesce(${matches} ${here}, ${matches}) as matches
    from ${buildOffersWithDecisions(which)} group by 1, 2, 3`;
}

/** Nothing stands in the way of all that a server `s` offers: it is on, and wherever the profile is served. */
function buildServable(siteIds: readonly string[]): Prisma.Sql {
  return Prisma.sql`s.disabled_at is null and not exists (
    select from unnest(${siteIds}::uuid[]) served (id)
    where not exists (select from server_site at where at.tenant_id = s.tenant_id and at.server_id = s.id and at.site_id = served.id))`;
}

/** What `toEntryView` makes of a definition, for the database. */
const TITLE = Prisma.sql`coalesce(definition ->> 'title', definition -> 'annotations' ->> 'title', case when offered.kind in ('resource', 'template') then definition ->> 'name' end)`;
const DESCRIPTION = Prisma.sql`coalesce(definition ->> 'description', definition ->> 'text')`;

function buildFilter({ search = '', risk }: OfferFilter): Prisma.Sql {
  const ofRisk = buildWhen(risk, (wanted) => Prisma.sql`risk::text = ${wanted}`);
  return Prisma.sql`(${buildText(search)} ${ofRisk})`;
}

function buildText(search: string): Prisma.Sql {
  if (search === '') return Prisma.sql`true`;
  if (!search.includes('*')) {
    const fields = [Prisma.sql`offered.name`, TITLE, DESCRIPTION].map(
      (field) => Prisma.sql`coalesce(${buildMatch(field, search)}, false)`,
    );
    return Prisma.sql`(${Prisma.join(fields, ' or ')})`;
  }
  return Prisma.sql`offered.name ilike ${escapePattern(search).replaceAll('*', '%')}`;
}
