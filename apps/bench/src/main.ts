import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AgentFigures } from './agent/figures.ts';
import { runBench, type BenchRun } from './bench.ts';
import { getPlan, readOptions, USAGE, type Options } from './options.ts';
import { Pack } from './processes/pack.ts';
import { drawChart } from './report/chart.ts';
import type { ReportRow, Results } from './report/results.ts';
import { formatTable } from './report/table.ts';
import { BASELINES } from './rows/all.ts';

const root = join(import.meta.dirname, '..');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Measures in a folder of its own. Whatever ends the run, its processes are stopped and the folder goes. */
async function runAndReport(options: Options): Promise<void> {
  if (process.platform !== 'linux') throw new Error('The benchmark reads CPU time and memory from /proc, so it needs Linux.');
  const work = join(root, '.work');
  mkdirSync(work, { recursive: true });
  const workDir = mkdtempSync(join(work, 'run-'));
  const pack = new Pack();
  const stop = async () => {
    await pack.close();
    rmSync(workDir, { recursive: true, force: true });
  };
  const stopped = new Promise<null>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(null));
  });
  try {
    const run = await Promise.race([runBench(options, { pack, workDir, say: print }), stopped]);
    if (run) {
      report(run);
      store(options, run.rows, run.results);
    }
    await stop();
    // a run that was stopped in the middle still waits for answers
    if (!run) process.exit(1);
  } catch (error) {
    await stop();
    throw error;
  }
}

function report({ rows, results, before }: BenchRun): void {
  const { agent, conditions } = results;
  print('');
  for (const line of formatTable(rows, BASELINES)) print(line);
  print('');
  printAgent('Agent', agent);
  if (before) {
    printAgent('Agent before', before.agent);
    print('');
    for (const line of before.comparison) print(line);
    print('');
  }
  for (const [name, value] of Object.entries(conditions)) print(`${name}: ${value}`);
}

function printAgent(name: string, agent: AgentFigures): void {
  print(`${name}: ${agent.startMs} ms to the first answer, ${agent.idleRssMb} MB idle with 20 profiles,`);
  print(`  ${agent.rssAfter10kSessionsMb} MB after 10,000 sessions, bundle ${agent.bundleKb} KB,`);
  print(`  ${agent.rssAfter50kCallsMb} MB after 50,000 small calls, ${agent.rssAfter100kCallsMb} MB after 100,000`);
}

function store(options: Options, rows: readonly ReportRow[], results: Results): void {
  const { quick, only, agent, against, rounds: ownRounds } = options;
  const isFull = !quick && only.length === 0 && agent === null && against === null && ownRounds === null;
  const folder = join(root, 'results');
  const path = join(folder, isFull ? 'latest' : 'trial');
  const { rounds, callsC1, callsC8 } = getPlan(options);
  const note = `Medians over ${rounds} rounds of ${callsC1} and ${callsC8} calls at flat cost; ${results.conditions.cpuModel}, ${results.conditions.cores} cores`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.json`, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${path}.svg`, drawChart(rows, { own: 'Gatehouse', note }));
  print(`Written: ${path}.json and ${path}.svg`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else await runAndReport(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
