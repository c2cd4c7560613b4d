import type { Era, ReportRow } from './results.ts';

/** Rows that others are compared with. */
export interface Baselines {
  direct: string;
  relay: string;
  durableRelay: string;
}

type Column = [title: string, cell: (row: ReportRow) => string];

/**
 * The rows as lines of text. Ratios compare rows of one era: `+p50` is what a row adds to `direct` at one connection, the others divide by
 * the named row; "-" where that row was not measured.
 */
export function formatTable(rows: readonly ReportRow[], baselines: Baselines): string[] {
  const of = (name: string, era: Era) => rows.find((row) => row.name === name && row.era === era);
  const compare = (name: string, make: (row: ReportRow, base: ReportRow) => string) => (row: ReportRow) => {
    const base = of(name, row.era);
    return base ? make(row, base) : '-';
  };
  const times = (value: number, base: number) => (base === 0 ? '-' : `${(value / base).toFixed(2)}x`);
  const columns: Column[] = [
    ['row', ({ name }) => name],
    ['era', ({ era }) => era],
    ['p50 c1 ms', ({ p50c1Ms }) => p50c1Ms.toFixed(2)],
    ['p99 c1 ms', ({ p99c1Ms }) => p99c1Ms.toFixed(2)],
    ['p50 c8 ms', ({ p50c8Ms }) => p50c8Ms.toFixed(2)],
    ['p99 c8 ms', ({ p99c8Ms }) => p99c8Ms.toFixed(2)],
    ['p99.9 c8 ms', ({ p999c8Ms }) => p999c8Ms.toFixed(2)],
    ['p99 c64 ms', ({ p99c64Ms }) => formatKnown(p99c64Ms, 2)],
    ['calls/s c8', ({ rpsC8 }) => rpsC8.toFixed(0)],
    ['calls/s c64', ({ rpsC64 }) => formatKnown(rpsC64, 0)],
    ['CPU ms/call', ({ cpuMsPerCall }) => cpuMsPerCall.toFixed(3)],
    ['CPU c64', ({ cpuC64Ms }) => formatKnown(cpuC64Ms, 3)],
    ['CPU 64 kB', ({ cpu64kMs }) => formatKnown(cpu64kMs, 2)],
    ['CPU 1 MB', ({ cpu1mMs }) => formatKnown(cpu1mMs, 1)],
    ['flat after', ({ flatAfter }) => (flatAfter === null ? 'not flat' : String(flatAfter))],
    ['RSS MB', ({ rssMb }) => rssMb.toFixed(1)],
    ['errors', ({ errors }) => String(errors)],
    ['+p50 c1', compare(baselines.direct, (row, base) => `${(row.p50c1Ms - base.p50c1Ms).toFixed(2)} ms`)],
    ['+p99 c8', compare(baselines.direct, (row, base) => `${(row.p99c8Ms - base.p99c8Ms).toFixed(2)} ms`)],
    ['calls/s : direct', compare(baselines.direct, (row, base) => times(row.rpsC8, base.rpsC8))],
    ['CPU : relay', compare(baselines.relay, (row, base) => times(row.cpuMsPerCall, base.cpuMsPerCall))],
    ['CPU : relay+fdatasync', compare(baselines.durableRelay, (row, base) => times(row.cpuMsPerCall, base.cpuMsPerCall))],
  ];
  return align([columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))]);
}

/** "-" for what was not measured, or where not every call came back. */
function formatKnown(value: number, decimals: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(decimals);
}

/** Pads the cells of every column to one width: text to the left, figures to the right. */
export function align(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd());
}
