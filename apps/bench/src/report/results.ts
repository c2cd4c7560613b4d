import type { AgentFigures } from '../agent/figures.ts';
import type { Wire } from '../client/caller.ts';
import type { Conditions } from '../measure/conditions.ts';
import { aggregateRounds, type Figures, type Lane, type Measured } from '../measure/rounds.ts';

export type Era = 'legacy' | 'modern';

/** One line of the table. */
export interface ReportRow extends Figures {
  name: string;
  era: Era;
  /** calls until the cost of one fell no more; null: it still fell when the row was measured */
  flatAfter: number | null;
}

/** Figures of a row with the decimals that are kept of each: further ones would be noise. */
const DECIMALS = {
  p50c1Ms: 3,
  p99c8Ms: 3,
  p999c8Ms: 3,
  p99c64Ms: 3,
  rpsC8: 0,
  rpsC64: 0,
  cpuMsPerCall: 3,
  cpuC64Ms: 3,
  cpu64kMs: 3,
  cpu1mMs: 2,
  rssMb: 1,
  errors: 0,
} as const;
type StoredFigure = keyof typeof DECIMALS;
const STORED: readonly StoredFigure[] = Object.keys(DECIMALS).filter((key): key is StoredFigure => key in DECIMALS);

/** As in the file; null: not measured, or not every such call came back. */
type StoredRow = Pick<ReportRow, 'name' | 'era' | 'flatAfter'> & Partial<Record<StoredFigure, number | null>>;

/** `results/latest.json`. */
export interface Results {
  conditions: Conditions;
  rows: StoredRow[];
  agent: AgentFigures;
}

/** Rows in the order in which they were measured. HTTP+SSE belongs to the older era; such a row says so in its name. */
export function toReportRows(measured: ReadonlyMap<Lane, Measured>): ReportRow[] {
  return [...measured].map(([{ target, wire }, { warmUp, rounds }]) => {
    const flatAfter = warmUp.flat ? warmUp.calls : null;
    return { name: target.name, era: getEra(wire), flatAfter, ...aggregateRounds(rounds) };
  });
}

export function getEra(wire: Wire): Era {
  return wire === 'modern' ? 'modern' : 'legacy';
}

/** The file's content. */
export function toResults(conditions: Conditions, rows: readonly ReportRow[], agent: AgentFigures): Results {
  return {
    conditions,
    rows: rows.map(({ name, era, flatAfter, ...figures }) => {
      const row: StoredRow = { name, era, flatAfter };
      for (const key of STORED) row[key] = Number.isNaN(figures[key]) ? null : round(figures[key], DECIMALS[key]);
      return row;
    }),
    agent: roundAgent(agent),
  };
}

export function roundAgent(agent: AgentFigures): AgentFigures {
  return {
    startMs: round(agent.startMs, 0),
    idleRssMb: round(agent.idleRssMb, 1),
    rssAfter10kSessionsMb: round(agent.rssAfter10kSessionsMb, 1),
    rssAfter50kCallsMb: round(agent.rssAfter50kCallsMb, 1),
    rssAfter100kCallsMb: round(agent.rssAfter100kCallsMb, 1),
    bundleKb: round(agent.bundleKb, 0),
  };
}

/** Rounded to so many decimals. */
export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
