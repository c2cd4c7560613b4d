import { createServer } from 'node:http';

import pino, { type DestinationStream } from 'pino';

import { isLoopback } from '@gatehouse/network/hostname';
import { listen } from '@gatehouse/process/listen';
import { logCensor } from '@gatehouse/redaction/log-censor';

import { openAudit, type Audit } from './audit/open-audit.ts';
import { LiveRedactor } from './audit/redaction/live-redactor.ts';
import { startMcpListener, type McpListener } from './clients/server.ts';
import { ConfigApplier } from './config/apply.ts';
import { CurrentConfig } from './config/current.ts';
import { DiscoveryOrders } from './config/discovery-order.ts';
import { EndWatch } from './config/end-watch.ts';
import { readFileUser } from './config/guardrails/guarded-path.ts';
import { type Guardrails, loadGuardrails } from './config/guardrails/guardrails.ts';
import { Keyring } from './config/keyring.ts';
import { describeUnusedToken } from './enrolment/unused-token.ts';
import type { AgentEnv } from './env.ts';
import { chooseInFlight } from './http/in-flight.ts';
import { chooseConnectionsPerAddress } from './http/listener.ts';
import { readTlsPair } from './http/tls-files.ts';
import { AGENT_VERSION, readAgentFacts } from './link/agent-facts.ts';
import { LINK_TIMINGS } from './link/hub-link.ts';
import { openLink } from './link/open-link.ts';
import { openUpstreams, type Upstreams } from './open-upstreams.ts';
import { createMetrics } from './ops/metrics.ts';
import { createAgentOps } from './ops/ops-handler.ts';
import { writeRuntime } from './ops/read-status.ts';
import { readStatus, type AgentStatus } from './ops/readiness.ts';
import { RevocationLog } from './revocations/revocation-log.ts';
import { CredentialScrub } from './secrets/credential-scrub.ts';
import { isErrno } from './state/disk.ts';
import { readIdentity } from './state/identity.ts';
import { lockStateDir, type StateLock } from './state/lock.ts';
import { openSiteKey } from './state/site-key.ts';
import { readStanding, type Standing } from './state/standing.ts';
import { nameStateDir, nameStateError, openStateDir, type StateDir } from './state/state-dir.ts';

/** The agent cannot start; one line that says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface RunningAgent {
  getStatus(): AgentStatus;
  /** what the control plane last said about it */
  getStanding(): Standing;
  /** called after anything that `status` shows may have changed; returns the unsubscriber */
  onChange(listener: () => void): () => void;
  /** lets calls under way end, writes what is left, gives the directory back */
  stop(): Promise<void>;
}

const READINESS_NOTICE_MS = 1_000;
const NOT_ENROLLED = 'This agent is not enrolled. Make a join token in the console, then: gatehouse-agent up --enroll TOKEN';

/**
 * Looks for what would keep an agent from starting on this machine, before its join token is spent, which works once. Rejects as startAgent does.
 */
export async function checkMachine(env: AgentEnv): Promise<void> {
  if (env.tls) readTlsPair(env.tls, new Date());
  await openGuardrails(env);
  if (env.siteKeyFile !== null) await openSiteKey(nameStateDir(env.dataDir), env.siteKeyFile);
  const probe = createServer();
  await listen(probe, env.listen).catch((error: unknown) => {
    throw explainListenError(env, error);
  });
  await new Promise((resolve) => probe.close(resolve));
}

/**
 * Starts the agent of an enrolled directory, part by part: each is made of those before it, and they are closed in reverse. Serving does not
 * wait for the hub. Rejects with StartError, TlsFilesError, StateDirError or GuardrailsError.
 */
export async function startAgent(env: AgentEnv, logStream: DestinationStream): Promise<RunningAgent> {
  return openAgent(env, logStream).catch((error: unknown) => {
    throw nameStateError(error, env.dataDir);
  });
}

async function openAgent(env: AgentEnv, logStream: DestinationStream): Promise<RunningAgent> {
  // before anything is opened or logged: this is what an operator gets wrong
  if (env.tls) readTlsPair(env.tls, new Date());
  await using opened = new AsyncDisposableStack();
  const common = openCommon(env, logStream);
  const { redactor, ops, metrics, log, now } = common;

  const dir = openStateDir(env.dataDir);
  const lock = lockStateDir(dir);
  opened.defer(() => lock.release());
  const state = { lock, ...(await loadState(env, dir)) };
  const { identity, guardrails } = state;

  const audit = await openAudit({
    dir,
    siteId: identity.siteId,
    siteKey: await openSiteKey(dir, env.siteKeyFile),
    redactor,
    detail: guardrails.audit.detail,
    log,
    now,
    onFinished: ({ outcome, reasonCode }) => metrics.countCall(outcome, reasonCode),
    onSpoolFailure: () => metrics.countSpoolFailure(),
  });
  opened.defer(() => audit.close());

  const config = opened.adopt(loadConfig(common, state), (loaded) => loaded.close());

  const upstreams = await openUpstreams({ ...common, guardrails, current: config.current });
  opened.defer(() => upstreams.close());

  const listener = await openListener(common, { audit, config, upstreams });
  opened.defer(() => listener.close());

  const hub = openHub(common, { state, audit, config, upstreams, listener });
  opened.defer(() => hub.close());
  const { current } = config;
  const parts = { identity, audit, current, upstreams, listener, link: hub.link };
  const getStatus = () => readStatus(parts, Date.now());
  ops.report(getStatus);
  metrics.watch(parts);
  await writeRuntime(dir, { url: listener.url, certFile: env.tls?.certFile ?? null });
  logSettings(common, dir);
  log.info({ url: listener.publicUrl, agent: identity.agentName, site: identity.siteSlug }, 'listening for AI clients');
  hub.link.start();
  const running = opened.move();
  return {
    getStatus,
    getStanding: () => current.getStanding(),
    onChange: (changed) => {
      const offs = [current, hub.link, upstreams.withheld].map((part) => part.onChange(changed));
      return () => offs.forEach((off) => off());
    },
    async stop() {
      // the hub hears from the agent until the last call has ended
      await listener.close();
      await running.disposeAsync();
    },
  };
}

/** Says what of the environment means nothing, or nothing any more. */
function logSettings({ env: { unknown, enrollToken }, log }: Common, dir: StateDir): void {
  if (unknown.length > 0) log.warn({ names: unknown }, 'unknown GATEHOUSE_ variables are ignored');
  if (enrollToken !== null) log.warn(describeUnusedToken(dir, enrollToken));
}

type Common = ReturnType<typeof openCommon>;
type State = Awaited<ReturnType<typeof loadState>> & { lock: StateLock };
type Config = ReturnType<typeof loadConfig>;

/** What every part uses. No secret that the agent holds gets into a log, an answer or a receipt. */
function openCommon(env: AgentEnv, logStream: DestinationStream) {
  const scrub = new CredentialScrub();
  const redactor = new LiveRedactor();
  const onSecret = (value: string) => {
    scrub.add(value);
    redactor.addSecret(value);
  };
  // JSON lines; held credentials are taken out of the finished line, whatever field they came in
  const hooks = { streamWrite: (line: string) => scrub.scrubText(line) };
  const log = pino({ level: env.logLevel, base: null, redact: logCensor, hooks }, logStream);
  const metrics = createMetrics();
  const ops = createAgentOps({ registry: metrics.registry, token: env.opsToken, ownName: env.listen.host, log });
  return { env, scrub, redactor, onSecret, log, metrics, ops, now: () => new Date() };
}

/** Who this agent is and what its operator allows. */
async function loadState(env: AgentEnv, dir: StateDir) {
  const identity = readIdentity(dir);
  if (!identity) throw new StartError(NOT_ENROLLED);
  return { dir, identity, guardrails: await openGuardrails(env) };
}

/** What the operator of this machine allows. Rejects with GuardrailsError. */
export function openGuardrails({ guardrailsFile, allowOwnGuardrails }: AgentEnv): Promise<Guardrails> {
  return loadGuardrails(guardrailsFile, allowOwnGuardrails ? null : readFileUser());
}

/** Whose signatures count, what was revoked, then the stored configuration, in force if it may still be used. */
function loadConfig({ log }: Common, { dir, identity, guardrails }: State) {
  const keyring = new Keyring({ dir, identity, now: Date.now, log });
  const { maxAgeMs } = guardrails.revocations;
  const revocations = new RevocationLog({ dir, trust: keyring, maxAgeMs, now: Date.now, log });
  keyring.followLog(revocations);
  const current = new CurrentConfig(readStanding(dir), revocations);
  revocations.onChange(() => current.reviewRevocations());
  const applier = new ConfigApplier({ dir, trust: keyring, guardrails, current, now: Date.now, log });
  applier.start();
  const ends = new EndWatch(current, Date.now);
  const close = () => {
    ends.close();
    return revocations.close();
  };
  return { keyring, current, applier, revocations, close };
}

/** Listens for AI clients. Rejects with StartError when the address cannot be had. */
function openListener(
  { env, ops, scrub, log, now }: Common,
  { audit, config, upstreams }: { audit: Audit; config: Config; upstreams: Upstreams },
): Promise<McpListener> {
  return startMcpListener({
    ...env.listen,
    tls: env.tls,
    publicHosts: env.publicHosts,
    limits: { connectionsPerAddress: env.connectionsPerAddress ?? chooseConnectionsPerAddress(env.listen.host) },
    inFlight: chooseInFlight(env.inFlightMb),
    // A load balancer needs time to see /readyz change before requests are refused. On loopback a stop is
    // at once instead, as at a terminal: a proxy on this machine that asks /readyz may still send requests, which are refused.
    drain: { noticeMs: isLoopback(env.listen.host) ? 0 : READINESS_NOTICE_MS, graceMs: env.drainSeconds * 1_000 },
    current: config.current,
    journal: audit.journal,
    upstreams: upstreams.pool,
    scrub,
    ops: ops.handle,
    agentVersion: AGENT_VERSION,
    log,
    now,
  }).catch((error: unknown) => {
    throw explainListenError(env, error);
  });
}

type BeforeHub = { state: State; audit: Audit; config: Config; upstreams: Upstreams; listener: McpListener };

function openHub({ env, scrub, log, now }: Common, { state, audit, config, upstreams, listener }: BeforeHub) {
  const { dir, lock, identity, guardrails } = state;
  const { keyring, current, applier, revocations } = config;
  return openLink({
    dir,
    lock,
    identity,
    network: { caFile: env.caFile, proxyEnvironment: env.environment },
    facts: readAgentFacts((text) => scrub.scrubText(text)),
    scrub,
    current,
    keyring,
    applier,
    revocations,
    shipper: audit.shipper,
    withheld: upstreams.withheld,
    watch: upstreams.watch,
    orders: new DiscoveryOrders(keyring),
    runDiscovery: upstreams.discover,
    describe: () => ({
      bufferedReceipts: audit.shipper.getBufferedCount(),
      openSessions: listener.openSessions(),
      endpointUrl: listener.publicUrl,
      stdioEntries: [...guardrails.stdio.keys()],
      servers: upstreams.pool.listHealth(),
      upkeep: {
        certificateEndsAt: listener.getTls()?.notAfter ?? null,
        lostReceipts: audit.spool.getLostCount(),
        refusedReceipts: audit.refused.getCount(),
      },
    }),
    timings: LINK_TIMINGS,
    random: Math.random,
    now,
    log,
  });
}

/** A StartError when the address cannot be had; any other error as it is. */
function explainListenError({ listen: { host, port } }: AgentEnv, error: unknown): unknown {
  if (!isErrno(error, 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL')) return error;
  const address = `${host}:${port}`;
  const why = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${error.code})`;
  return new StartError(`${address} ${why}. Stop that process or set GATEHOUSE_LISTEN.`, { cause: error });
}
