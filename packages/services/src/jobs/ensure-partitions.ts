import { ensureReceiptPartitions } from '@gatehouse/db/receipt-partitions';

import type { JobPayload } from './contracts.ts';

/** Makes the receipt partitions of this and the next months. The one job that needs the owner of the database. */
export async function ensurePartitions({
  ownerDatabaseUrl,
  input,
}: {
  ownerDatabaseUrl: string;
  input: JobPayload<'ensure-partitions'>;
}): Promise<{ made: string[] }> {
  return { made: await ensureReceiptPartitions(ownerDatabaseUrl, input) };
}
