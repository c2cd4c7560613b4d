#!/usr/bin/env -S node --max-semi-space-size=8
// before anything else is loaded, because a serving agent starts anew in it
import './relaunch.ts';
import { text } from 'node:stream/consumers';

import { Command } from 'commander';
import { destination } from 'pino';

import { awaitStopSignal, exitOnSignal } from '@gatehouse/process/drain';
import { EnvironmentError } from '@gatehouse/process/environment';

import { BridgeAddressError } from './bridge/profile-endpoint.ts';
import { runBridge } from './bridge/run-bridge.ts';
import { GuardrailsError } from './config/guardrails/guardrails.ts';
import { CommandRefused } from './config/guardrails/stdio-command.ts';
import { EnrolFailure, isOfSpentToken } from './enrolment/enrol-failure.ts';
import { enrolDirectory, type Enrolled } from './enrolment/enrol.ts';
import { readBridgeEnv, takeEnv, type AgentEnv } from './env.ts';
import { addGuardrailsCommands } from './guardrails-commands.ts';
import { TlsFilesError } from './http/tls-files.ts';
import { AGENT_VERSION, readAgentFacts } from './link/agent-facts.ts';
import { openSecrets } from './open-secrets.ts';
import { formatStatus } from './ops/format-status.ts';
import { makePrintable } from './ops/printable.ts';
import { askRunningAgent, STATUS_EXIT } from './ops/read-status.ts';
import { createReadableLog } from './ops/readable-log.ts';
import { StatusPrinter } from './ops/status-printer.ts';
import { givenEnvironment } from './relaunch.ts';
import { CredentialScrub } from './secrets/credential-scrub.ts';
import { checkMachine, openGuardrails, type RunningAgent, startAgent, StartError } from './start-agent.ts';
import { isErrno } from './state/disk.ts';
import { readIdentity } from './state/identity.ts';
import { isSpentToken } from './state/spent-tokens.ts';
import { readStanding, type Standing, writeStanding } from './state/standing.ts';
import { describeDiskError, nameStateDir, StateDirError } from './state/state-dir.ts';

const STDOUT = 1;
const STDERR = 2;
/** Longest time for the last writes, after the time that calls under way get. */
const STOP_GRACE_MS = 15_000;

// whatever this process writes, and what its servers write, is for its user alone
process.umask(0o077);

const program = new Command('gatehouse-agent')
  .description('Serves the profiles of one site to AI clients, inside your network.')
  .version(AGENT_VERSION, '--version')
  .showHelpAfterError('(gatehouse-agent --help lists the commands)');
const TOKEN_HELP = 'join token from the console; "-" reads it from standard input (else GATEHOUSE_ENROLL_TOKEN[_FILE])';

program
  .command('up')
  .description('enrol if needed, then serve in the foreground and say what is going on')
  .option('--enroll <token>', TOKEN_HELP)
  .action(async (options: { enroll?: string }) => {
    const env = takeEnv(givenEnvironment);
    await enrolAndServe({ ...env, enrollToken: await findToken(env, options.enroll) }, true);
  });

program
  .command('run')
  .description('serve as a service: JSON logs on standard output')
  .action(async () => {
    await enrolAndServe(takeEnv(givenEnvironment), false);
  });

program
  .command('enroll')
  .description('enrol this directory and stop')
  .argument('[token]', TOKEN_HELP)
  .action(async (argument: string | undefined) => {
    const env = takeEnv(givenEnvironment);
    const token = await findToken(env, argument);
    if (token === null) throw new StartError('A join token is needed: gatehouse-agent enroll TOKEN. Make one in the console.');
    await enrolAndTell(env, token);
  });

program
  .command('status')
  .description(
    'what the agent of this directory does; exit code 0: serves and is connected, 3: serves with a fault or is stopping, 4: serves nothing, or does not run',
  )
  .option('--json', 'the whole status as JSON')
  .action(async (options: { json?: boolean }) => {
    const env = takeEnv(givenEnvironment);
    const dir = nameStateDir(env.dataDir);
    const status = await askRunningAgent(dir.runtime);
    process.exitCode = STATUS_EXIT[status?.status ?? 'offline'];
    if (options.json) return write(JSON.stringify(status ?? { status: 'offline', agent: readIdentity(dir)?.agentName ?? null }));
    if (status) return formatStatus(status, hasColour()).forEach(write);
    const name = readIdentity(dir)?.agentName;
    write(
      name === undefined
        ? `No agent is enrolled in ${env.dataDir}.`
        : `${makePrintable(name)} is not running. Start it with: gatehouse-agent up`,
    );
  });

program
  .command('connect')
  .description('connect a client that only starts programs (stdio) to a profile; the key comes from GATEHOUSE_CLIENT_KEY[_FILE]')
  .argument('<profile-url>', 'address of the profile: https://…/p/<profile>/mcp')
  .action(async (profileUrl: string) => {
    const { stdin: input, stdout: output, stderr: errors } = process;
    void awaitStopSignal().then(() => input.destroy());
    await runBridge(profileUrl, readBridgeEnv(givenEnvironment), { input, output, errors });
  });

addGuardrailsCommands(program, { readEnv: () => takeEnv(givenEnvironment), write });

async function findToken(env: AgentEnv, given: string | undefined): Promise<string | null> {
  if (given === '-') return (await text(process.stdin)).trim();
  return given ?? env.enrollToken;
}

async function enrol(env: AgentEnv, token: string): Promise<Enrolled> {
  const network = { caFile: env.caFile, proxyEnvironment: env.environment };
  // enrolment is before any link, so that the credentials of this machine are looked for in what it sends here
  const credentials = new CredentialScrub();
  await openSecrets(env, await openGuardrails(env), (value) => credentials.add(value));
  const facts = readAgentFacts((text) => credentials.scrubText(text));
  return enrolDirectory(env.dataDir, { token, network, facts, now: () => new Date() });
}

/**
 * Enrols where that is needed, then serves. A new token is for an agent that is shut out, whenever that becomes known: it may have been revoked while it
 * did not run, and hears so only once it is connected. Then another agent takes its place in the same folder.
 */
async function enrolAndServe(env: AgentEnv, friendly: boolean): Promise<void> {
  const stopped = awaitStopSignal();
  let rest = env;
  for (let isOver = false; !isOver;) {
    const { enrollToken: token } = rest;
    const isUsed = token !== null && (await tryToken(rest, token, friendly));
    // a service says in its log what a token that stays in its unit is good for
    if (isUsed && friendly) rest = { ...rest, enrollToken: null };
    isOver = await serve(rest, {
      friendly,
      stopped,
      isTokenOpen: token !== null && !isUsed && !isSpentToken(nameStateDir(rest.dataDir), token),
    });
  }
}

/**
 * Enrols where `up` and `run` may: a folder that is new, or whose agent was shut out. A token that enrols nobody, which may stand in a unit or container for
 * ever, does not end an agent that was shut out: it goes on to say so to its clients. False when the folder needs no token.
 */
async function tryToken(env: AgentEnv, token: string, friendly: boolean): Promise<boolean> {
  const dir = nameStateDir(env.dataDir);
  const before = readIdentity(dir);
  if (before && readStanding(dir) === 'good') return false;
  await checkMachine(env);
  try {
    await enrolAndTell(env, token, friendly ? write : before ? tell : () => {});
  } catch (error) {
    if (!before || !(error instanceof EnrolFailure)) throw error;
    if (friendly || !isOfSpentToken(error)) tell(makePrintable(`  ! ${error.message}`));
  }
  return true;
}

async function enrolAndTell(env: AgentEnv, token: string, say: (line: string) => void = write): Promise<void> {
  const { identity, former } = await enrol(env, token);
  const { agentName, siteSlug, tenantSlug } = identity;
  say(makePrintable(`  Enrolled as ${agentName} at ${tenantSlug}/${siteSlug}. The key stays in ${env.dataDir}.`));
  if (former !== null) say(makePrintable(`  What the agent before left, receipts that were not sent among it, is in ${former}.`));
}

interface Serving {
  /** for a person, with sentences in the place of the log, unless the log is asked for by its level */
  friendly: boolean;
  stopped: Promise<unknown>;
  /** a join token is at hand that nobody has used: what is shut out makes way for another agent */
  isTokenOpen: boolean;
}

/** Serves until SIGINT or SIGTERM. A second signal ends the process at once. False: the agent was shut out, and a token is at hand. */
async function serve(env: AgentEnv, { friendly, stopped, isTokenOpen }: Serving): Promise<boolean> {
  const isForPeople = friendly && env.environment.GATEHOUSE_LOG_LEVEL === undefined;
  const agent = isForPeople
    ? await startAgent({ ...env, logLevel: 'warn' }, createReadableLog(tell))
    : await startAgent(env, destination(friendly ? STDERR : STDOUT));
  const printer = friendly ? new StatusPrinter(agent, hasColour(), write) : null;
  const standing = await Promise.race([stopped.then(() => null), isTokenOpen ? awaitShutOut(agent) : stopped.then(() => null)]);
  printer?.stop();
  if (standing !== null) {
    await agent.stop();
    // it was told over a connection that ends with it
    await writeStanding(nameStateDir(env.dataDir), standing);
    return false;
  }
  void exitOnSignal();
  setTimeout(() => process.exit(1), env.drainSeconds * 1_000 + STOP_GRACE_MS).unref();
  await agent.stop();
  return true;
}

/** Resolves when the control plane has shut this agent out; never while it has not. */
function awaitShutOut(agent: RunningAgent): Promise<Standing> {
  return new Promise((resolve) => {
    const off = agent.onChange(check);
    check();
    function check(): void {
      const standing = agent.getStanding();
      if (standing === 'good') return;
      off();
      resolve(standing);
    }
  });
}

function hasColour(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for what an operator can mend, for each variable that is wrong one; anything else is a defect and keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof EnvironmentError || error instanceof GuardrailsError)
    return error.message.split('\n').map(makePrintable).join('\n');
  const known = [StartError, StateDirError, EnrolFailure, TlsFilesError, BridgeAddressError, CommandRefused].some(
    (kind) => error instanceof kind,
  );
  if (known && error instanceof Error) return makePrintable(error.message);
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'))
    return describeDiskError(error, error.path ?? 'the data directory');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
});
