import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { MEMBER_NAME } from '../person-names.ts';
import { ManyIds } from './apply-to-each.ts';

/** What is about to be ended: one thing, or as many as are ended at once. */
export const WhatStopsOf = z.strictObject({ ids: ManyIds });
export type WhatStopsOf = z.input<typeof WhatStopsOf>;

/** So many of each kind are named; of the rest there is the number. */
export const MOST_NAMED = 5;

/** What becomes of something when something else ends, in the order in which it is said. */
const STOPS = [
  /** profiles that people may not use any more; `count`: how many of them */
  'access',
  /** client keys that end; `of` their profile, `whose`, `at` their last use */
  'key',
  /** what nobody answers for then */
  'unownedProfile',
  'unownedServer',
  /** what has approvers, of whom nobody can decide then */
  'undecidedProfile',
  'undecidedServer',
  /** groups that people leave; `count`: how many of them */
  'group',
  /** requests for access that are withdrawn: the profile, and `whose` */
  'request',
  /** open links that were made by or for somebody: the address */
  'link',
  /** profiles that serve entries of a server; `count`: how many entries */
  'serving',
  /** profiles that name entries of a server without serving them now: in the draft, or while they are off */
  'naming',
  /** people with keys that work for profiles that serve a server; `count`: how many keys */
  'caller',
  /** servers that were called; `at` last */
  'called',
  /** profiles at a site, `of` it: calls are refused at `url` */
  'endpoint',
  /** people who may use a profile */
  'user',
  /** profiles at a site, `of` it, that no other agent of it serves */
  'unserved',
  /** those that another agent goes on serving */
  'servedElsewhere',
  /** agents with sessions of AI clients; `count`: how many */
  'session',
  /** agents whose receipts had not arrived; `count`: how many */
  'unsent',
  /** join tokens that end: the name that the agent was to have */
  'joinToken',
  /** people who are in a group */
  'leaver',
] as const;
export type StopKind = (typeof STOPS)[number];

/** One thing that something becomes of. Null: says nothing about it. */
export interface Stopped {
  id: string;
  name: string;
  /** in its address, where it has a page of its own that goes by a slug */
  slug: string | null;
  of: string | null;
  whose: string | null;
  count: number | null;
  at: Date | null;
  url: string | null;
}

/** As the database gives it: an address is added by who knows one. */
type Row = Omit<Stopped, 'url'>;

/** What an end would do to things of one kind. */
export interface Stop {
  kind: StopKind;
  /** how many there are */
  total: number;
  /** the first of them: used last, then largest, then by name */
  first: Stopped[];
}

/** The columns of one row about something that stops; all but id and name may be left out. */
type Columns = Record<'id' | 'name', Prisma.Sql> & Partial<Record<'slug' | 'of' | 'whose' | 'count' | 'at', Prisma.Sql>>;

/** One kind of what stops, as a query of its own. `rest`: from `from` on. */
export function queryStops(kind: StopKind, { id, name, slug, of, whose, count, at }: Columns, rest: Prisma.Sql): Prisma.Sql {
  const none = Prisma.sql`null`;
  return Prisma.sql`
    select ${kind}::text as kind, (${id})::text as id, (${name})::text as name, (${slug ?? none})::text as slug, (${of ?? none})::text as "of",
      (${whose ?? none})::text as whose, (${count ?? none})::int as count, (${at ?? none})::timestamptz as at ${rest}`;
}

/** What stops of all these kinds, counted by one statement, however much it is; kinds of which there is nothing left out. */
export async function listStops(tx: TenantTx, queries: readonly Prisma.Sql[]): Promise<Stop[]> {
  const rows = await tx.$queryRaw<(Row & { kind: StopKind; total: number })[]>`
    select * from (
      select stopped.*, (count(*) over (partition by kind))::int as total,
        row_number() over (partition by kind order by at desc nulls last, count desc nulls last, lower(name), id) as place
      from (${Prisma.join(queries, ' union all ')}) stopped) ranked
    where place <= ${MOST_NAMED}::int order by place`;
  const byKind = Map.groupBy(rows, ({ kind }) => kind);
  return STOPS.flatMap((kind) => {
    const [one, ...others] = byKind.get(kind) ?? [];
    return one ? [{ kind, total: one.total, first: [one, ...others].map(toStopped) }] : [];
  });
}

const toStopped = ({ id, name, slug, of, whose, count, at }: Row): Stopped => ({
  id,
  name,
  slug,
  of,
  whose,
  count,
  at,
  url: null,
});

/** The client keys `k` that work now and fit a condition: with their profile `p` and person `m`. */
export function queryKeyStops(tenantId: string, now: Date, which: Prisma.Sql): Prisma.Sql {
  const columns = { id: Prisma.sql`k.id`, name: Prisma.sql`k.name`, of: Prisma.sql`p.name`, whose: MEMBER_NAME };
  return queryStops(
    'key',
    { ...columns, at: Prisma.sql`k.last_used_at` },
    Prisma.sql`from client_key k
      join profile p on p.tenant_id = k.tenant_id and p.id = k.profile_id
      join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id
      left join "user" u on u.id = m.user_id
      where k.tenant_id = ${tenantId}::uuid and k.revoked_at is null and k.expires_at > ${now}::timestamptz and ${which}`,
  );
}
