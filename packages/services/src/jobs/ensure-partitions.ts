import { ensureReceiptPartitions } from '@gatehouse/db/receipt-partitions';

import type { JobPayload } from './contracts.ts';

/** Makes the receipt partitions of this and the next months, as the worker, whose role owns them. */
export async function ensurePartitions({
  databaseUrl,
  input,
}: {
  databaseUrl: string;
  input: JobPayload<'ensure-partitions'>;
}): Promise<{ made: string[] }> {
  return { made: await ensureReceiptPartitions(databaseUrl, input) };
}
