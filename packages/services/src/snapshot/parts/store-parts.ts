import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { EncodedPart } from '@gatehouse/policy/documents/manifest';

/** Parts that one statement writes. */
const BATCH = 100;

/**
 * Stores what is new of these parts. One that is there is marked as used, which also keeps the retention from removing it meanwhile. In the order of their hashes, so
 * that two writers never wait for each other.
 */
export async function storeParts(
  tx: TenantTx,
  { tenantId, now }: { tenantId: string; now: Date },
  parts: readonly EncodedPart[],
): Promise<void> {
  const sorted = parts
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .filter(({ hash }, index, all) => all[index - 1]?.hash !== hash);
  for (let start = 0; start < sorted.length; start += BATCH) {
    const rows = sorted
      .slice(start, start + BATCH)
      .map(({ hash, bytes }) => Prisma.sql`(${tenantId}::uuid, ${hash}, ${bytes}, ${now})`);
    await tx.$executeRaw`
      insert into config_part (tenant_id, hash, bytes, used_at) values ${Prisma.join(rows)}
      on conflict (tenant_id, hash) do update set used_at = excluded.used_at`;
  }
}
