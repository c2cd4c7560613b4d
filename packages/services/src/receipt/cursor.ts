import { z } from 'zod';

import type { Prisma, Receipt } from '@gatehouse/db/client';

import { ServiceError } from '../errors.ts';

const Position = z.tuple([z.iso.datetime(), z.string().regex(/^\d{1,19}$/), z.uuid()]);

/** Newest first; the id makes the order total. */
export const RECEIPT_ORDER = [
  { receivedAt: 'desc' },
  { seq: 'desc' },
  { id: 'desc' },
] satisfies Prisma.ReceiptOrderByWithRelationInput[];

/** Opaque text that stands for the place after this receipt. */
export function encodeCursor({ receivedAt, seq, id }: Pick<Receipt, 'receivedAt' | 'seq' | 'id'>): string {
  const position: z.infer<typeof Position> = [receivedAt.toISOString(), String(seq), id];
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** What comes after a cursor. Throws `invalid` for text that is not one. */
export function buildCursorFilter(cursor: string): Prisma.ReceiptWhereInput {
  const [time, seqText, id] = decodeCursor(cursor);
  const [receivedAt, seq] = [new Date(time), BigInt(seqText)];
  return {
    receivedAt: { lte: receivedAt },
    OR: [{ receivedAt: { lt: receivedAt } }, { receivedAt, seq: { lt: seq } }, { receivedAt, seq, id: { lt: id } }],
  };
}

function decodeCursor(cursor: string): z.infer<typeof Position> {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new ServiceError('invalid', 'This page link is not valid. Start from the first page.', { cause });
  }
}
