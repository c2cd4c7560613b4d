import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { Outcome } from '@gatehouse/policy/decision';
import { CallMethod } from '@gatehouse/protocol/receipt';

import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildWhen } from '../list/list-input.ts';
import { listOwnNames } from './advertised-names.ts';
import { getReceiptNames } from './receipt-names.ts';
import { type ReceiptRow, toReceiptRow } from './receipt-row.ts';
import { buildReceiptSearch } from './receipt-search.ts';
import { type ListReading, listUnrecorded, recordListReading } from './record-reading.ts';
import { toIndexedName } from './stored-document.ts';
import { isOwnCall, maySeeValues } from './values.ts';

const SORTS = { time: { key: Prisma.sql`r.received_at`, type: 'time', direction: 'desc' } } as const satisfies Record<
  string,
  SortKey
>;
const Time = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);

export const ListReceipts = z.object({
  ...buildListInput(['time']),
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
});
export type ListReceipts = z.input<typeof ListReceipts>;

/**
 * Receipts that match all given filters, newest first where nothing else is asked for. Who may not read all receipts gets the own ones. That values of other
 * people's calls are read goes into the log before they are handed over.
 */
export async function listReceipts({ ctx, input }: { ctx: ServiceContext; input: ListReceipts }): Promise<ListPage<ReceiptRow>> {
  authorize(ctx, 'receipt.own');
  const asked = parseInput(ListReceipts, input);
  const { tenantId, runtime } = ctx;
  // one state of the table for all queries, so that the total fits the rows
  const { page, reading } = await runInTenant(
    runtime.db,
    tenantId,
    async (tx) => {
      const { ids, ...found } = await findPage(tx, {
        from: Prisma.sql`receipt r`,
        where: Prisma.sql`r.tenant_id = ${tenantId}::uuid
          ${buildWhen(getReadable(ctx), (personId) => Prisma.sql`r.person_id = ${personId}::uuid`)}
          ${buildFilter(asked)}
          ${await buildNameFilter(tx, tenantId, asked.name)}
          ${await buildReceiptSearch(tx, tenantId, asked.search)}`,
        id: Prisma.sql`r.id`,
        // of those that came at one moment the agent's own order
        tie: { key: Prisma.sql`r.seq`, type: 'number' },
        sorts: SORTS,
        input: asked,
      });
      const receipts = await tx.receipt.findMany({ where: { tenantId, id: { in: ids } } });
      const names = await getReceiptNames(tx, tenantId, receipts);
      const rows = orderByIds(ids, receipts, ({ id }) => id).map((stored) =>
        toReceiptRow(stored, names, runtime.log, { withValues: maySeeValues(ctx, stored.personId) }),
      );
      const shown = describeReading(ctx, rows, asked);
      const isRecorded = shown === null || (await listUnrecorded(tx, ctx, shown)).length === 0;
      return { page: { rows, ...found }, reading: isRecorded ? null : shown };
    },
    { isolation: 'RepeatableRead' },
  );
  if (reading) await recordListReading(ctx, reading);
  return page;
}

/** What the actor is given of other people's values; null: nothing. */
function describeReading(
  ctx: Pick<ServiceContext, 'actor'>,
  rows: readonly ReceiptRow[],
  {
    from: _from,
    to,
    cursor,
    limit: _limit,
    sort: _sort,
    direction: _direction,
    order,
    ...narrowed
  }: z.output<typeof ListReceipts>,
): ListReading | null {
  if (!isPermitted(ctx.actor, 'receipt.values')) return null;
  const shown = rows.filter(({ person, hasValues }) => hasValues && !isOwnCall(ctx, person?.id ?? null));
  const follows = cursor === undefined && to === undefined && order !== 'asc';
  return { receivedAt: shown.map(({ receivedAt }) => receivedAt), follows, narrowed };
}

/** Whose receipts the actor may read; undefined: everybody's. */
function getReadable({ actor }: Pick<ServiceContext, 'actor'>): string | undefined {
  return isPermitted(actor, 'receipt.read') ? undefined : getActorId(actor);
}

/** Newest first, as the list: of those that came at one moment the agent's own order. */
export const RECEIPT_ORDER = [
  { receivedAt: 'desc' },
  { seq: 'desc' },
  { id: 'desc' },
] satisfies Prisma.ReceiptOrderByWithRelationInput[];

/** The receipts that the actor may read at all. */
export function buildAccessFilter({ actor }: Pick<ServiceContext, 'actor'>): Prisma.ReceiptWhereInput {
  const personId = getReadable({ actor });
  return personId === undefined ? {} : { personId };
}

/** What was called goes by the server's own name of it, or by the one that a profile shows; a receipt has both. */
async function buildNameFilter(tx: TenantTx, tenantId: string, name: string | undefined): Promise<Prisma.Sql> {
  if (name === undefined) return Prisma.empty;
  const own = (await listOwnNames(tx, tenantId, name)).map(toIndexedName);
  const asked = toIndexedName(name);
  if (own.length === 0) return Prisma.sql`and r.name = ${asked}`;
  return Prisma.sql`and (r.name = ${asked} or (r.name = any(${own}) and r.advertised_name = ${asked}))`;
}

function buildFilter(filters: z.output<typeof ListReceipts>): Prisma.Sql {
  const { method, serverId, personId, outcome, profileId, from, to } = filters;
  return Prisma.sql`
    ${buildWhen(method, (wanted) => Prisma.sql`r.method = ${wanted}`)}
    ${buildWhen(serverId, (wanted) => Prisma.sql`r.server_id = ${wanted}::uuid`)}
    ${buildWhen(personId, (wanted) => Prisma.sql`r.person_id = ${wanted}::uuid`)}
    ${buildWhen(outcome, (wanted) => Prisma.sql`r.outcome = ${wanted}::outcome`)}
    ${buildWhen(profileId, (wanted) => Prisma.sql`r.profile_id = ${wanted}::uuid`)}
    ${buildWhen(from, (wanted) => Prisma.sql`r.received_at >= ${wanted}::timestamptz`)}
    ${buildWhen(to, (wanted) => Prisma.sql`r.received_at < ${wanted}::timestamptz`)}`;
}
