import { expect, test } from 'vitest';

import type { Wire } from '../src/client/caller.ts';
import type { Lane } from '../src/measure/rounds.ts';
import { drawChart } from '../src/report/chart.ts';
import { formatComparison } from '../src/report/comparison.ts';
import { toResults, type ReportRow } from '../src/report/results.ts';
import { align, formatTable } from '../src/report/table.ts';

const makeRow = (name: string, over: Partial<ReportRow> = {}): ReportRow => ({
  name,
  era: 'modern',
  p50c1Ms: 1,
  p99c1Ms: 2,
  p50c8Ms: 3,
  p99c8Ms: 4,
  rpsC8: 1_000,
  cpuMsPerCall: 0.5,
  p999c8Ms: 5,
  p99c64Ms: 6,
  rpsC64: 1_100,
  cpuC64Ms: 0.4,
  cpu64kMs: 1,
  cpu1mMs: Number.NaN,
  flatAfter: 12_000,
  rssMb: 64,
  errors: 0,
  ...over,
});

const BASELINES = { direct: 'direct', relay: 'relay', durableRelay: 'relay + disk' };

function splitCells(lines: readonly string[], index: number): string[] {
  return (lines[index] ?? '').split(/ {2,}/);
}

test('the table compares rows of one era with direct and with both relays', () => {
  const lines = formatTable(
    [
      makeRow('direct', { cpuMsPerCall: 0, p50c1Ms: 0.25, p99c8Ms: 1, rpsC8: 2_000 }),
      makeRow('direct', { era: 'legacy', p50c1Ms: 0.5 }),
      makeRow('relay', { cpuMsPerCall: 0.2 }),
      makeRow('relay + disk', { cpuMsPerCall: 0.25 }),
      makeRow('gateway', { errors: 3 }),
    ],
    BASELINES,
  );
  expect(lines).toHaveLength(6);
  const [name, era, ...figures] = splitCells(lines, 5);
  expect([name, era]).toEqual(['gateway', 'modern']);
  expect(figures).toEqual(
    ['1.00', '2.00', '3.00', '4.00', '5.00', '6.00', '1000', '1100', '0.500', '0.400', '1.00', '-', '12000', '64.0', '3'].concat([
      '0.75 ms',
      '3.00 ms',
      '0.50x',
      '2.50x',
      '2.00x',
    ]),
  );
});

test('what was not measured is compared with nothing', () => {
  const lines = formatTable([makeRow('gateway', { era: 'legacy' }), makeRow('relay')], BASELINES);
  expect(splitCells(lines, 1).slice(-5)).toEqual(['-', '-', '-', '-', '-']);
});

test('a build before is compared within each round, in the same era', () => {
  const lane = (name: string, wire: Wire): Lane => ({
    target: { name, url: '', headers: {}, wires: [wire], tool: '', leashPid: null },
    wire,
  });
  const rounds = (...cpu: number[]) => cpu.map((cpuMsPerCall) => ({ ...makeRow('', { cpuMsPerCall }), latenciesC8: [] }));
  const measure = (...cpu: number[]) => ({ warmUp: { calls: 0, flat: true, first: 1, last: 1 }, rounds: rounds(...cpu) });
  const lines = formatComparison(
    new Map([
      [lane('direct', 'modern'), measure(0, 0, 0)],
      [lane('gateway', 'modern'), measure(1, 3, 2)],
      [lane('gateway, before', 'modern'), measure(1, 2, 4)],
      [lane('gateway, before', 'legacy'), measure(9, 9, 9)],
    ]),
  );
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['now : before', 'era', 'CPU/call', 'p50 c1', 'p50 c8', 'calls/s c8', 'CPU 64 kB', 'CPU 1 MB'],
    [
      'gateway',
      'modern',
      '1.000 (0.50-1.50)',
      '1.000 (1.00-1.00)',
      '1.000 (1.00-1.00)',
      '1.000 (1.00-1.00)',
      '1.000 (1.00-1.00)',
      '-',
    ],
  ]);
});

test('columns have one width', () => {
  expect(
    align([
      ['row', 'era', 'n'],
      ['longer', 'x', '100'],
    ]),
  ).toEqual(['row     era    n', 'longer  x    100']);
});

test('the file holds exactly the agreed keys', () => {
  const conditions = {
    date: '2026-01-01T00:00:00Z',
    cpuModel: 'x',
    cores: 2,
    node: 'v24',
    bundleSha256: '0',
    loadBefore: 0,
    loadAfter: 1,
    rounds: 1,
    warmUpCalls: 1,
    callsC1: 1,
    callsC8: 1,
    callsC64: 1,
    calls64k: 1,
    calls1m: 1,
    fsyncP50Ms: 0.1,
    fsyncP99Ms: 0.2,
    skipped: '',
  };
  const agent = {
    startMs: 400.4,
    idleRssMb: 80.04,
    rssAfter10kSessionsMb: 120.06,
    rssAfter50kCallsMb: 140.06,
    rssAfter100kCallsMb: 141.04,
    bundleKb: 5_000.6,
  };
  const results = toResults(conditions, [makeRow('gateway', { cpuMsPerCall: 0.123456 })], agent);
  expect(Object.keys(results)).toEqual(['conditions', 'rows', 'agent']);
  expect(results.rows).toEqual([
    {
      name: 'gateway',
      era: 'modern',
      flatAfter: 12_000,
      p50c1Ms: 1,
      p99c8Ms: 4,
      p999c8Ms: 5,
      p99c64Ms: 6,
      rpsC8: 1_000,
      rpsC64: 1_100,
      cpuMsPerCall: 0.123,
      cpuC64Ms: 0.4,
      cpu64kMs: 1,
      cpu1mMs: null,
      rssMb: 64,
      errors: 0,
    },
  ]);
  expect(results.agent).toEqual({
    startMs: 400,
    idleRssMb: 80,
    rssAfter10kSessionsMb: 120.1,
    rssAfter50kCallsMb: 140.1,
    rssAfter100kCallsMb: 141,
    bundleKb: 5_001,
  });
});

test('the chart draws a bar per row and panel, to scale, in both colour schemes', () => {
  const svg = drawChart([makeRow('a <b> & c', { cpuMsPerCall: 2 }), makeRow('Gatehouse', { cpuMsPerCall: 1 })], {
    own: 'Gatehouse',
    note: 'note',
  });
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
  expect(svg).toContain('a &lt;b&gt; &amp; c · modern');
  expect(svg).toContain('prefers-color-scheme: dark');
  const bars = [...svg.matchAll(/<rect class="([a-z ]+)"[^>]* width="([\d.]+)"/g)].map(([, kind, width]) => [
    kind,
    Number(width),
  ]);
  expect(bars).toHaveLength(6);
  const [first, second] = bars;
  expect([first?.[0], second?.[0]]).toEqual(['bar', 'bar own']);
  expect(Number(second?.[1])).toBeCloseTo(Number(first?.[1]) / 2, 1);
});

test('a chart of figures that are all zero has no bar that is not a number', () => {
  const svg = drawChart([makeRow('direct', { cpuMsPerCall: 0, p50c1Ms: 0, rpsC8: 0 })], { own: 'x', note: '' });
  expect(svg).not.toContain('NaN');
});
