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
import { isUnaltered, readDocument } from './stored-document.ts';

export const GetReceipt = z.strictObject({
  id: AddressId,
  /** from the list's row; with it only one partition is searched */
  receivedAt: z.date().optional(),
});
export type GetReceipt = z.input<typeof GetReceipt>;

export interface ReceiptDetail extends ReceiptRow {
  /** untrusted text throughout */
  document: Receipt;
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

/** One receipt. Throws `not_found`, also for another person's when the actor may only read the own ones. */
export async function getReceipt({ ctx, input }: { ctx: ServiceContext; input: GetReceipt }): Promise<ReceiptDetail> {
  authorize(ctx, 'receipt.own');
  const { id, receivedAt } = parseInput(GetReceipt, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const stored = await tx.receipt.findFirst({ where: { AND: [{ tenantId, id, receivedAt }, buildAccessFilter(ctx)] } });
    if (!stored) throw createNotFoundError('receipt');
    const document = readDocument(stored.document);
    const { hash, prevHash, spoolId } = stored;
    return {
      ...toReceiptRow(stored, await getReceiptNames(tx, tenantId, [stored]), runtime.log),
      document,
      held: await findHeldRevision(tx, tenantId, document),
      integrity: { hash, prevHash, spoolId, seq: Number(stored.seq), verified: isUnaltered(stored.document, hash) },
    };
  });
}
