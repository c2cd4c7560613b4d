import { z } from 'zod';

import { parseInput, ServiceError } from './errors.ts';

/** A time in a cursor. */
export const CursorTime = z.iso.datetime().transform((text) => new Date(text));

/** One page of a list, and the cursor of the next one; null: there is none. */
export interface Page<Row> {
  rows: Row[];
  nextCursor: string | null;
}

/** The rows of one page, and the cursor of the next one. `found` is one row longer than `limit` when there is a next page. */
export function cutPage<Row>(
  found: readonly Row[],
  limit: number,
  toPosition: (row: Row) => readonly string[],
): { page: Row[]; nextCursor: Page<Row>['nextCursor'] } {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { page, nextCursor: last ? Buffer.from(JSON.stringify(toPosition(last))).toString('base64url') : null };
}

/** The position of the row that a cursor stands after. Throws `invalid` for text that is no cursor of this list. */
export function readCursor<Position>(schema: z.ZodType<Position>, cursor: string): Position {
  try {
    return parseInput(schema, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new ServiceError('invalid', 'This page link is not valid. Start from the first page.', { cause, field: 'cursor' });
  }
}
