import { Prisma } from '@gatehouse/db/client';

/** A condition for the end of a `where`: the column holds one of these values. No condition when there is no list; nothing fits an empty one. */
export function buildInCondition(column: Prisma.Sql, values: readonly string[] | undefined, type: 'uuid' | 'text'): Prisma.Sql {
  return values ? Prisma.sql`and ${column} = any(${values}::${Prisma.raw(type)}[])` : Prisma.empty;
}

/**
 * For how long before its end somebody is told of what was made at `from` and ends at `until`: two weeks, or the last third of what lasts shorter. An SQL
 * interval, of two SQL times.
 */
export function buildNotice(from: Prisma.Sql, until: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`least(interval '14 days', (${until} - ${from}) / 3)`;
}
