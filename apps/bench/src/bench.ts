import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { openBuild, openCheckout } from './agent/build.ts';
import { measureAgent, type AgentFigures } from './agent/figures.ts';
import { openConditions } from './measure/conditions.ts';
import { measureRounds, type Lane } from './measure/rounds.ts';
import { describeWarmUp } from './measure/warm-up.ts';
import { isWanted, getPlan, type Options } from './options.ts';
import type { Pack } from './processes/pack.ts';
import { formatComparison } from './report/comparison.ts';
import { toReportRows, roundAgent, toResults, type ReportRow, type Results } from './report/results.ts';
import { ROWS } from './rows/all.ts';
import { GATEHOUSE_ROWS, makeTwin } from './rows/gatehouse.ts';
import { RowSkipped, type Row, type Site } from './rows/target.ts';
import { HTTP_UPSTREAM } from './upstream/paths.ts';

export interface BenchRun {
  rows: ReportRow[];
  results: Results;
  /** the agent of the tree that this one is compared with, and the comparison as lines of text; null: none */
  before: { agent: AgentFigures; comparison: string[] } | null;
}

/** Starts everything, measures it and says on the way what it does. The owner of `pack` stops the processes. */
export async function runBench(
  options: Options,
  { pack, workDir, say }: { pack: Pack; workDir: string; say: (line: string) => void },
): Promise<BenchRun> {
  const plan = getPlan(options);
  const build = await openBuild(options.agent, join(workDir, 'gatehouse-agent.mjs'));
  const closeConditions = await openConditions(plan, { workDir, bundle: build.bundle });
  const upstream = pack.start({ name: 'upstream', command: [process.execPath, HTTP_UPSTREAM] });
  const site: Site = { pack, workDir, build, upstreamUrl: `http://127.0.0.1:${await upstream.firstLine}/mcp` };

  say(`The agent itself: ${plan.starts} starts, memory idle, after ${plan.sessions} sessions and after ${plan.calls} calls`);
  const agent = await measureAgent(site, plan);
  const siteBefore = options.against === null ? null : await openSiteBefore(site, options.against);
  const agentBefore = siteBefore && (await measureAgent(siteBefore, plan));
  const { lanes, skipped } = await startRows(selectRows(options, siteBefore), site, say);
  const measured = await measureRounds(lanes, plan, {
    onWarm: ({ target, wire }, warmUp) => say(`Warm-up: ${target.name}, ${wire}: ${describeWarmUp(warmUp)}`),
    onRound: (round, { target, wire }) => say(`Round ${round} of ${plan.rounds}: ${target.name}, ${wire}`),
  });
  const rows = toReportRows(measured);
  return {
    rows,
    results: toResults(closeConditions(skipped), rows, agent),
    before: agentBefore && { agent: roundAgent(agentBefore), comparison: formatComparison(measured) },
  };
}

/** The same site with the agent of another checkout, in a folder of its own. */
async function openSiteBefore(site: Site, checkout: string): Promise<Site> {
  const workDir = join(site.workDir, 'before');
  mkdirSync(workDir);
  return { ...site, workDir, build: await openCheckout(checkout, join(workDir, 'gatehouse-agent.mjs')) };
}

/** The wanted rows; with a site before, each row with the agent in it is followed by its twin there. */
function selectRows(options: Options, before: Site | null): Row[] {
  const wanted = ROWS.filter(({ name }) => isWanted(options, name));
  return wanted.flatMap((row) => (before && GATEHOUSE_ROWS.includes(row) ? [row, makeTwin(row, before)] : [row]));
}

/** Starts the rows one after another; one that cannot run here is left out with its reason. */
async function startRows(rows: readonly Row[], site: Site, say: (line: string) => void) {
  const lanes: Lane[] = [];
  const skipped: string[] = [];
  for (const row of rows) {
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
