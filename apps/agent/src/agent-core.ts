import type { Logger } from 'pino';

import type { DiscoveryOrder } from '@gatehouse/policy/documents/snapshot';
import type { DiscoveryResult, Heartbeat, Welcome } from '@gatehouse/protocol/messages';

import type { CallRecord } from './audit/call-record.ts';
import type { LiveRedactor } from './audit/live-redactor.ts';
import { recoverSpool, type Recovered } from './audit/recover.ts';
import { Retention } from './audit/retention.ts';
import { Shipper } from './audit/shipper.ts';
import { SpoolJournal } from './audit/spool-journal.ts';
import { Spool, SPOOL_LIMITS, type SpoolLimits } from './audit/spool.ts';
import { ConfigApplier } from './config/apply.ts';
import type { CredentialBindings } from './config/credential-bindings.ts';
import { CurrentConfig, type Standing } from './config/current.ts';
import { DiscoveryOrders } from './config/discovery-order.ts';
import type { Guardrails } from './config/guardrails.ts';
import { trustOf } from './config/trust.ts';
import { takeEpoch } from './state/epoch.ts';
import type { Identity, SiteKey } from './state/identity.ts';
import type { StateLock } from './state/lock.ts';
import { readStanding, writeStanding } from './state/standing.ts';
import { describeDiskError, StateDirError, type StateDir } from './state/state-dir.ts';
import { DiscoveryTasks, type DiscoveryStep } from './link/discovery-tasks.ts';
import { dispatch } from './link/dispatch.ts';
import type { AgentFacts } from './link/handshake.ts';
import { HubLink, LINK_TIMINGS, type LinkTimings } from './link/hub-link.ts';
import { openHubAgent, parseHubUrl, type HubNetwork } from './link/hub-network.ts';

export interface CoreOptions {
  dir: StateDir;
  lock: StateLock;
  identity: Identity;
  siteKey: SiteKey;
  guardrails: Guardrails;
  bindings: CredentialBindings;
  redactor: LiveRedactor;
  network: HubNetwork;
  facts: AgentFacts;
  spoolLimits?: SpoolLimits;
  timings?: LinkTimings;
  onFinished: (record: CallRecord) => void;
  onSpoolFailure: () => void;
  log: Logger;
  now: () => Date;
  random: () => number;
}

/** What the side that serves AI clients adds, before the hub is dialled. */
export interface ServingSide {
  heartbeat: () => Pick<Heartbeat, 'openSessions' | 'endpointUrl' | 'stdioEntries' | 'servers'>;
  runDiscovery: (
    order: DiscoveryOrder,
    control: { onProgress(step: DiscoveryStep): void; signal: AbortSignal },
  ) => Promise<DiscoveryResult['outcome']>;
}

/** Configuration, journal and link of one agent. */
export interface AgentCore {
  current: CurrentConfig;
  journal: SpoolJournal;
  spool: Spool;
  shipper: Shipper;
  link: HubLink;
  /** dials the hub; serving does not wait for it */
  connect(serving: ServingSide): void;
  /** ends the link and writes what is left; call it when no call is under way */
  close(): Promise<void>;
}

/** Recovers the receipts, puts the stored configuration into force and ends the calls that the last process did not. No network yet. */
export async function openCore(options: CoreOptions): Promise<AgentCore> {
  const { dir, identity, log, now } = options;
  const trust = trustOf(identity);
  const current = new CurrentConfig();
  current.setStanding(readStanding(dir));
  const { spool, retention, journal, crashed } = await openAudit(options, () => shipper.wake());
  const applier = new ConfigApplier({ ...options, trust, current, now: () => now().getTime() });
  applier.start();

  let serving: ServingSide | null = null;
  const send: HubLink['send'] = (message) => link.send(message);
  const shipper = new Shipper({ spool, retention, send, reconnect: (reason) => link.reconnect(reason), log });
  journal.endCrashed(crashed);
  const discoveries = new DiscoveryTasks({
    orders: new DiscoveryOrders(trust),
    run: (order, control) => (serving ? serving.runDiscovery(order, control) : Promise.reject(new Error('not serving yet'))),
    send,
    now,
    log,
  });
  const setStanding = async (standing: Standing) => {
    if (standing === current.standing()) return;
    current.setStanding(standing);
    log.warn({ standing }, standing === 'good' ? 'this agent may serve again' : 'this agent may not serve any more');
    await writeStanding(dir, standing).catch((error: unknown) => log.error({ err: error }, 'the standing could not be stored'));
  };
  const retryConfig = () => {
    applier.retry().then(
      (status) => status && send(status),
      (error: unknown) => log.error({ err: error }, 'a stored configuration could not be tried again'),
    );
  };
  const hubAgent = openHubAgent(parseHubUrl(identity.hub), options.network);
  const link = new HubLink({
    identity,
    agent: hubAgent,
    facts: options.facts,
    takeEpoch: () => takeOwnEpoch(options),
    heartbeat: () => ({ ...heartbeatOf(serving), bufferedReceipts: shipper.buffered() }),
    async onWelcome({ streams }: Welcome) {
      await setStanding('good');
      send(applier.status());
      shipper.connected(streams);
    },
    onMessage: (message) => dispatch({ applier, shipper, discoveries, send, log }, message),
    onDisconnected: () => shipper.disconnected(),
    onRefused: (code) => setStanding(code === 'revoked' ? 'revoked' : 'quarantined'),
    onBeat: retryConfig,
    now,
    random: options.random,
    timings: options.timings ?? LINK_TIMINGS,
    log,
  });
  return {
    current,
    journal,
    spool,
    shipper,
    link,
    connect(side) {
      serving = side;
      link.start();
    },
    async close() {
      journal.flush();
      const parts = [discoveries, { close: () => link.stop() }, shipper, spool, retention];
      for (const part of parts) await part.close().catch((error: unknown) => log.error({ err: error }, 'not closed cleanly'));
      hubAgent.destroy();
    },
  };
}

async function openAudit(options: CoreOptions, onWritten: () => void) {
  const { dir, identity, siteKey, redactor, guardrails, log, now } = options;
  const limits = options.spoolLimits ?? SPOOL_LIMITS;
  const recovered = await recoverSpool(dir.spool, dir.disk);
  reportRecovery(recovered, log);
  const onHealth = (error: unknown) => {
    if (error === null) return log.info('receipts can be written again');
    log.error({ err: error }, 'receipts cannot be written; calls are refused until the disk takes them again');
    options.onSpoolFailure();
  };
  const crashed = [...recovered.openIntents.values()];
  const spool = new Spool({ directory: dir.spool, disk: dir.disk, recovered, limits, onWritten, onHealth });
  const retention = new Retention({
    directory: dir.spool,
    disk: dir.disk,
    segments: spool.segments,
    head: recovered.head,
    totalBytesLimit: limits.totalBytes,
    now,
  });
  const context = { siteId: identity.siteId, siteKey, redactor, detail: guardrails.audit.detail };
  const journal = new SpoolJournal({ spool, context, onFinished: options.onFinished, log });
  return { spool, retention, journal, crashed };
}

function reportRecovery({ tornBytes, damagedBytes, missingReceipts, openIntents, head }: Recovered, log: Logger): void {
  const facts = { lastSeq: head.lastSeq, tornBytes, damagedBytes, missingReceipts, crashedCalls: openIntents.size };
  if (damagedBytes > 0 || missingReceipts > 0) log.error(facts, 'the receipts on disk are damaged');
  else if (tornBytes > 0 || openIntents.size > 0) log.warn(facts, 'the last process ended in the middle of its work');
}

/** A directory that another agent took over must not yield an epoch any more. */
async function takeOwnEpoch({ dir, lock }: CoreOptions): Promise<number> {
  if (!lock.held()) throw new StateDirError(`Another agent has taken ${dir.path}.`);
  return takeEpoch(dir).catch((error: unknown) => {
    throw error instanceof StateDirError ? error : new StateDirError(describeDiskError(error, dir.path), { cause: error });
  });
}

function heartbeatOf(serving: ServingSide | null): ReturnType<ServingSide['heartbeat']> {
  if (!serving) throw new Error('A heartbeat before the agent serves');
  return serving.heartbeat();
}
