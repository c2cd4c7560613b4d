import { hostname } from 'node:os';

import pino, { type DestinationStream, type Logger } from 'pino';
import type { z } from 'zod';

import { logCensor } from '@gatehouse/redaction/log-censor';

import manifest from '../package.json' with { type: 'json' };
import { openCore, type AgentCore } from './agent-core.ts';
import { LiveRedactor } from './audit/live-redactor.ts';
import { CredentialBindings } from './config/credential-bindings.ts';
import { loadGuardrails } from './config/guardrails.ts';
import type { AgentEnv } from './env.ts';
import { isErrno } from './state/disk.ts';
import { enrolAgent } from './enrolment/enrol.ts';
import { readIdentity, writeIdentity, type Identity } from './state/identity.ts';
import { lockStateDir, type StateLock } from './state/lock.ts';
import { openSiteKey } from './state/site-key.ts';
import { openStateDir, writeState, type StateDir } from './state/state-dir.ts';
import { readTlsPair } from './http/tls-files.ts';
import { createMetrics } from './ops/metrics.ts';
import { createOpsHandler } from './ops/ops-handler.ts';
import { readStatus, type AgentStatus } from './ops/readiness.ts';
import type { Runtime } from './ops/read-status.ts';
import { createSecretResolver } from './secrets/resolve.ts';
import { startServing, type Serving } from './serving.ts';
import { CredentialScrub } from './secrets/credential-scrub.ts';

export const AGENT_VERSION = manifest.version;

/** The agent cannot start; one line that says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface RunningAgent {
  status(): AgentStatus;
  /** called after anything that `status` shows may have changed; returns the unsubscriber */
  onChange(listener: () => void): () => void;
  /** lets calls under way end, writes what is left, gives the directory back */
  stop(): Promise<void>;
}

/** Enrols with a join token and stores the identity. Throws EnrolFailure, StateDirError, or StartError when it is enrolled already. */
export async function enrol(env: AgentEnv, token: string): Promise<Identity> {
  const dir = openStateDir(env.dataDir);
  const lock = lockStateDir(dir);
  try {
    const before = readIdentity(dir);
    if (before) {
      throw new StartError(
        `${env.dataDir} is enrolled already, as ${before.agentName}. Set GATEHOUSE_DATA_DIR for another agent.`,
      );
    }
    const identity = await enrolAgent({ token, network: hubNetwork(env), ...machineFacts(), now: () => new Date() });
    await writeIdentity(dir, identity);
    return identity;
  } finally {
    lock.release();
  }
}

/** Starts the agent of an enrolled directory. Serving does not wait for the hub. Throws StartError, TlsFilesError, StateDirError or GuardrailsError. */
export async function startAgent(env: AgentEnv, logStream: DestinationStream): Promise<RunningAgent> {
  // before anything is opened or logged: this is what an operator gets wrong
  if (env.tls) readTlsPair(env.tls, new Date());
  const dir = openStateDir(env.dataDir);
  const lock = lockStateDir(dir);
  const closers: (() => void | Promise<void>)[] = [() => lock.release()];
  const stop = async () => {
    for (let close = closers.pop(); close; close = closers.pop()) await close();
  };
  try {
    const identity = readIdentity(dir);
    if (!identity)
      throw new StartError(
        'This agent is not enrolled. Make a join token in the console, then: gatehouse-agent up --enroll TOKEN',
      );
    return { ...(await assemble({ env, dir, lock, identity, logStream, closers })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  env: AgentEnv;
  dir: StateDir;
  lock: StateLock;
  identity: Identity;
  logStream: DestinationStream;
  /** run in reverse order at the end */
  closers: (() => void | Promise<void>)[];
}

/** Wires everything: secrets and scrubbing, then receipts and configuration, then the listener, then the hub. */
async function assemble({ env, dir, lock, identity, logStream, closers }: Parts): Promise<Omit<RunningAgent, 'stop'>> {
  const scrub = new CredentialScrub();
  const redactor = new LiveRedactor();
  const log = openLog(env, logStream, scrub);
  const now = () => new Date();
  const onSecret = (value: string) => {
    scrub.add(value);
    redactor.addSecret(value);
  };
  const guardrails = loadGuardrails(env.guardrailsFile);
  const bindings = new CredentialBindings(dir, guardrails);
  const metrics = createMetrics({
    connected: () => (core.link.state().phase === 'connected' ? 1 : 0),
    configVersion: () => core.current.get()?.snapshot.version ?? 0,
    bufferedReceipts: () => core.shipper.buffered(),
    spoolBytes: () => core.spool.totalBytes(),
    lostReceipts: () => core.spool.lostReceipts(),
    openSessions: () => serving.listener.openSessions(),
  });
  const core: AgentCore = await openCore({
    dir,
    lock,
    identity,
    guardrails,
    bindings,
    redactor,
    log,
    now,
    siteKey: await openSiteKey(dir, env.siteKeyFile),
    network: hubNetwork(env),
    facts: machineFacts(),
    onFinished: ({ outcome, reasonCode }) => metrics.countCall(outcome, reasonCode),
    onSpoolFailure: () => metrics.countSpoolFailure(),
    random: Math.random,
  });
  closers.push(() => core.close());

  const status = (): AgentStatus => readStatus(statusSources(identity, core, serving));
  const serving: Serving = await startServing({
    env,
    core,
    guardrails,
    bindings,
    scrub,
    log,
    now,
    onSecret,
    resolveSecret: createSecretResolver({ environment: env.environment, dataDir: dir.path, onSecret }),
    ops: createOpsHandler({ registry: metrics.registry, version: AGENT_VERSION, status }),
    agentVersion: AGENT_VERSION,
  }).catch((error: unknown) => {
    throw isErrno(error, 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL') ? listenFailure(env, error) : error;
  });
  closers.push(() => serving.close());
  await writeState(dir, dir.runtime, JSON.stringify(runtimeOf(env, serving)));
  if (env.unknown.length > 0) log.warn({ names: env.unknown }, 'unknown GATEHOUSE_ variables are ignored');
  log.info({ url: serving.listener.publicUrl, agent: identity.agentName, site: identity.siteSlug }, 'listening for AI clients');

  core.connect(serving);
  const onChange = (listener: () => void) => {
    const offs = [core.current.onChange(listener), core.link.onChange(listener)];
    return () => offs.forEach((off) => off());
  };
  return { status, onChange };
}

function statusSources(identity: Identity, core: AgentCore, serving: Serving): Parameters<typeof readStatus>[0] {
  const { agentName, siteSlug, tenantSlug, hub } = identity;
  return {
    agent: { name: agentName, site: siteSlug, tenant: tenantSlug, version: AGENT_VERSION },
    hub,
    endpointUrl: serving.listener.publicUrl,
    current: core.current,
    link: core.link.state(),
    audit: {
      bufferedReceipts: core.shipper.buffered(),
      lostReceipts: core.spool.lostReceipts(),
      error: core.spool.isFailing() ? 'Receipts cannot be written to the disk; calls are refused.' : null,
    },
    servers: serving.upstreams.health(),
    tls: serving.listener.tls(),
    draining: serving.listener.isDraining(),
    now: Date.now(),
  };
}

/** Where `gatehouse-agent status` finds this process. */
function runtimeOf({ tls }: AgentEnv, { listener }: Serving): z.infer<typeof Runtime> {
  return { pid: process.pid, url: listener.url, certFile: tls?.certFile ?? null };
}

/** JSON lines. Held credentials are taken out of the finished line, whatever field they came in. */
function openLog(env: AgentEnv, stream: DestinationStream, scrub: CredentialScrub): Logger {
  return pino({ level: env.logLevel, base: null, redact: logCensor, hooks: { streamWrite: (line) => scrub.text(line) } }, stream);
}

function listenFailure({ listen }: AgentEnv, error: NodeJS.ErrnoException): StartError {
  const address = `${listen.host}:${listen.port}`;
  const why = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${error.code})`;
  return new StartError(`${address} ${why}. Stop that process or set GATEHOUSE_LISTEN.`, { cause: error });
}

function machineFacts() {
  return { agentVersion: AGENT_VERSION, hostname: hostname().slice(0, 255), platform: `${process.platform} ${process.arch}` };
}

function hubNetwork(env: AgentEnv) {
  return { caFile: env.caFile, proxyEnvironment: env.environment };
}
