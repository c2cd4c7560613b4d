import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { z } from 'zod';

export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

const Check = z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() });

/** One check of one scenario. Suites repeat ids; `status` then joins what they said, sorted. */
export interface CheckOutcome {
  scenario: string;
  check: string;
  status: string;
  /** what the suite says of failures and warnings */
  messages: string[];
}

export interface SuiteRun {
  /** by `scenario:check` */
  outcomes: Map<string, CheckOutcome>;
  /** every scenario that the revision requires passed */
  passed: boolean;
  output: string;
}

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/** Runs what a revision requires against a server, and what the suite runs beside it without scoring. Milliseconds to seconds a scenario. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteRun> {
  const results = mkdtempSync(join(tmpdir(), 'gatehouse-conformance-'));
  try {
    const child = spawn(process.execPath, [suite, 'server', '--url', url, '--requirements', revision, '-o', results], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { outcomes: readOutcomes(results), passed: code === 0, output };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** Reads `server-<scenario>-<time>/checks.json` of every scenario. */
function readOutcomes(results: string): Map<string, CheckOutcome> {
  const grouped = new Map<string, CheckOutcome & { statuses: string[] }>();
  for (const folder of readdirSync(results)) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(folder)?.[1];
    if (scenario === undefined) throw new Error(`The suite wrote a folder of an unknown form: ${folder}`);
    const checks = z.array(Check).parse(JSON.parse(readFileSync(join(results, folder, 'checks.json'), 'utf8')));
    for (const { id, status, errorMessage } of checks) {
      const key = `${scenario}:${id}`;
      const outcome = grouped.get(key) ?? { scenario, check: id, status, statuses: [], messages: [] };
      outcome.statuses.push(status);
      if (errorMessage !== undefined) outcome.messages.push(errorMessage);
      grouped.set(key, outcome);
    }
  }
  return new Map([...grouped].map(([key, { statuses, ...outcome }]) => [key, { ...outcome, status: joinStatuses(statuses) }]));
}

/** INFO entries are the suite's notes on the traffic; their number is no verdict. */
function joinStatuses(statuses: string[]): string {
  const verdicts = statuses.filter((status) => status !== 'INFO').sort();
  return verdicts.length > 0 ? verdicts.join(' ') : 'INFO';
}
