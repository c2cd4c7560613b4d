import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { build, openDatabase, openLocalRuntime, removeTenant, startControlPlane, type LocalDatabase } from './control-plane.ts';
import { agentDataDir, startAgent, startUpstreams } from './demo/agent.ts';
import { readDemoFile, writeDemoFile, type DemoFile } from './demo/file.ts';
import { governedCall } from './demo/governed-call.ts';
import { tenant } from './demo/plan.ts';
import { provisionDemo } from './demo/provision.ts';
import { logTail, requireFreePorts, type Running } from './processes.ts';
import { say, step } from './progress.ts';
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
    running.push(await step('Agent local-01 connects', () => startAgent(settings)));
    return known;
  }
  writeFileSync(unfinished, '');
  await removeTenant(databaseUrl, tenant.slug);
  rmSync(agentDataDir(settings), { recursive: true, force: true });
  return step('Tenant Acme: agent, servers, reviews, profiles', async () => {
    const { agent, demo } = await provisionDemo(settings, runtime, databaseUrl);
    running.push(agent);
    writeDemoFile(settings, demo);
    rmSync(unfinished);
    return demo;
  });
}

function report(settings: Settings, demo: DemoFile): void {
  say();
  say('  Gatehouse is ready.');
  say();
  say(`  Console   ${demo.consoleUrl}`);
  for (const user of demo.users) say(`    ${user.role.padEnd(9)} ${user.email.padEnd(24)} ${user.password}`);
  say();
  for (const profile of demo.profiles) say(`  Profile   ${profile.slug.padEnd(10)} ${profile.mcpUrl}`);
  say(`  Client keys and everything else a tool needs: ${relative(process.cwd(), join(settings.dataDir, 'demo.json'))}`);
  say();
  say('  Press Ctrl-C to stop.');
}

async function main(): Promise<void> {
  const settings = readSettings();
  const dev = process.argv.includes('--dev');
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  say('\n  Gatehouse\n');
  await requireFreePorts(settings);
  await build(settings, dev);
  database = await step('PostgreSQL', () => openDatabase(settings));
  const { ownerUrl, appUrl } = database;
  running.push(...(await step('Console, hub and worker', () => startControlPlane(settings, { ownerUrl, appUrl }, dev))));
  running.push(...(await step('Pilot servers', () => startUpstreams(settings))));
  const runtime = await openLocalRuntime(settings, { ownerUrl, appUrl });
  try {
    const demo = await openDemo(settings, ownerUrl, runtime);
    const receipt = await step('A governed call and its receipt', () => governedCall(demo, runtime));
    say(`      ${receipt.person} called ${receipt.tool} (${receipt.argument}): ${receipt.outcome}`);
    report(settings, demo);
  } finally {
    await runtime.close();
  }
  const ended = await Promise.race(running.map(async (process) => ({ name: process.name, code: await process.exited })));
  if (!stopping)
    throw new LocalError(
      `${ended.name} ended with code ${ended.code}; its log ends with:\n\n  ${logTail(settings, ended.name)}\n\n  Stopping the rest.`,
    );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping) say('\n  Stopping …');
    stopAll().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

function sentenceFor(error: unknown): string {
  if (error instanceof LocalError) return error.message;
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (full) return 'The disk is full. Free some space and run the command again.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\n  ${sentenceFor(error)}\n\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
