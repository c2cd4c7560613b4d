import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { cutPage, type Page, readCursor } from '../cursor.ts';
import { ServiceError } from '../errors.ts';

/** No more rows than this are counted: a list of that length is narrowed, not read. */
export const MOST_COUNTED = 10_000;

/** So many of something stand on the page of something else, with how many there are; all of them are in their own list. */
export const MOST_BESIDE = 50;

/** One page of a list, and how long the whole list is. */
export interface ListPage<Row> extends Page<Row> {
  /** rows that match on all pages; `MOST_COUNTED` + 1 stands for more than are counted */
  total: number;
}

/** What a list can be in the order of. Never null: a row without one needs a place too. */
export interface SortKey {
  key: Prisma.Sql;
  type: keyof typeof KEY_TYPES;
  /** which way it goes where nobody says */
  direction: 'asc' | 'desc';
}

/** How a key stands in a cursor, and what the database takes it for. */
const KEY_TYPES = {
  text: { cast: Prisma.sql`text`, schema: z.string().max(2_000) },
  time: { cast: Prisma.sql`timestamptz`, schema: z.iso.datetime() },
  number: { cast: Prisma.sql`bigint`, schema: z.string().regex(/^-?\d{1,18}$/) },
} as const;

const ID_TYPES = {
  uuid: { cast: Prisma.sql`uuid`, schema: z.uuid() },
  number: { cast: Prisma.sql`bigint`, schema: z.string().regex(/^\d{1,18}$/) },
} as const;

export interface PageQuery<Sort extends string> {
  /** tables with their joins; one row of the list each */
  from: Prisma.Sql;
  /** the tenant's, and what narrows the list */
  where: Prisma.Sql;
  /** tells rows of one key apart */
  id: Prisma.Sql;
  idType?: keyof typeof ID_TYPES;
  sorts: Record<Sort, SortKey>;
  /** tells rows of one key apart before the id does */
  tie?: Pick<SortKey, 'key' | 'type'>;
  input: { sort: Sort; order?: 'asc' | 'desc' | undefined; cursor?: string | undefined; limit: number };
}

export interface FoundPage {
  /** of the rows on the page, in order */
  ids: string[];
  nextCursor: string | null;
  total: number;
}

/**
 * Which rows a page of a list has: found, ordered and counted by the database, whatever the list is of. A page goes on after the key and the id of the last
 * row of the one before, so a row that stays what it is is met once, whatever comes and goes meanwhile. Throws `invalid` for a cursor of another order.
 */
export async function findPage<Sort extends string>(tx: TenantTx, query: PageQuery<Sort>): Promise<FoundPage> {
  const { from, where, id, tie, input } = query;
  const { key, type, direction: usual } = query.sorts[input.sort];
  const direction = input.order ?? usual;
  const order = direction === 'asc' ? Prisma.sql`asc` : Prisma.sql`desc`;
  const found = await tx.$queryRaw<{ id: string; key: unknown; tie: unknown }[]>`
    select (${id})::text as id, ${key} as key, ${tie?.key ?? Prisma.sql`null`} as tie
    from ${from} where ${where} ${buildAfter(query, direction)}
    order by ${key} ${order}, ${tie ? Prisma.sql`${tie.key} ${order},` : Prisma.empty} ${id} ${order} limit ${input.limit + 1}`;
  const { page, nextCursor } = cutPage(found, input.limit, (row) => [
    input.sort,
    direction,
    toText(row.key, type),
    ...(tie ? [toText(row.tie, tie.type)] : []),
    row.id,
  ]);
  return { ids: page.map((row) => row.id), nextCursor, total: await countRows(tx, query) };
}

async function countRows(tx: TenantTx, { from, where }: Pick<PageQuery<string>, 'from' | 'where'>): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (select from ${from} where ${where} limit ${MOST_COUNTED + 1}) counted`;
  return rows[0]?.count ?? 0;
}

function buildAfter<Sort extends string>(
  { id, idType = 'uuid', sorts, tie, input }: PageQuery<Sort>,
  direction: 'asc' | 'desc',
): Prisma.Sql {
  if (input.cursor === undefined) return Prisma.empty;
  const { key, type } = sorts[input.sort];
  const keys = [
    { key, ...KEY_TYPES[type] },
    ...(tie ? [{ key: tie.key, ...KEY_TYPES[tie.type] }] : []),
    { key: id, ...ID_TYPES[idType] },
  ];
  const Place = z
    .array(z.string())
    .length(keys.length + 2)
    .refine((parts) => keys.every(({ schema }, index) => schema.safeParse(parts[index + 2]).success));
  const [sort, way, ...last] = readCursor(Place, input.cursor);
  if (sort !== input.sort || way !== direction) {
    throw new ServiceError('invalid', 'This page link is of a list in another order. Start from the first page.', {
      field: 'cursor',
    });
  }
  const values = keys.map(({ cast }, index) => Prisma.sql`${last[index]}::text::${cast}`);
  const beyond = direction === 'asc' ? Prisma.sql`>` : Prisma.sql`<`;
  const places = Prisma.join(keys.map((each) => each.key));
  return Prisma.sql`and (${places}) ${beyond} (${Prisma.join(values)})`;
}

function toText(key: unknown, type: SortKey['type']): string {
  return type === 'time' && key instanceof Date ? key.toISOString() : String(key);
}

/** What was read of the rows of a page, in the order of the page. A row that went meanwhile is left out. */
export function orderByIds<Row>(ids: readonly string[], rows: readonly Row[], getId: (row: Row) => string): Row[] {
  const byId = new Map(rows.map((row) => [getId(row), row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
