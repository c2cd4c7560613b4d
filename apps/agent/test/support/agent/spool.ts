import type { WrittenReceipt } from '@gatehouse/protocol/receipt';

import { SpoolCursor } from '../../../src/audit/cursor.ts';
import { recoverSpool } from '../../../src/audit/recover.ts';
import { Spool, SPOOL_LIMITS, type SpoolLimits } from '../../../src/audit/spool.ts';
import { realDisk, type Disk } from '../../../src/state/disk.ts';

export interface OpenSpool {
  spool: Spool;
  recovered: Awaited<ReturnType<typeof recoverSpool>>;
  errors: unknown[];
}

/** Opens a spool as the agent does at its start. */
export async function openSpool(
  directory: string,
  options: { disk?: Disk; limits?: Partial<SpoolLimits> } = {},
): Promise<OpenSpool> {
  const disk = options.disk ?? realDisk;
  const recovered = await recoverSpool(directory, disk);
  const errors: unknown[] = [];
  const spool = new Spool({
    directory,
    disk,
    recovered,
    limits: { ...SPOOL_LIMITS, ...options.limits },
    onHealth: (error) => void errors.push(error),
  });
  return { spool, recovered, errors };
}

/** Every durable receipt of the spool's stream behind `afterSeq`. */
export function readAll(spool: Spool, afterSeq = 0): WrittenReceipt[] {
  const cursor = new SpoolCursor(spool.segments, spool.getDurableHead().spoolId, afterSeq);
  const all: WrittenReceipt[] = [];
  for (let next = cursor.readNext({ count: 7, bytes: 1e9 }); next.length > 0; next = cursor.readNext({ count: 7, bytes: 1e9 }))
    all.push(...next);
  return all;
}
