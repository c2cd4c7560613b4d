import { readdirSync, readFileSync } from 'node:fs';

import { parseResidentKb, parseStat } from '@gatehouse/process/proc';

/** What one process, and everything it started, holds at a moment. */
export interface Sample {
  /** seconds since the start */
  at: number;
  /** resident memory of the process itself, MiB */
  rssMb: number;
  /** open descriptors of the process itself */
  descriptors: number;
  /** processes below it */
  children: number;
}

/** Reads /proc; throws when the process is gone. */
export function sampleProcess(pid: number, at: number): Sample {
  const rssKb = parseResidentKb(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { at, rssMb: rssKb / 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length, children: listDescendants(pid).length };
}

function listDescendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), parseStat(readFileSync(`/proc/${name}/stat`, 'utf8')).parent);
    } catch {
      // It ended between the listing and the look.
    }
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** Change of a value per minute by least squares; 0 for fewer than two samples. */
export function computeSlopePerMinute(samples: Sample[], valueOf: (sample: Sample) => number): number {
  if (samples.length < 2) return 0;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = mean(samples.map((sample) => sample.at));
  const value = mean(samples.map(valueOf));
  const spread = samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
  const together = samples.reduce((sum, sample) => sum + (sample.at - at) * (valueOf(sample) - value), 0);
  return (together / spread) * 60;
}
