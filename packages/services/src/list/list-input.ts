import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

const MAX_WORDS = 8;

/** What every list takes: words to find, an order, and which page. The first of `sorts` is the order where none is asked for. */
export function buildListInput<const Sort extends string>(sorts: readonly [Sort, ...Sort[]]) {
  return {
    /** words that all have to stand somewhere in what a row is known by */
    search: z.string().trim().max(200).optional(),
    sort: z.enum(sorts).default(sorts[0]),
    /** left out: the order that goes with the sort, names from A on and times from the newest on */
    order: z.enum(['asc', 'desc']).optional(),
    /** what the browser's side of tRPC adds to what it reads page by page; there is no way back */
    direction: z.enum(['forward', 'backward']).optional(),
    /** `nextCursor` of the page before, in the same order */
    cursor: z.string().max(4_000).optional(),
    limit: z.int().min(1).max(200).default(50),
  };
}

/** The words of a search, each of which has to be found. */
export function splitWords(search: string | undefined): string[] {
  return (search ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
}

/** For the end of a `where`: each word of a search stands in one of these columns, in whatever case. */
export function buildSearchCondition(columns: readonly Prisma.Sql[], search: string | undefined): Prisma.Sql {
  const conditions = splitWords(search).map(
    (word) =>
      Prisma.sql`and (${Prisma.join(
        columns.map((column) => buildMatch(column, word)),
        ' or ',
      )})`,
  );
  return conditions.length === 0 ? Prisma.empty : Prisma.join(conditions, ' ');
}

/** The word stands in the column, in whatever case. */
export function buildMatch(column: Prisma.Sql, word: string): Prisma.Sql {
  return Prisma.sql`${column} ilike ${`%${escapePattern(word)}%`}`;
}

/** The text as part of a pattern of `ilike`, in which none of it means anything but itself. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** For the end of a `where`: this condition, where the value that it is about is given. */
export function buildWhen<T>(value: T | undefined, build: (value: T) => Prisma.Sql): Prisma.Sql {
  return value === undefined ? Prisma.empty : Prisma.sql`and ${build(value)}`;
}
