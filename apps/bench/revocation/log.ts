import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';

import { appendEntries } from '@gatehouse/agent/src/revocations/log-file.ts';
import { RevocationLog } from '@gatehouse/agent/src/revocations/revocation-log.ts';
import { realDisk } from '@gatehouse/agent/src/state/disk.ts';
import { openStateDir } from '@gatehouse/agent/src/state/state-dir.ts';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

export interface LogFigures {
  entries: number;
  wireBytes: number;
  diskBytes: number;
  memoryBytes: number;
  /** CPU time of reading it all at the start of an agent, its root included */
  openMs: number;
}

/** What a log of ended keys is to an agent; sizes are of one entry. */
export async function measureLog(entries: number): Promise<LogFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-revocation-'));
  const [key, tenantId] = [new TestKey(), randomUUID()];
  const control = new FakeRevocations(key, tenantId);
  for (let index = 0; index < entries; index += 1) control.add('end', { kind: 'key', id: randomUUID() });
  const dir = openStateDir(join(folder, 'state'));
  await appendEntries(dir.revocations, control.entries, realDisk);
  const keys = new Map([[key.keyId, key.publicKey]]);
  const trust = { tenantId, siteId: randomUUID(), agentId: randomUUID(), keys, storedKeys: keys, isRetired: () => false };
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const started = process.cpuUsage();
  const log = new RevocationLog({ dir, trust, maxAgeMs: null, now: Date.now, log: pino({ level: 'silent' }) });
  const { count } = log.getStatus();
  const { user, system } = process.cpuUsage(started);
  if (count !== entries) throw new Error(`${count} of ${entries} entries were read.`);
  globalThis.gc?.();
  const figures: LogFigures = {
    entries,
    wireBytes: JSON.stringify(control.entries[0]).length,
    diskBytes: statSync(dir.revocations).size / entries,
    memoryBytes: (process.memoryUsage().heapUsed - heap) / entries,
    openMs: (user + system) / 1_000,
  };
  await log.close();
  rmSync(folder, { recursive: true });
  return figures;
}
