import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';

import { findBrowser, findRedis, findSquid } from './test-tools.ts';
import { root } from './settings.ts';

// `npm test`: every gate and every test, on a fresh clone. `--drill`: all rounds of the kill and race tests as well.
const drill = process.argv.includes('--drill');
const strict = process.env.GATEHOUSE_TEST_STRICT === '1';
const only = process.argv.filter((argument) => !argument.startsWith('--')).slice(2);
const logs = join(root, '.gatehouse', 'logs');

interface Stage {
  name: string;
  command: string[];
  env?: Record<string, string>;
}

const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const node = (...args: string[]) => [process.execPath, ...args];

function stages(browser: string | null, redisUrl: string | null): Stage[] {
  const env = { ...(redisUrl ? { REDIS_URL: redisUrl } : {}), ...(drill ? { GATEHOUSE_DRILL: '1' } : {}) };
  const list: Stage[] = [
    { name: 'generate', command: [bin('turbo'), 'run', 'generate', '--output-logs=errors-only'] },
    { name: 'format', command: [bin('oxfmt'), '--check', '.'] },
    { name: 'lint', command: [bin('oxlint'), '--deny-warnings'] },
    {
      name: 'boundaries',
      command: [bin('depcruise'), 'apps', 'packages', 'tools/local', 'tools/database', '--config', '.dependency-cruiser.cjs'],
    },
    { name: 'types', command: [bin('turbo'), 'run', 'typecheck', '--output-logs=errors-only'] },
    { name: 'types of tools', command: [bin('tsc'), '--project', 'tsconfig.json'] },
    { name: 'unused', command: [bin('knip')] },
    { name: 'workspace', command: [bin('sherif')] },
    { name: 'documents', command: node('tools/gates/doc-refs.ts') },
    { name: 'requirements', command: node('tools/gates/requirements.ts') },
    { name: 'canaries', command: node('tools/gates/run.ts') },
    { name: 'migrations', command: node('tools/database/check.ts') },
    { name: 'unit and integration', command: [bin('vitest'), 'run', '--reporter=dot'], env },
    { name: 'build', command: [bin('turbo'), 'run', 'build', '--output-logs=errors-only'] },
    { name: 'conformance', command: node('apps/e2e/conformance/run.ts') },
    { name: 'clients', command: [bin('playwright'), 'test', '--config', 'apps/e2e/clients.config.ts'] },
    { name: 'subjects', command: node('apps/e2e/subjects/run.ts', '--local') },
  ];
  if (browser)
    list.push({
      name: 'end to end',
      command: [bin('playwright'), 'test', '--config', 'apps/e2e/playwright.config.ts'],
      env: { ...env, PLAYWRIGHT_CHROMIUM: browser },
    });
  return list;
}

/** Runs one stage with its output in a log; prints the log's end when it fails. */
async function runStage(stage: Stage): Promise<boolean> {
  const started = Date.now();
  const file = join(logs, `test-${stage.name.replaceAll(' ', '-')}.log`);
  const log = openSync(file, 'w');
  const [command = '', ...args] = stage.command;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      ...stage.env,
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
  // A test that cannot have what it needs says so in a line of its own.
  const skipped = text.match(/^SKIPPED, .*$/gm) ?? [];
  const counts =
    text.match(/^\s*(?:Test Files|Tests)\s+.*$|^\s*\d+ (?:passed|failed|skipped).*$/gm)?.map((line) => line.trim()) ?? [];
  process.stdout.write(`  ${code === 0 ? '✓' : '✗'} ${stage.name.padEnd(24)} ${seconds} s   ${counts.join(' · ')}\n`);
  for (const line of skipped) process.stdout.write(`    ${line}\n`);
  if (code !== 0) process.stdout.write(`\n${text.trimEnd().split('\n').slice(-80).join('\n')}\n\n`);
  return code === 0;
}

async function main(): Promise<number> {
  mkdirSync(logs, { recursive: true });
  process.stdout.write('\n  Gatehouse: gates and tests\n\n');
  const browser = await findBrowser();
  const redis = await findRedis();
  const squid = await findSquid();
  const missing = [
    ...(browser ? [] : ['Chromium: the browser tests']),
    ...(redis ? [] : ['Redis: the tests of the Redis backends']),
    ...(squid ? [] : ['squid: the tests of the agent behind a real proxy']),
  ];
  let passed = 0;
  let failed = 0;
  try {
    const chosen = stages(browser, redis?.url ?? null).filter((stage) => only.length === 0 || only.includes(stage.name));
    for (const stage of chosen) {
      const ok = await runStage(stage);
      if (ok) passed += 1;
      else failed += 1;
      if (!ok && stage.name === 'generate') break;
    }
  } finally {
    await redis?.stop();
  }
  for (const what of missing) process.stdout.write(`\n  SKIPPED, because it cannot be had here: ${what}\n`);
  if (strict && missing.length > 0) failed += 1;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
