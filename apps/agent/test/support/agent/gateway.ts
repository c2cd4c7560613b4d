import { onTestFinished } from 'vitest';

import { hashContent } from '@gatehouse/policy/documents/content-hash';
import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { SnapshotContent, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey } from '@gatehouse/policy/testing/build';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';

import type { McpListenerOptions } from '../../../src/clients/server.ts';
import { startMcpListener } from '../../../src/clients/server.ts';
import { CurrentConfig } from '../../../src/config/current.ts';
import { compileConfig } from '../../../src/config/open-snapshot.ts';
import { RevocationLog } from '../../../src/revocations/revocation-log.ts';
import { openStateDir } from '../../../src/state/state-dir.ts';
import { UpstreamPool, type UpstreamPoolOptions } from '../../../src/upstream/pool.ts';
import { silentLog, TestSite } from '../control-plane/site.ts';
import { makeTempDir } from '../disk/temp-dir.ts';
import { MemoryJournal } from './memory-journal.ts';
import { makeUpstreamDeps, type UpstreamSetup } from './upstream-deps.ts';

export { makeUpstreamDeps, type UpstreamSetup } from './upstream-deps.ts';

export interface GatewaySetup extends UpstreamSetup {
  servers?: SnapshotServer[];
  /** the first one is the profile that `url` and `secret` belong to */
  profiles: SnapshotProfile[];
  listener?: Partial<McpListenerOptions>;
  readClock?: UpstreamPoolOptions['readClock'];
  limits?: UpstreamPoolOptions['limits'];
}

/** A real listener in front of real upstreams, with a journal in memory. Closed when the test is over. */
export async function startGateway(setup: GatewaySetup) {
  const [first] = setup.profiles;
  if (!first) throw new Error('a gateway needs a profile');
  const site = new TestSite();
  const dir = openStateDir(makeTempDir());
  const log = new RevocationLog({ dir, trust: site.trust, maxAgeMs: null, now: Date.now, log: silentLog });
  const current = new CurrentConfig('good', log);
  log.onChange(() => current.reviewRevocations());
  const revocations = new FakeRevocations(site.root, site.tenantId);
  /** Brings one more entry to the agent, apart from any configuration. */
  const revoke = (...entry: Parameters<FakeRevocations['add']>) => {
    const added = revocations.add(...entry);
    void log.take(revocations.buildPush());
    return added;
  };
  const journal = new MemoryJournal();
  const upstreamDeps = makeUpstreamDeps(setup);
  const { secret, key } = makeClientKey(first);
  let content: SnapshotContent = {
    servers: setup.servers ?? [],
    profiles: setup.profiles,
    clientKeys: [key],
    revokedKeyIds: [],
  };
  let version = 0;
  const publish = (change: Partial<SnapshotContent>, overrides: { notAfter?: string } = {}) => {
    content = { ...content, ...change };
    const snapshot = site.makeSnapshot((version += 1), content, { contentHash: hashContent(content), ...overrides });
    current.swap(compileConfig(snapshot, upstreamDeps.guardrails));
  };
  publish({});
  const now = () => new Date();
  const upstreams = new UpstreamPool({
    ...upstreamDeps,
    scrub: (text) => upstreamDeps.scrub.scrubText(text),
    current,
    now,
    readClock: setup.readClock,
    limits: setup.limits,
  });
  const listener = await startMcpListener({
    host: '127.0.0.1',
    port: 0,
    agentVersion: '1.2.3',
    current,
    journal,
    upstreams,
    scrub: upstreamDeps.scrub,
    now,
    log: silentLog,
    ...setup.listener,
  });
  let closed: Promise<void> | null = null;
  const close = () => (closed ??= listener.close().then(() => upstreams.close()));
  onTestFinished(close);
  const buildProfileUrl = (profile: SnapshotProfile) => `${listener.url}/p/${profile.slug}/mcp`;
  return {
    listener,
    upstreams,
    journal,
    current,
    site,
    revoke,
    publish,
    close,
    secret,
    key,
    url: buildProfileUrl(first),
    getContent: () => content,
  };
}
