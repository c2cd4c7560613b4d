import { z } from 'zod';

import type { Receipt } from '@gatehouse/protocol/receipt';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { findHeldRevision, type HeldRevision } from './held-revision.ts';
import { buildAccessFilter } from './list-receipts.ts';
import { getReceiptNames } from './receipt-names.ts';
import { type ReceiptRow, toReceiptRow } from './receipt-row.ts';
import { isReadingRecorded, recordReading } from './record-reading.ts';
import { isUnaltered, readDocument } from './stored-document.ts';
import { hasValues, isOwnCall, maySeeValues, hideValues, type WithheldValues } from './values.ts';

export const GetReceipt = z.strictObject({
  id: AddressId,
  /** from the list's row; with it only one partition is searched */
  receivedAt: z.date().optional(),
});
export type GetReceipt = z.input<typeof GetReceipt>;

export interface ReceiptDetail extends ReceiptRow {
  /** untrusted text throughout; without logged values where they are withheld */
  document: Receipt;
  /** what the reader may not see; null: nothing is kept back */
  withheld: WithheldValues | null;
  /** the log says that the reader was given values of it */
  isRecorded: boolean;
  /** of a call that was refused because its server defines it otherwise than it was approved: what the site has instead */
  held: HeldRevision | null;
  integrity: {
    hash: string;
    prevHash: string;
    spoolId: string;
    seq: number;
    /** what is stored still has the hash that the agent gave it; false also when something was redacted on arrival */
    verified: boolean;
  };
}

/**
 * One receipt; that values of somebody else's call are read goes into the log before they are handed over. Throws `not_found`, also for another person's when the actor
 * may only read the own ones.
 */
export async function getReceipt({ ctx, input }: { ctx: ServiceContext; input: GetReceipt }): Promise<ReceiptDetail> {
  authorize(ctx, 'receipt.own');
  const { id, receivedAt } = parseInput(GetReceipt, input);
  const { tenantId, runtime } = ctx;
  const { detail, isNew } = await read(ctx, async (tx) => {
    const stored = await tx.receipt.findFirst({ where: { AND: [{ tenantId, id, receivedAt }, buildAccessFilter(ctx)] } });
    if (!stored) throw createNotFoundError('receipt');
    const whole = readDocument(stored.document);
    const { hash, prevHash, spoolId, personId } = stored;
    const names = await getReceiptNames(tx, tenantId, [stored]);
    const isRecorded = maySeeValues(ctx, personId) && !isOwnCall(ctx, personId) && hasValues(whole);
    const shown = {
      ...toReceiptRow(stored, names, runtime.log, { withValues: maySeeValues(ctx, personId) }),
      ...hideValues(ctx, whole),
      isRecorded,
      held: await findHeldRevision(tx, tenantId, whole),
      integrity: { hash, prevHash, spoolId, seq: Number(stored.seq), verified: isUnaltered(stored.document, hash) },
    };
    return { detail: shown, isNew: isRecorded && !(await isReadingRecorded(tx, ctx, id)) };
  });
  if (isNew) await recordReading(ctx, { id, personId: detail.person?.id ?? null });
  return detail;
}
