import { join } from 'node:path';

import { startKeyRelay, type KeyRelay } from '../src/key-relay.ts';
import type { Endpoint } from '../src/mcp-clients.ts';
import { findDifferences, classifyDifferences, readExpected, UPSTREAMS, type Difference, type UpstreamKind } from './compare.ts';
import { startReferenceSite, type ReferenceSite } from './site.ts';
import { REVISIONS, runSuite, type Revision, type SuiteRun } from './suite.ts';

// The conformance suite against the reference server, directly and through the agent, compared check by check. Ends with 1 when the
// reference itself does not pass, when a difference has no reason in expected-differences.yaml, and when an entry there no longer differs.

const expected = readExpected(join(import.meta.dirname, 'expected-differences.yaml'));
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Runs both ways to the server for one revision; returns what is wrong, one line each. */
async function runRevision(
  { reference }: ReferenceSite,
  relays: Record<UpstreamKind, KeyRelay>,
  revision: Revision,
): Promise<string[]> {
  const direct = await runSuite(reference.url, revision);
  const problems: string[] = [];
  if (!direct.passed) problems.push(`${revision}: the reference server does not pass directly\n${direct.output.slice(-4_000)}`);
  print(`${revision}  directly            ${describeCounts(direct)}`);
  for (const upstream of UPSTREAMS) {
    const through = await runSuite(relays[upstream].url, revision);
    problems.push(...report(revision, upstream, direct, through));
  }
  return problems;
}

function report(revision: Revision, upstream: UpstreamKind, direct: SuiteRun, through: SuiteRun): string[] {
  const verdict = classifyDifferences(findDifferences(direct, through), expected, { revision, upstream });
  const { explained, unexplained, stale } = verdict;
  const where = `${revision}  agent, ${upstream.padEnd(5)}`;
  print(
    `${where}         ${describeCounts(through)}; ${unexplained.length} unexplained differences, ${explained.length} expected`,
  );
  return [
    ...unexplained.map((difference) => `${where} differs: ${describe(difference)}`),
    ...stale.map((entry) => `${where} stale entry, it no longer differs: ${entry.scenario}:${entry.check}`),
  ];
}

function describeCounts({ outcomes }: SuiteRun): string {
  const statuses = [...outcomes.values()].flatMap(({ status }) => status.split(' '));
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  return `${String(count('SUCCESS')).padStart(3)} passed, ${count('WARNING')} warned, ${count('FAILURE')} failed`;
}

function describe({ scenario, check, direct, through, messages }: Difference): string {
  const why = messages.length > 0 ? `\n      ${messages.map((message) => message.slice(0, 400)).join('\n      ')}` : '';
  return `${scenario}:${check}  ${direct} -> ${through}${why}`;
}

async function runConformance(): Promise<number> {
  const site = await startReferenceSite();
  // The suite has no option for a header, so a relay adds the client key.
  const relayTo = ({ mcpUrl, apiKey }: Endpoint) => startKeyRelay(mcpUrl, apiKey);
  const relays = { http: await relayTo(site.endpoints.http), stdio: await relayTo(site.endpoints.stdio) };
  const problems: string[] = [];
  try {
    for (const revision of REVISIONS) problems.push(...(await runRevision(site, relays, revision)));
  } finally {
    await Promise.all([relays.http.close(), relays.stdio.close()]);
    await site.stop();
  }
  for (const problem of problems) print(`✗ ${problem}`);
  print(problems.length === 0 ? 'Through the agent everything is as it is directly.' : `${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await runConformance();
