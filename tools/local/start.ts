import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { build, openDatabase, openLocalRuntime, removeTenant, startControlPlane, type LocalDatabase } from './control-plane.ts';
import { getAgentDataDir, startAgent, startUpstreams } from './demo/agent.ts';
import { readDemoFile, writeDemoFile, type DemoFile } from './demo/file.ts';
import { runGovernedCall } from './demo/governed-call.ts';
import { tenant } from './demo/plan.ts';
import { provisionDemo } from './demo/provision.ts';
import { readLogTail, requireFreePorts, type Running } from './processes.ts';
import { printLine, runStep } from './progress.ts';
import { LocalError, readSettings, type Settings } from './settings.ts';

const running: Running[] = [];
let database: LocalDatabase | undefined;
let stopping: Promise<void> | undefined;

/** Ends everything in the reverse of the order in which it was started. Safe to call twice. */
function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const process of running.toReversed()) await process.stop();
    await database?.stop();
  })();
  return stopping;
}

/** Provisions at the first start (again from nothing when an earlier first start was cut off), otherwise starts the enrolled agent. */
async function openDemo(
  settings: Settings,
  databaseUrl: string,
  runtime: Awaited<ReturnType<typeof openLocalRuntime>>,
): Promise<DemoFile> {
  const unfinished = join(settings.dataDir, 'provisioning');
  const known = existsSync(unfinished) ? null : readDemoFile(settings);
  if (known) {
    running.push(await runStep('Agent local-01 connects', () => startAgent(settings)));
    return known;
  }
  writeFileSync(unfinished, '');
  await removeTenant(databaseUrl, tenant.slug);
  rmSync(getAgentDataDir(settings), { recursive: true, force: true });
  return runStep('Tenant Acme: agent, servers, reviews, profiles', async () => {
    const { agent, demo } = await provisionDemo(settings, runtime, databaseUrl);
    running.push(agent);
    writeDemoFile(settings, demo);
    rmSync(unfinished);
    return demo;
  });
}

function report(settings: Settings, demo: DemoFile): void {
  printLine();
  printLine('  Gatehouse is ready.');
  printLine();
  printLine(`  Console   ${demo.consoleUrl}`);
  for (const user of demo.users) printLine(`    ${user.role.padEnd(9)} ${user.email.padEnd(24)} ${user.password}`);
  printLine();
  for (const profile of demo.profiles) printLine(`  Profile   ${profile.slug.padEnd(10)} ${profile.mcpUrl}`);
  printLine(`  Client keys and everything else a tool needs: ${relative(process.cwd(), join(settings.dataDir, 'demo.json'))}`);
  printLine();
  printLine('  Press Ctrl-C to stop.');
}

async function start(): Promise<void> {
  const settings = readSettings();
  const dev = process.argv.includes('--dev');
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  printLine('\n  Gatehouse\n');
  await requireFreePorts(settings);
  await build(settings, dev);
  database = await runStep('PostgreSQL', () => openDatabase(settings));
  const { ownerUrl, appUrl } = database;
  running.push(...(await runStep('Console, hub and worker', () => startControlPlane(settings, { ownerUrl, appUrl }, dev))));
  running.push(...(await runStep('Pilot servers', () => startUpstreams(settings))));
  const runtime = await openLocalRuntime(settings, { ownerUrl, appUrl });
  try {
    const demo = await openDemo(settings, ownerUrl, runtime);
    const receipt = await runStep('A governed call and its receipt', () => runGovernedCall(demo, runtime));
    printLine(`      ${receipt.person} called ${receipt.tool} (${receipt.argument}): ${receipt.outcome}`);
    report(settings, demo);
  } finally {
    await runtime.close();
  }
  const ended = await Promise.race(running.map(async (process) => ({ name: process.name, code: await process.exited })));
  if (!stopping)
    throw new LocalError(
      `${ended.name} ended with code ${ended.code}; its log ends with:\n\n  ${readLogTail(settings, ended.name)}\n\n  Stopping the rest.`,
    );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping) printLine('\n  Stopping …');
    stopAll().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

function describeError(error: unknown): string {
  if (error instanceof LocalError) return error.message;
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (full) return 'The disk is full. Free some space and run the command again.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await start();
} catch (error) {
  process.stderr.write(`\n  ${describeError(error)}\n\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
