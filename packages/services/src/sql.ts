import { Prisma } from '@gatehouse/db/client';

/** A condition for the end of a `where`: the column holds one of these values. No condition when there is no list; nothing fits an empty one. */
export function buildInCondition(column: Prisma.Sql, values: readonly string[] | undefined, type: 'uuid' | 'text'): Prisma.Sql {
  return values ? Prisma.sql`and ${column} = any(${values}::${Prisma.raw(type)}[])` : Prisma.empty;
}
