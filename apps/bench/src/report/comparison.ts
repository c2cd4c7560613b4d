import type { Figures, Lane, Measured } from '../measure/rounds.ts';
import { computeMedian } from '../measure/stats.ts';
import { nameBefore } from '../rows/target.ts';
import { getEra } from './results.ts';
import { align } from './table.ts';

const COMPARED = [
  ['CPU/call', 'cpuMsPerCall'],
  ['p50 c1', 'p50c1Ms'],
  ['p50 c8', 'p50c8Ms'],
  ['calls/s c8', 'rpsC8'],
  ['CPU 64 kB', 'cpu64kMs'],
  ['CPU 1 MB', 'cpu1mMs'],
] as const;

/**
 * A table of the rows that were measured with a build before as well: each figure divided by that of the build before in the same round, the
 * median over the rounds and in brackets the least and the most.
 */
export function formatComparison(measured: ReadonlyMap<Lane, Measured>): string[] {
  const lanes = [...measured];
  const rows = lanes.flatMap(([{ target, wire }, { rounds: now }]) => {
    const [, twin] = lanes.find(([lane]) => lane.target.name === nameBefore(target.name) && lane.wire === wire) ?? [];
    if (!twin) return [];
    const before = twin.rounds;
    const ratios = (key: keyof Figures) => now.map((figures, round) => figures[key] / (before[round]?.[key] ?? Number.NaN));
    return [[target.name, getEra(wire), ...COMPARED.map(([, key]) => formatRatios(ratios(key)))]];
  });
  return align([['now : before', 'era', ...COMPARED.map(([title]) => title)], ...rows]);
}

function formatRatios(ratios: readonly number[]): string {
  if (ratios.some(Number.isNaN)) return '-';
  return `${computeMedian(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`;
}
