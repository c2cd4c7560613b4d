import { join } from 'node:path';

import { buildAgent } from '@gatehouse/agent/build.ts';

import { measureAgent } from './agent/figures.ts';
import { openConditions } from './measure/conditions.ts';
import { measureRounds, type Lane } from './measure/rounds.ts';
import { isWanted, planOf, type Options } from './options.ts';
import type { Pack } from './processes/pack.ts';
import { reportRows, toResults, type ReportRow, type Results } from './report/results.ts';
import { ROWS } from './rows/all.ts';
import { RowSkipped, type Site } from './rows/target.ts';
import { HTTP_UPSTREAM } from './upstream/paths.ts';

export interface BenchRun {
  rows: ReportRow[];
  results: Results;
}

/** Starts everything, measures it and says on the way what it does. The owner of `pack` stops the processes. */
export async function runBench(
  options: Options,
  { pack, workDir, say }: { pack: Pack; workDir: string; say: (line: string) => void },
): Promise<BenchRun> {
  const plan = planOf(options);
  const bundle = options.agent ?? (await build(join(workDir, 'gatehouse-agent.mjs')));
  const closeConditions = await openConditions(plan, { workDir, bundle });
  const upstream = pack.start({ name: 'upstream', command: [process.execPath, HTTP_UPSTREAM] });
  const site: Site = { pack, workDir, bundle, upstreamUrl: `http://127.0.0.1:${await upstream.firstLine}/mcp` };

  say(`The agent itself: ${plan.starts} starts, memory idle and after ${plan.sessions} sessions`);
  const agent = await measureAgent(site, plan);
  const { lanes, skipped } = await startRows(options, site, say);
  const measured = await measureRounds(lanes, plan, (round, { target, wire }) =>
    say(`${round === 0 ? 'Warm-up' : `Round ${round} of ${plan.rounds}`}: ${target.name}, ${wire}`),
  );
  const rows = reportRows(measured);
  return { rows, results: toResults(closeConditions(skipped), rows, agent) };
}

async function build(path: string): Promise<string> {
  await buildAgent(path);
  return path;
}

/** Starts the wanted rows one after another; one that cannot run here is left out with its reason. */
async function startRows(options: Options, site: Site, say: (line: string) => void) {
  const lanes: Lane[] = [];
  const skipped: string[] = [];
  for (const row of ROWS.filter(({ name }) => isWanted(options, name))) {
    try {
      const target = await row.start(site);
      lanes.push(...target.wires.map((wire) => ({ target, wire })));
    } catch (error) {
      if (!(error instanceof RowSkipped)) throw error;
      skipped.push(`${row.name}: ${error.message}`);
      say(`Skipped ${row.name}: ${error.message}`);
    }
  }
  return { lanes, skipped };
}
