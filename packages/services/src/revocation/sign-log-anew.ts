import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { ServiceContext } from '../context.ts';
import { listPublicKeys } from '../keyset/read-keyset.ts';
import { openSigner } from '../signing/sign.ts';
import { toEnvelope } from '../snapshot/envelopes.ts';
import { ENTRY_TYPE } from './envelope-row.ts';
import { openEntry } from './open-entry.ts';

/** Entries that one statement changes. */
const BATCH = 1_000;

/**
 * Signs every entry of the log with the key that signs now, for agents that take no other. An entry is its bytes, so it stays the same. One that
 * the key before has not signed was not put there by a verb, and gets no signature.
 */
export async function signLogAnew(tx: TenantTx, ctx: ServiceContext, previousKeyId: string): Promise<void> {
  const { tenantId } = ctx;
  const keys = new Map([...(await listPublicKeys(tx, tenantId))].filter(([id]) => id === previousKeyId));
  const sign = await openSigner(ctx, tx);
  for (let after = 0; ;) {
    const where = { tenantId, seq: { gt: after } };
    const rows = await tx.revocation.findMany({ where, orderBy: { seq: 'asc' }, take: BATCH });
    const signed = rows.flatMap((row) => {
      if (!openEntry(toEnvelope(ENTRY_TYPE, row), { tenantId, keys, signingKeyId: previousKeyId })) return [];
      const { keyId, signature } = sign(ENTRY_TYPE, row.payload);
      return [Prisma.sql`(${row.seq}::int, ${keyId}::uuid, decode(${signature}, 'base64'))`];
    });
    if (signed.length > 0)
      await tx.$executeRaw`
        update revocation set key_id = signed.key_id, signature = signed.signature
        from (values ${Prisma.join(signed)}) signed (seq, key_id, signature)
        where tenant_id = ${tenantId}::uuid and revocation.seq = signed.seq`;
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < BATCH) return;
  }
}
