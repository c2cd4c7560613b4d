import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { cutPage, type Page, readCursor } from '../cursor.ts';
import { ServiceError } from '../errors.ts';

/** No more rows than this are counted: a list of that length is narrowed, not read. */
export const MOST_COUNTED = 10_000;

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
  const { from, where, id, input } = query;
  const { key, type, direction: usual } = query.sorts[input.sort];
  const direction = input.order ?? usual;
  const order = direction === 'asc' ? Prisma.sql`asc` : Prisma.sql`desc`;
  const found = await tx.$queryRaw<{ id: string; key: unknown }[]>`
    select (${id})::text as id, ${key} as key from ${from} where ${where} ${buildAfter(query, direction)}
    order by ${key} ${order}, ${id} ${order} limit ${input.limit + 1}`;
  const { page, nextCursor } = cutPage(found, input.limit, (row) => [input.sort, direction, toText(row.key, type), row.id]);
  return { ids: page.map((row) => row.id), nextCursor, total: await countRows(tx, query) };
}

async function countRows(tx: TenantTx, { from, where }: Pick<PageQuery<string>, 'from' | 'where'>): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (select from ${from} where ${where} limit ${MOST_COUNTED + 1}) counted`;
  return rows[0]?.count ?? 0;
}

function buildAfter<Sort extends string>(
  { id, idType = 'uuid', sorts, input }: PageQuery<Sort>,
  direction: 'asc' | 'desc',
): Prisma.Sql {
  if (input.cursor === undefined) return Prisma.empty;
  const { key, type } = sorts[input.sort];
  const Position = z.tuple([z.string(), z.string(), KEY_TYPES[type].schema, ID_TYPES[idType].schema]);
  const [sort, way, lastKey, lastId] = readCursor(Position, input.cursor);
  if (sort !== input.sort || way !== direction) {
    throw new ServiceError('invalid', 'This page link is of a list in another order. Start from the first page.', {
      field: 'cursor',
    });
  }
  const beyond = direction === 'asc' ? Prisma.sql`>` : Prisma.sql`<`;
  return Prisma.sql`and (${key}, ${id}) ${beyond} (${lastKey}::text::${KEY_TYPES[type].cast}, ${lastId}::text::${ID_TYPES[idType].cast})`;
}

function toText(key: unknown, type: SortKey['type']): string {
  return type === 'time' && key instanceof Date ? key.toISOString() : String(key);
}

/** What was read of the rows of a page, in the order of the page. A row that went meanwhile is left out. */
export function orderByIds<Row>(ids: readonly string[], rows: readonly Row[], getId: (row: Row) => string): Row[] {
  const byId = new Map(rows.map((row) => [getId(row), row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
