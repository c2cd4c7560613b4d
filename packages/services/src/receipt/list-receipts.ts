import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { Outcome } from '@gatehouse/policy/decision';
import { CallMethod } from '@gatehouse/protocol/receipt';

import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { CursorTime, cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';
import { listOwnNames } from './advertised-names.ts';
import { getReceiptNames } from './receipt-names.ts';
import { type ReceiptRow, toReceiptRow } from './receipt-row.ts';
import { recordListReading } from './record-reading.ts';
import { toIndexedName } from './stored-document.ts';
import { isOwnCall, maySeeValues } from './values.ts';

/** Newest first; the id makes the order total. */
export const RECEIPT_ORDER = [
  { receivedAt: 'desc' },
  { seq: 'desc' },
  { id: 'desc' },
] satisfies Prisma.ReceiptOrderByWithRelationInput[];

const Position = z.tuple([
  CursorTime,
  z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
  z.uuid(),
]);
const Time = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);

export const ListReceipts = z.object({
  method: CallMethod.optional(),
  /** of the entry: the server's own name of the tool or prompt, or the one under which a profile shows it, or the address or template of the resource, exactly */
  name: z.string().max(2_048).optional(),
  serverId: z.uuid().optional(),
  personId: z.uuid().optional(),
  outcome: Outcome.optional(),
  profileId: z.uuid().optional(),
  /** received at or after */
  from: Time.optional(),
  /** received before */
  to: Time.optional(),
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(200).default(100),
});
export type ListReceipts = z.input<typeof ListReceipts>;

export interface ReceiptPage extends Page<ReceiptRow> {
  /** receipts that match, on all pages */
  total: number;
}

/**
 * Receipts that match all given filters, newest first. Who may not read all receipts gets the own ones. That values of other people's calls are read goes into the
 * log before they are handed over.
 */
export async function listReceipts({ ctx, input }: { ctx: ServiceContext; input: ListReceipts }): Promise<ReceiptPage> {
  authorize(ctx, 'receipt.own');
  const { cursor, limit, ...filters } = parseInput(ListReceipts, input);
  const { tenantId, runtime } = ctx;
  const older = cursor === undefined ? {} : buildOlderFilter(cursor);

  // one state of the table for both queries, so that the total fits the rows
  const page = await runInTenant(
    runtime.db,
    tenantId,
    async (tx) => {
      const named = filters.name === undefined ? {} : await buildNameFilter(tx, tenantId, filters.name);
      const where: Prisma.ReceiptWhereInput = { AND: [{ tenantId }, buildAccessFilter(ctx), buildFilter(filters), named] };
      const onPage: Prisma.ReceiptWhereInput = { AND: [where, older] };
      const total = await tx.receipt.count({ where });
      const found = await tx.receipt.findMany({ where: onPage, orderBy: RECEIPT_ORDER, take: limit + 1 });
      const { page: shown, nextCursor } = cutPage(found, limit, ({ receivedAt, seq, id }) => [
        receivedAt.toISOString(),
        String(seq),
        id,
      ]);
      const names = await getReceiptNames(tx, tenantId, shown);
      const rows = shown.map((stored) =>
        toReceiptRow(stored, names, runtime.log, { withValues: maySeeValues(ctx, stored.personId) }),
      );
      return { rows, total, nextCursor };
    },
    { isolation: 'RepeatableRead' },
  );
  if (isPermitted(ctx.actor, 'receipt.values'))
    await recordPage(ctx, page.rows, { ...filters, follows: cursor === undefined && filters.to === undefined });
  return page;
}

async function recordPage(
  ctx: ServiceContext,
  rows: readonly ReceiptRow[],
  { from: _from, to: _to, follows, ...narrowed }: Omit<z.output<typeof ListReceipts>, 'cursor' | 'limit'> & { follows: boolean },
): Promise<void> {
  authorize(ctx, 'receipt.values');
  const shown = rows.filter(({ person, hasValues }) => hasValues && !isOwnCall(ctx, person?.id ?? null));
  await recordListReading(ctx, { receivedAt: shown.map(({ receivedAt }) => receivedAt), follows, narrowed });
}

/** The receipts that the actor may read at all. */
export function buildAccessFilter({ actor }: Pick<ServiceContext, 'actor'>): Prisma.ReceiptWhereInput {
  return isPermitted(actor, 'receipt.read') ? {} : { personId: getActorId(actor) };
}

/** What was called goes by the server's own name of it, or by the one that a profile shows; a receipt has both. */
async function buildNameFilter(tx: TenantTx, tenantId: string, name: string): Promise<Prisma.ReceiptWhereInput> {
  const own = (await listOwnNames(tx, tenantId, name)).map(toIndexedName);
  const asked = toIndexedName(name);
  return own.length === 0 ? { name: asked } : { OR: [{ name: asked }, { name: { in: own }, advertisedName: asked }] };
}

function buildFilter(filters: Omit<z.output<typeof ListReceipts>, 'cursor' | 'limit'>): Prisma.ReceiptWhereInput {
  const { method, serverId, personId, outcome, profileId, from, to } = filters;
  return {
    method,
    serverId,
    personId,
    outcome,
    profileId,
    receivedAt: { gte: from, lt: to },
  };
}

/** What comes after the receipt that a cursor stands for. */
function buildOlderFilter(cursor: string): Prisma.ReceiptWhereInput {
  const [receivedAt, seq, id] = readCursor(Position, cursor);
  return {
    receivedAt: { lte: receivedAt },
    OR: [{ receivedAt: { lt: receivedAt } }, { receivedAt, seq: { lt: seq } }, { receivedAt, seq, id: { lt: id } }],
  };
}
