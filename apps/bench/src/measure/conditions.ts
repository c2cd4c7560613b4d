import { createHash } from 'node:crypto';
import { closeSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { round } from '../report/results.ts';
import type { Plan } from './rounds.ts';
import { computePercentile } from './stats.ts';

/** Under which conditions the figures of a run were taken. */
export interface Conditions {
  date: string;
  cpuModel: string;
  cores: number;
  node: string;
  /** of the agent's bundle, the first 16 hex digits: which build was measured */
  bundleSha256: string;
  /** one-minute load average before and after the run */
  loadBefore: number;
  loadAfter: number;
  rounds: number;
  /** per row and round */
  warmUpCalls: number;
  callsC1: number;
  callsC8: number;
  callsC64: number;
  calls64k: number;
  calls1m: number;
  /** of an append of 700 bytes to a file on the disk that the agent's receipts were on */
  fsyncP50Ms: number;
  fsyncP99Ms: number;
  /** rows that could not be measured and why, empty when all were */
  skipped: string;
}

const SYNCS = 300;
const RECORD = Buffer.alloc(700, 'r');

/** Opens the record of a run; call the result when it is over. */
export async function openConditions(
  plan: Plan,
  { workDir, bundle }: { workDir: string; bundle: string },
): Promise<(skipped: readonly string[]) => Conditions> {
  const loadBefore = round(loadavg()[0] ?? 0, 2);
  const date = new Date().toISOString();
  const syncs = await timeSyncs(join(workDir, 'fsync'));
  return (skipped) => ({
    date,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    bundleSha256: createHash('sha256').update(readFileSync(bundle)).digest('hex').slice(0, 16),
    loadBefore,
    loadAfter: round(loadavg()[0] ?? 0, 2),
    rounds: plan.rounds,
    warmUpCalls: plan.warmUp,
    callsC1: plan.callsC1,
    callsC8: plan.callsC8,
    callsC64: plan.callsC64,
    calls64k: plan.calls64k,
    calls1m: plan.calls1m,
    fsyncP50Ms: round(computePercentile(syncs, 0.5), 3),
    fsyncP99Ms: round(computePercentile(syncs, 0.99), 3),
    skipped: skipped.join(' '),
  });
}

async function timeSyncs(path: string): Promise<number[]> {
  const sync = promisify(fdatasync);
  const fd = openSync(path, 'a', 0o600);
  const times: number[] = [];
  try {
    for (let count = 0; count < SYNCS; count += 1) {
      const from = performance.now();
      writeSync(fd, RECORD);
      await sync(fd);
      times.push(performance.now() - from);
    }
  } finally {
    closeSync(fd);
  }
  return times;
}
