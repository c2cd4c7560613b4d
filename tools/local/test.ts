import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describeInvariants } from './invariants.ts';
import { LocalError, LOGS, REPORTS, root } from './settings.ts';
import { chooseStages, GENERATE, type Stage, type Tool, TOOLS } from './test-stages.ts';
import { findAccessLists, findBrowser, findNginx, findRedis, findSandbox, findSquid } from './test-tools.ts';

// `npm test`: every gate and every test, on a fresh clone, one after the other. `npm test -- quick`: what needs neither build nor service,
// two stages at a time. `npm test -- lint unit`: these. `--drill`: all rounds of the kill and race tests as well. A run of everything ends with a
// line for each invariant of the product.
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const drill = process.argv.includes('--drill');
const strict = process.env.GATEHOUSE_TEST_STRICT === '1';
const LANES_OF_QUICK = 2;
const PROGRAMS = { squid: findSquid, sandbox: findSandbox, 'access lists': findAccessLists, nginx: findNginx };

const LOST_WITHOUT: Record<Tool, string> = {
  browser: 'Chromium: the browser tests',
  redis: 'Redis: the tests of the Redis backends',
  squid: 'squid: the tests of the agent behind a real proxy',
  sandbox: 'bubblewrap: the tests of what stdio servers are kept from',
  'access lists': 'setfacl: the test of guardrails under access control lists',
  nginx: 'nginx: the guide of docs/operations.md, block by block',
};

/** Runs one stage with its output in a log; prints the log's end when it fails. */
async function runStage(stage: Stage, env: NodeJS.ProcessEnv): Promise<boolean> {
  const started = Date.now();
  const file = join(LOGS, `test-${stage.name}.log`);
  const log = openSync(file, 'w');
  const [command = '', ...args] = stage.command;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      ...env,
      TURBO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
      FORCE_COLOR: '0',
    },
  });
  const ticker = setInterval(
    () => process.stdout.write(`  … ${stage.name} ${Math.round((Date.now() - started) / 1_000)} s\n`),
    60_000,
  );
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  clearInterval(ticker);
  closeSync(log);
  const seconds = ((Date.now() - started) / 1_000).toFixed(1).padStart(6);
  const text = readFileSync(file, 'utf8');
  // A test that cannot have what it needs says so in a line of its own, and so does one that counts what it tried or measures what it waited for.
  const said = text.match(/^(?:SKIPPED|ATTACK|MEASURED), .*$/gm) ?? [];
  const counts =
    text.match(/^\s*(?:Test Files|Tests)\s+.*$|^\s*\d+ (?:passed|failed|skipped).*$/gm)?.map((line) => line.trim()) ?? [];
  process.stdout.write(`  ${code === 0 ? '✓' : '✗'} ${stage.name.padEnd(24)} ${seconds} s   ${counts.join(' · ')}\n`);
  for (const line of said) process.stdout.write(`    ${line}\n`);
  if (code !== 0) process.stdout.write(`\n${text.trimEnd().split('\n').slice(-80).join('\n')}\n\n`);
  return code === 0;
}

/** Runs the stages with so many at a time. Returns how many failed. */
async function runStages(stages: readonly Stage[], lanes: number, env: NodeJS.ProcessEnv): Promise<number> {
  const waiting = [...stages];
  let failed = 0;
  const lane = async () => {
    for (let stage = waiting.shift(); stage; stage = waiting.shift()) if (!(await runStage(stage, env))) failed += 1;
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return failed;
}

/** Prints how each invariant was attacked in this run. False when one of them was not shown. */
function reportInvariants(): boolean {
  const invariants = describeInvariants();
  process.stdout.write(`\n${invariants.map(({ line }) => `  ${line}\n`).join('')}`);
  return invariants.every(({ held }) => held);
}

/** Which of the programs are here that stages need. */
async function findPrograms(isNeeded: (tool: Tool) => boolean): Promise<Record<keyof typeof PROGRAMS, boolean>> {
  const found = { squid: false, sandbox: false, 'access lists': false, nginx: false };
  for (const tool of ['squid', 'sandbox', 'access lists', 'nginx'] as const)
    found[tool] = isNeeded(tool) && (await PROGRAMS[tool]());
  return found;
}

async function runTests(): Promise<number> {
  const stages = chooseStages(words);
  mkdirSync(LOGS, { recursive: true });
  for (const report of Object.values(REPORTS)) rmSync(report, { force: true });
  process.stdout.write('\n  Gatehouse: gates and tests\n\n');
  const isNeeded = (tool: Tool) => stages.some(({ needs }) => needs.includes(tool));
  const browser = isNeeded('browser') ? await findBrowser() : null;
  const redis = isNeeded('redis') ? await findRedis() : null;
  const had: Record<Tool, unknown> = { browser, redis, ...(await findPrograms(isNeeded)) };
  const missing = TOOLS.filter((tool) => isNeeded(tool) && !had[tool]);
  const env = {
    ...(redis && { REDIS_URL: redis.url }),
    ...(browser && { PLAYWRIGHT_CHROMIUM: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: REPORTS.browser }),
    ...(drill && { GATEHOUSE_DRILL: '1' }),
  };
  const possible = stages.filter(({ name }) => name !== 'browser' || browser);
  let failed: number;
  try {
    failed = (await runStage(GENERATE, env))
      ? await runStages(possible, words.includes('quick') ? LANES_OF_QUICK : 1, env)
      : possible.length;
  } finally {
    await redis?.stop();
  }
  const passed = possible.length - failed;
  if (words.length === 0 && browser && !reportInvariants()) failed += 1;
  for (const tool of missing) process.stdout.write(`\n  SKIPPED, because it cannot be had here: ${LOST_WITHOUT[tool]}\n`);
  if (strict && missing.length > 0) failed += 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await runTests();
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stderr.write(`\n  ${error.message}\n\n`);
  process.exitCode = 2;
}
