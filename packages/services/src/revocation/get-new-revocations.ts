import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { MAX_REVOCATIONS } from '@gatehouse/protocol/revocations';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { toEnvelope } from '../snapshot/envelopes.ts';
import { ENTRY_TYPE, HEAD_TYPE } from './envelope-row.ts';

/** Where to go on: after the log that has this root, or after a place in this log. */
export const GetNewRevocations = z.union([z.strictObject({ root: Sha256 }), z.strictObject({ after: z.int().nonnegative() })]);
export type GetNewRevocations = z.input<typeof GetNewRevocations>;

export interface NewRevocations {
  entries: SignedEnvelope[];
  head: SignedEnvelope;
  /** root and time of the head */
  root: string;
  asOf: Date;
  /** place up to which these are all */
  through: number;
  /** true: there are more after these */
  hasMore: boolean;
}

/** The next entries of the tenant's log, all of it after a root that it never had, and its head; null before the first head is signed. */
export async function getNewRevocations({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: GetNewRevocations;
}): Promise<NewRevocations | null> {
  authorize(ctx, 'config.read');
  const from = parseInput(GetNewRevocations, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const head = await tx.revocationHead.findUnique({ where: { tenantId } });
    if (!head?.payload || !head.signature || head.keyId === null || head.root === null || !head.asOf) return null;
    const { payload, signature, keyId, root, asOf } = head;
    const after = 'after' in from ? from.after : await findPlace(tx, tenantId, from.root);
    // entries that were added since the head was read come with the next one
    const where = { tenantId, seq: { gt: after, lte: head.lastSeq } };
    const rows = await tx.revocation.findMany({ where, orderBy: { seq: 'asc' }, take: MAX_REVOCATIONS });
    const through = rows.length < MAX_REVOCATIONS ? head.lastSeq : (rows.at(-1)?.seq ?? after);
    return {
      entries: rows.map((row) => toEnvelope(ENTRY_TYPE, row)),
      head: toEnvelope(HEAD_TYPE, { payload, signature, keyId }),
      root,
      asOf,
      through,
      hasMore: through < head.lastSeq,
    };
  });
}

/** The last place of the log that had this root; 0 for a root that it never had, or long ago. */
async function findPlace(tx: TenantTx, tenantId: string, root: string): Promise<number> {
  const known = await tx.revocationRoot.findUnique({ where: { tenantId_root: { tenantId, root } }, select: { seq: true } });
  return known?.seq ?? 0;
}
