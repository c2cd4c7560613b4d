import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { startFakeHub, type FakeHub, type FakeHubOptions } from '@gatehouse/protocol/testing/fake-hub';

import { openAudit } from '../../../src/audit/open-audit.ts';
import { LiveRedactor } from '../../../src/audit/redaction/live-redactor.ts';
import type { SpoolLimits } from '../../../src/audit/spool.ts';
import { ConfigApplier } from '../../../src/config/apply.ts';
import { CurrentConfig, type Withheld } from '../../../src/config/current.ts';
import { DiscoveryOrders } from '../../../src/config/discovery-order.ts';
import { Keyring } from '../../../src/config/keyring.ts';
import { enrolAgent } from '../../../src/enrolment/enrol.ts';
import { DefinitionWatch, type DefinitionWatchOptions, type WatchTimings } from '../../../src/link/definition-watch.ts';
import type { RunDiscovery } from '../../../src/link/discovery-tasks.ts';
import type { LinkOptions, LinkTimings } from '../../../src/link/hub-link.ts';
import { openLink } from '../../../src/link/open-link.ts';
import { RevocationLog } from '../../../src/revocations/revocation-log.ts';
import { CredentialScrub } from '../../../src/secrets/credential-scrub.ts';
import { readIdentity, writeIdentity } from '../../../src/state/identity.ts';
import { lockStateDir, type StateLock } from '../../../src/state/lock.ts';
import { openSiteKey } from '../../../src/state/site-key.ts';
import { readStanding } from '../../../src/state/standing.ts';
import { openStateDir, type StateDir } from '../../../src/state/state-dir.ts';
import { silentLog, STRICT } from '../control-plane/site.ts';
import { makeTempDir } from '../disk/temp-dir.ts';

/** Short enough that a test never waits long, long enough that nothing depends on them. */
export const QUICK: LinkTimings = {
  baseMs: 10,
  capMs: 20,
  restartMs: 20,
  mostRestartMs: 1_000,
  rateLimitedMs: 10,
  refusedMs: 10,
  stableMs: 60_000,
  handshakeMs: 15_000,
  drainMs: 10_000,
  beatMs: { least: 10, most: 60_000 },
};

/** What the side that serves AI clients tells and does. */
export interface ServingSide {
  describe: () => Omit<ReturnType<LinkOptions['describe']>, 'bufferedReceipts'>;
  runDiscovery: RunDiscovery;
}

export const SERVING: ServingSide = {
  describe: () => ({ openSessions: 2, endpointUrl: 'http://127.0.0.1:7300', stdioEntries: ['files'], servers: [] }),
  runDiscovery: () => Promise.resolve({ status: 'failed', code: 'unreachable', message: 'nobody there' }),
};

export interface CoreSetup {
  dir: StateDir;
  lock: StateLock;
  redactor: LiveRedactor;
  limits: SpoolLimits;
  timings: LinkTimings;
  now: () => Date;
  /** of the guardrails */
  maxAgeMs: number;
  /** else nothing is looked at by itself */
  watch: WatchTimings;
  listen: DefinitionWatchOptions['listen'];
  /** what is not served, by id */
  withheld: ReadonlyMap<string, Withheld>;
}

/** A server of which nothing is heard is not looked at. */
export const UNHEARD_NEVER = { http: Infinity, stdio: Infinity };
const NEVER: WatchTimings = { turnMs: 3_600_000, gapMs: 0, burst: 1, pauseMs: 0, retryMs: 3_600_000, everyMs: UNHEARD_NEVER };
const facts = { agentVersion: '0.1.0', hostname: 'machine', platform: 'linux x64' };
const network = { caFile: null, proxyEnvironment: {} };

/** A fake hub until the test is over, and the state directory of an agent that is enrolled at it. */
export async function enrolAtFakeHub(options: FakeHubOptions = {}): Promise<{ hub: FakeHub; path: string }> {
  const hub = await startFakeHub(options);
  onTestFinished(() => hub.close());
  const path = join(makeTempDir(), 'state');
  const identity = await enrolAgent({ token: hub.createJoinToken(), network, facts, now: () => new Date() });
  await writeIdentity(openStateDir(path), identity);
  return { hub, path };
}

/** Starts the agent of a directory; resolves when it has said hello on a connection of its own. */
export async function startConnected(hub: FakeHub, path: string) {
  const count = hub.connections.all.length;
  const core = await startCore(path);
  const connection = (await hub.connections.waitForCount(count + 1)).at(-1);
  if (!connection) throw new Error('not connected');
  return { core, connection };
}

/** The agent without its MCP side on an enrolled directory, closed when the test is over. */
export async function startCore(path: string, setup: Partial<CoreSetup> = {}, serving = SERVING) {
  const { dir = openStateDir(path), redactor = new LiveRedactor(), limits, timings = QUICK, now = () => new Date() } = setup;
  const { withheld = new Map<string, Withheld>() } = setup;
  const identity = readIdentity(dir);
  if (!identity) throw new Error('not enrolled');
  const lock = setup.lock ?? lockStateDir(dir);
  const common = { dir, redactor, limits, log: silentLog, now };
  const audit = await openAudit({
    ...common,
    siteId: identity.siteId,
    siteKey: await openSiteKey(dir, null),
    detail: 'marked',
    onFinished: () => {},
    onSpoolFailure: () => {},
  });
  const clock = () => now().getTime();
  const trust = new Keyring({ dir, identity, now: clock, log: silentLog });
  const revocations = new RevocationLog({ dir, trust, maxAgeMs: setup.maxAgeMs ?? null, now: clock, log: silentLog });
  trust.followLog(revocations);
  const current = new CurrentConfig(readStanding(dir), revocations);
  revocations.onChange(() => current.reviewRevocations());
  const applier = new ConfigApplier({ ...common, trust, guardrails: STRICT, current, now: clock });
  applier.start();
  const watch = new DefinitionWatch({
    current,
    look: serving.runDiscovery,
    listen: setup.listen ?? (() => Promise.resolve()),
    log: silentLog,
    timings: setup.watch ?? NEVER,
  });
  const hub = openLink({
    ...common,
    lock,
    identity,
    network,
    facts,
    scrub: new CredentialScrub(),
    current,
    keyring: trust,
    applier,
    revocations,
    shipper: audit.shipper,
    withheld: { list: () => withheld, onChange: () => () => undefined },
    watch,
    orders: new DiscoveryOrders(trust),
    runDiscovery: serving.runDiscovery,
    describe: () => ({ ...serving.describe(), bufferedReceipts: audit.shipper.getBufferedCount() }),
    timings,
    random: Math.random,
  });
  let closed: Promise<void> | null = null;
  const close = () =>
    (closed ??= hub
      .close()
      .then(() => watch.close())
      .then(() => audit.close())
      .then(() => revocations.close())
      .then(() => lock.release()));
  onTestFinished(close);
  hub.link.start();
  return { ...audit, current, revocations, watch, link: hub.link, close };
}
