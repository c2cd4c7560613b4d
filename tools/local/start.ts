import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { getAgent } from '@gatehouse/services/agent/get-agent';
import { PasswordDueError } from '@gatehouse/services/auth/open-context';
import type { ServiceContext } from '@gatehouse/services/context';
import type { Runtime } from '@gatehouse/services/runtime';

import { build, openDatabase, openLocalRuntime, removeTenant, startControlPlane } from './control-plane.ts';
import { withDataFolder } from './data-folder.ts';
import { getAgentDataDir, startOrders } from './demo/agent.ts';
import { enrolAgent, reconnectAgent, retireAgent, waitForConfiguration } from './demo/enrol.ts';
import { readDemoFile, writeDemoFile, type DemoFile } from './demo/file.ts';
import { RefusedCall, runGovernedCall } from './demo/governed-call.ts';
import { tenant } from './demo/plan.ts';
import { provisionDemo } from './demo/provision.ts';
import { choosePasswords, signInOwner } from './demo/sign-in.ts';
import { describeError } from './describe-error.ts';
import { listGivenServices, requireGivenServices, watchService } from './given-services.ts';
import { requireFreePorts } from './processes/processes.ts';
import { Supervisor } from './processes/supervisor.ts';
import { printLine, runStep } from './progress.ts';
import { readSettings, type Settings } from './settings.ts';

const supervisor = new Supervisor();

/** A step that fails as soon as anything ends that was started before it. What fails because everything is being stopped is no news. */
function attempt<T>(label: string, work: () => Promise<T>): Promise<T> {
  return runStep(
    label,
    () => Promise.race([work(), supervisor.failed]),
    () => supervisor.isStopping,
  );
}

/** Sets the demo up in an empty database, and again from nothing when an earlier first start was cut off. */
function createDemo(settings: Settings, databaseUrl: string, runtime: Runtime): Promise<DemoFile> {
  const unfinished = join(settings.dataDir, 'provisioning');
  return attempt('Tenant Acme: agent, servers, reviews, profiles', async () => {
    writeFileSync(unfinished, '');
    await removeTenant(databaseUrl, tenant.slug);
    rmSync(getAgentDataDir(settings), { recursive: true, force: true });
    const demo = await provisionDemo(supervisor, settings, runtime, databaseUrl);
    writeDemoFile(settings, demo);
    rmSync(unfinished);
    return demo;
  });
}

/** Starts the agent of an earlier start, or a new one when it was shut out in the meantime. */
async function resumeDemo(settings: Settings, demo: DemoFile, owner: ServiceContext): Promise<DemoFile> {
  const [agent] = demo.agents;
  const { status, siteId } = await getAgent({ ctx: owner, input: { agentId: agent.id } });
  if (status !== 'Revoked' && status !== 'Quarantined') {
    await attempt(`Agent ${agent.name} connects`, () => reconnectAgent(supervisor, settings, owner, agent.id));
    return demo;
  }
  const aside = await retireAgent(settings, owner, siteId);
  if (aside) printLine(`  What the agent that was ${status.toLowerCase()} kept, unsent receipts too, is now in ${aside}`);
  return attempt(`Agent ${agent.name} was ${status.toLowerCase()}: a new one enrols`, async () => {
    const id = await enrolAgent(supervisor, settings, owner, siteId);
    const { name } = await getAgent({ ctx: owner, input: { agentId: id } });
    const renewed: DemoFile = { ...demo, agents: [{ ...agent, id, name }] };
    writeDemoFile(settings, renewed);
    await waitForConfiguration(owner, id);
    return renewed;
  });
}

/** Makes the demo's call and tells of it. The call of a new demo has to succeed; an older one's may be refused after a change. */
async function showGovernedCall(demo: DemoFile, owner: ServiceContext, isNew: boolean): Promise<void> {
  try {
    const receipt = await attempt('A governed call and its receipt', () => runGovernedCall(demo, owner));
    printLine(`      ${receipt.person} called ${receipt.tool} (${receipt.argument}): ${receipt.outcome}`);
  } catch (error) {
    if (isNew || !(error instanceof RefusedCall)) throw error;
    printLine(`      ${error.message.split('\n', 1)[0]}`);
    printLine('      What the demo calls with may have been changed in the console. Everything else runs.');
  }
}

async function openDemo(settings: Settings, databaseUrl: string, runtime: Runtime): Promise<DemoFile> {
  const known = existsSync(join(settings.dataDir, 'provisioning')) ? null : readDemoFile(settings);
  let demo = known ?? (await createDemo(settings, databaseUrl, runtime));
  const owner = await signInOwner(settings, demo, runtime).catch(async (error: unknown) => {
    if (!(error instanceof PasswordDueError)) throw error;
    demo = await choosePasswords(demo, runtime);
    writeDemoFile(settings, demo);
    return signInOwner(settings, demo, runtime);
  });
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

async function start(settings: Settings): Promise<void> {
  const dev = process.argv.includes('--dev');
  printLine('\n  Gatehouse\n');
  await requireGivenServices(settings);
  await requireFreePorts(settings);
  await build(settings, dev);
  const { server, ownerUrl, urls } = await runStep('PostgreSQL', () => openDatabase(settings));
  if (server) supervisor.add(server);
  await attempt('Console, hub and worker', () => startControlPlane(supervisor, settings, urls, dev));
  await attempt("The orders team's server", () => startOrders(supervisor, settings));
  const runtime = await openLocalRuntime(settings, urls.console);
  try {
    report(settings, await openDemo(settings, ownerUrl, runtime));
  } finally {
    await runtime.close();
  }
  for (const service of listGivenServices(settings)) void watchService(service, (sentence) => printLine(`\n  ${sentence}`));
  await supervisor.failed;
}

/** Starts in the data folder. What fails while a given server does not answer is told as that. */
function startInFolder(settings: Settings): Promise<void> {
  return withDataFolder(settings, async () => {
    try {
      await start(settings);
    } catch (error) {
      if (!supervisor.isStopping) await requireGivenServices(settings);
      throw error;
    }
  });
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

try {
  await startInFolder(readSettings());
} catch (error) {
  // What fails because everything is being stopped is no news.
  if (!supervisor.isStopping) {
    process.stderr.write(`\n  ${describeError(error)}\n\n`);
    await stopAndExit(1);
  }
}
