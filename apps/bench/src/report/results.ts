import type { AgentFigures } from '../agent/figures.ts';
import type { Wire } from '../client/caller.ts';
import type { Conditions } from '../measure/conditions.ts';
import { aggregateRounds, type Figures, type Lane } from '../measure/rounds.ts';

export type Era = 'legacy' | 'modern';

/** One line of the table. */
export interface ReportRow extends Figures {
  name: string;
  era: Era;
}

/** `results/latest.json`. */
export interface Results {
  conditions: Conditions;
  rows: Pick<ReportRow, 'name' | 'era' | 'p50c1Ms' | 'p99c8Ms' | 'rpsC8' | 'cpuMsPerCall' | 'rssMb' | 'errors'>[];
  agent: AgentFigures;
}

/** Rows in the order in which they were measured. HTTP+SSE belongs to the older era; such a row says so in its name. */
export function toReportRows(measured: ReadonlyMap<Lane, readonly Figures[]>): ReportRow[] {
  return [...measured].map(([{ target, wire }, rounds]) => {
    return { name: target.name, era: getEra(wire), ...aggregateRounds(rounds) };
  });
}

export function getEra(wire: Wire): Era {
  return wire === 'modern' ? 'modern' : 'legacy';
}

/** The file's content, rounded: further decimals would be noise. */
export function toResults(conditions: Conditions, rows: readonly ReportRow[], agent: AgentFigures): Results {
  return {
    conditions,
    rows: rows.map(({ name, era, p50c1Ms, p99c8Ms, rpsC8, cpuMsPerCall, rssMb, errors }) => ({
      name,
      era,
      p50c1Ms: round(p50c1Ms, 3),
      p99c8Ms: round(p99c8Ms, 3),
      rpsC8: round(rpsC8, 0),
      cpuMsPerCall: round(cpuMsPerCall, 3),
      rssMb: round(rssMb, 1),
      errors,
    })),
    agent: roundAgent(agent),
  };
}

export function roundAgent(agent: AgentFigures): AgentFigures {
  return {
    startMs: round(agent.startMs, 0),
    idleRssMb: round(agent.idleRssMb, 1),
    rssAfter10kSessionsMb: round(agent.rssAfter10kSessionsMb, 1),
    bundleKb: round(agent.bundleKb, 0),
  };
}

/** Rounded to so many decimals. */
export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
