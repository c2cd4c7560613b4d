import { onTestFinished } from 'vitest';

import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { openCore, type AgentCore, type CoreOptions, type ServingSide } from '../../src/agent-core.ts';
import { LiveRedactor } from '../../src/audit/live-redactor.ts';
import { CredentialBindings } from '../../src/config/credential-bindings.ts';
import { enrolAgent } from '../../src/enrolment/enrol.ts';
import { readIdentity, writeIdentity } from '../../src/state/identity.ts';
import { lockStateDir } from '../../src/state/lock.ts';
import { openSiteKey } from '../../src/state/site-key.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import type { LinkTimings } from '../../src/link/hub-link.ts';
import { silentLog, STRICT } from './site.ts';

/** Short enough that a test never waits long, long enough that nothing depends on them. */
export const QUICK: LinkTimings = {
  baseMs: 10,
  capMs: 20,
  restartMs: 20,
  rateLimitedMs: 10,
  refusedMs: 10,
  stableMs: 60_000,
  handshakeMs: 15_000,
  drainMs: 10_000,
};

export const SERVING: ServingSide = {
  heartbeat: () => ({ openSessions: 2, endpointUrl: 'http://127.0.0.1:7300', stdioEntries: ['files'], servers: [] }),
  runDiscovery: () => Promise.resolve({ status: 'failed', code: 'unreachable', message: 'nobody there' }),
};

const facts = { agentVersion: '0.1.0', hostname: 'machine', platform: 'linux x64' };
const network = { caFile: null, proxyEnvironment: {} };

/** Enrols a new state directory at the fake hub. */
export async function enrolAt(hub: FakeHub, path: string): Promise<void> {
  const dir = openStateDir(path);
  await writeIdentity(dir, await enrolAgent({ token: hub.createJoinToken(), network, ...facts, now: () => new Date() }));
}

/** The agent without its MCP side on an enrolled directory, closed when the test is over. */
export async function startCore(path: string, change: Partial<CoreOptions> = {}, serving = SERVING): Promise<AgentCore> {
  const dir = change.dir ?? openStateDir(path);
  const identity = readIdentity(dir);
  if (!identity) throw new Error('not enrolled');
  const lock = change.lock ?? lockStateDir(dir);
  const core = await openCore({
    dir,
    lock,
    identity,
    siteKey: await openSiteKey(dir, null),
    guardrails: STRICT,
    bindings: new CredentialBindings(dir, STRICT),
    redactor: new LiveRedactor(),
    network,
    facts,
    timings: QUICK,
    onFinished: () => {},
    onSpoolFailure: () => {},
    log: silentLog,
    now: () => new Date(),
    random: Math.random,
    ...change,
  });
  let closed: Promise<void> | null = null;
  const close = () => (closed ??= core.close().then(() => lock.release()));
  onTestFinished(close);
  core.connect(serving);
  return { ...core, close };
}
