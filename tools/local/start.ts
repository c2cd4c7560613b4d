import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { getAgent } from '@gatehouse/services/agent/get-agent';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';

import { build, openDatabase, openLocalRuntime, removeTenant, startControlPlane } from './control-plane.ts';
import { getAgentDataDir, startUpstreams } from './demo/agent.ts';
import { reconnectAgent, replaceAgent } from './demo/enrol.ts';
import { findUser, readDemoFile, writeDemoFile, type DemoFile } from './demo/file.ts';
import { runGovernedCall } from './demo/governed-call.ts';
import { tenant } from './demo/plan.ts';
import { provisionDemo } from './demo/provision.ts';
import { signInTo } from './demo/sign-in.ts';
import { requireFreePorts } from './processes.ts';
import { printLine, runStep } from './progress.ts';
import { LocalError, readSettings, type Settings } from './settings.ts';
import { Supervisor } from './supervisor.ts';

const supervisor = new Supervisor();

/** A step that fails as soon as anything ends that was started before it. */
function attempt<T>(label: string, work: () => Promise<T>): Promise<T> {
  return runStep(label, () => Promise.race([work(), supervisor.failed]));
}

/** Sets the demo up in an empty database, and again from nothing when an earlier first start was cut off. */
function createDemo(settings: Settings, databaseUrl: string, runtime: Runtime): Promise<DemoFile> {
  const unfinished = join(settings.dataDir, 'provisioning');
  return attempt('Tenant Acme: agent, servers, reviews, profiles', async () => {
    writeFileSync(unfinished, '');
    await removeTenant(databaseUrl, tenant.slug);
    rmSync(getAgentDataDir(settings), { recursive: true, force: true });
    const { agent, demo } = await provisionDemo(settings, runtime, databaseUrl);
    supervisor.add(agent);
    writeDemoFile(settings, demo);
    rmSync(unfinished);
    return demo;
  });
}

/** Starts the agent of an earlier start, or a new one when it was shut out in the meantime. */
async function resumeDemo(settings: Settings, demo: DemoFile, owner: ServiceContext): Promise<DemoFile> {
  const [agent] = demo.agents;
  const { status } = await getAgent({ ctx: owner, input: { agentId: agent.id } });
  if (status !== 'Revoked' && status !== 'Quarantined') {
    supervisor.add(await attempt(`Agent ${agent.name} connects`, () => reconnectAgent(settings, owner, agent.id)));
    return demo;
  }
  const label = `Agent ${agent.name} was ${status.toLowerCase()}: a new one enrols`;
  const { running, agentId, name } = await attempt(label, () => replaceAgent(settings, owner, agent.id));
  supervisor.add(running);
  const renewed: DemoFile = { ...demo, agents: [{ ...agent, id: agentId, name }] };
  writeDemoFile(settings, renewed);
  return renewed;
}

/** Makes the demo's call and tells of it. The call of a new demo has to succeed; an older one may have been changed in the console. */
async function showGovernedCall(demo: DemoFile, owner: ServiceContext, isNew: boolean): Promise<void> {
  try {
    const receipt = await attempt('A governed call and its receipt', () => runGovernedCall(demo, owner));
    printLine(`      ${receipt.person} called ${receipt.tool} (${receipt.argument}): ${receipt.outcome}`);
  } catch (error) {
    if (isNew || !(error instanceof Error)) throw error;
    printLine(`      ${error.message.split('\n', 1)[0]}`);
    printLine('      What the demo calls with may have been changed in the console. Everything else runs.');
  }
}

async function signInOwner(settings: Settings, demo: DemoFile, runtime: Runtime): Promise<ServiceContext> {
  try {
    return await signInTo({ runtime, tenantSlug: demo.tenant, ...findUser(demo, 'owner') });
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    const message = `The demo's owner cannot sign in any more. Delete the folder ${settings.dataDir} and run npm start again.`;
    throw new LocalError(message, { cause });
  }
}

async function openDemo(settings: Settings, databaseUrl: string, runtime: Runtime): Promise<DemoFile> {
  const known = existsSync(join(settings.dataDir, 'provisioning')) ? null : readDemoFile(settings);
  let demo = known ?? (await createDemo(settings, databaseUrl, runtime));
  const owner = await signInOwner(settings, demo, runtime);
  if (known) demo = await resumeDemo(settings, demo, owner);
  await showGovernedCall(demo, owner, known === null);
  return demo;
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
  const { server, ownerUrl, appUrl } = await runStep('PostgreSQL', () => openDatabase(settings));
  if (server) supervisor.add(server);
  supervisor.add(...(await attempt('Console, hub and worker', () => startControlPlane(settings, { ownerUrl, appUrl }, dev))));
  supervisor.add(...(await attempt('Pilot servers', () => startUpstreams(settings))));
  const runtime = await openLocalRuntime(settings, { ownerUrl, appUrl });
  try {
    report(settings, await openDemo(settings, ownerUrl, runtime));
  } finally {
    await runtime.close();
  }
  await supervisor.failed;
}

async function stopAndExit(code: number): Promise<never> {
  try {
    await supervisor.stop();
    process.exit(code);
  } catch (error) {
    process.stderr.write(`\n  ${describeError(error)}\n\n`);
    process.exit(1);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!supervisor.isStopping) printLine('\n  Stopping …');
    void stopAndExit(0);
  });
}

function describeError(error: unknown): string {
  if (error instanceof LocalError || error instanceof ServiceError) return error.message;
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (full) return 'The disk is full. Free some space and run the command again.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await start();
} catch (error) {
  // What fails because everything is being stopped is no news.
  if (!supervisor.isStopping) {
    process.stderr.write(`\n  ${describeError(error)}\n\n`);
    await stopAndExit(1);
  }
}
