import { join } from 'node:path';

import { startKeyRelay, type KeyRelay } from '../src/key-relay.ts';
import { findDifferences, classifyDifferences, readExpected, UPSTREAMS, type Difference, type UpstreamKind } from './compare.ts';
import { startReferenceSite, type ReferenceSite } from './site.ts';
import { REVISIONS, runSuite, type Revision, type SuiteRun } from './suite.ts';

// The conformance suite against the reference server, directly and through the agent, compared check by check. Ends with 1 when the
// reference itself does not pass, when a difference has no reason in expected-differences.yaml, and when an entry there no longer differs.

const expected = readExpected(join(import.meta.dirname, 'expected-differences.yaml'));
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** One row of the table: a revision of clients, a way to the server. */
interface Row {
  revision: Revision;
  way: string;
  run: SuiteRun;
  unexplained: number;
  explained: number;
}

const WAYS: Record<UpstreamKind, string> = {
  http: 'speaks both',
  older: 'speaks only the older',
  newer: 'speaks only the newer',
  stdio: 'speaks both, stdio',
};

/** Runs every way to the server for clients of one revision; returns the rows, and what is wrong, one line each. */
async function runRevision(
  { reference }: ReferenceSite,
  relays: Record<UpstreamKind, KeyRelay>,
  revision: Revision,
): Promise<{ rows: Row[]; problems: string[] }> {
  const direct = await runSuite(reference.url, revision);
  const problems: string[] = [];
  if (!direct.passed) problems.push(`${revision}: the reference server does not pass directly\n${direct.output.slice(-4_000)}`);
  const rows: Row[] = [{ revision, way: 'directly', run: direct, unexplained: 0, explained: 0 }];
  for (const upstream of UPSTREAMS) {
    const run = await runSuite(relays[upstream].url, revision);
    const verdict = classifyDifferences(findDifferences(direct, run), expected, { revision, upstream });
    const { explained, unexplained, stale } = verdict;
    const way = WAYS[upstream];
    rows.push({ revision, way, run, unexplained: unexplained.length, explained: explained.length });
    problems.push(
      ...unexplained.map((difference) => `${revision}  ${way} differs: ${describe(difference)}`),
      ...stale.map((entry) => `${revision}  ${way} stale entry, it no longer differs: ${entry.scenario}:${entry.check}`),
    );
  }
  return { rows, problems };
}

/** The scenarios without a failure, and how many there are. */
function countScenarios({ outcomes }: SuiteRun): string {
  const scenarios = Map.groupBy(outcomes.values(), ({ scenario }) => scenario);
  const passed = [...scenarios.values()].filter((checks) => checks.every(({ status }) => !status.includes('FAILURE')));
  return `${passed.length} of ${scenarios.size}`;
}

function formatTable(rows: Row[]): string {
  const cells = rows.map(({ revision, way, run, unexplained, explained }) => [
    revision,
    way,
    countScenarios(run),
    ...['SUCCESS', 'WARNING', 'FAILURE'].map((status) => String(countChecks(run, status))),
    way === 'directly' ? '' : String(unexplained),
    way === 'directly' ? '' : String(explained),
  ]);
  const lines = [['clients', 'server', 'scenarios', 'passed', 'warned', 'failed', 'unexplained', 'expected'], ...cells];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function countChecks({ outcomes }: SuiteRun, wanted: string): number {
  return [...outcomes.values()].flatMap(({ status }) => status.split(' ')).filter((status) => status === wanted).length;
}

function describe({ scenario, check, direct, through, messages }: Difference): string {
  const why = messages.length > 0 ? `\n      ${messages.map((message) => message.slice(0, 400)).join('\n      ')}` : '';
  return `${scenario}:${check}  ${direct} -> ${through}${why}`;
}

async function runConformance(): Promise<number> {
  const site = await startReferenceSite();
  // The suite has no option for a header, so a relay adds the client key.
  const relayTo = async (kind: UpstreamKind) => {
    const { mcpUrl, apiKey } = site.endpoints[kind];
    return startKeyRelay(mcpUrl, apiKey);
  };
  const relays: Record<UpstreamKind, KeyRelay> = {
    http: await relayTo('http'),
    stdio: await relayTo('stdio'),
    older: await relayTo('older'),
    newer: await relayTo('newer'),
  };
  const rows: Row[] = [];
  const problems: string[] = [];
  try {
    for (const revision of REVISIONS) {
      const found = await runRevision(site, relays, revision);
      rows.push(...found.rows);
      problems.push(...found.problems);
    }
  } finally {
    await Promise.all(Object.values(relays).map((relay) => relay.close()));
    await site.stop();
  }
  print(formatTable(rows));
  for (const problem of problems) print(`✗ ${problem}`);
  print(problems.length === 0 ? 'Through the agent everything is as it is directly.' : `${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await runConformance();
