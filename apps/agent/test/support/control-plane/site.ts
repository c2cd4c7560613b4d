import { randomUUID } from 'node:crypto';

import pino from 'pino';

import type { Manifest } from '@gatehouse/policy/documents/manifest';
import type { Snapshot, SnapshotContent, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeServer, makeSnapshot } from '@gatehouse/policy/testing/build';
import { makeParts, type BuiltParts } from '@gatehouse/policy/testing/build-parts';
import type { ConfigPush } from '@gatehouse/protocol/messages';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { ConfigApplier } from '../../../src/config/apply.ts';
import { CurrentConfig } from '../../../src/config/current.ts';
import type { Guardrails } from '../../../src/config/guardrails/guardrails.ts';
import type { Trust } from '../../../src/config/trust.ts';
import { realDisk, type Disk } from '../../../src/state/disk.ts';
import type { Identity } from '../../../src/state/identity.ts';
import { makeAgentKey } from '../../../src/state/keys.ts';
import { openStateDir } from '../../../src/state/state-dir.ts';
import { PartHub, type PushedParts } from './part-hub.ts';

export type Push = ConfigPush;
export const silentLog = pino({ level: 'silent' });

export const STRICT: Guardrails = {
  path: null,
  stdio: new Map(),
  http: { hosts: [], privateHosts: [] },
  credentials: new Map(),
  audit: { detail: 'marked' },
  revocations: { maxAgeMs: null },
  limits: {},
};

/** One tenant and site that signs snapshots, and the agents that trust it. */
export class TestSite {
  readonly root = new TestKey();
  readonly tenantId = randomUUID();
  readonly siteId = randomUUID();
  readonly agentId = randomUUID();

  /** of an agent that enrolled here */
  get identity(): Identity {
    const { tenantId, siteId, agentId, root } = this;
    return {
      format: 1,
      hub: 'ws://127.0.0.1:3001',
      tenantId,
      tenantSlug: 'acme',
      siteId,
      siteSlug: 'helsinki',
      agentId,
      agentName: 'agent-1',
      rootKeyId: root.keyId,
      rootPublicKey: root.publicKey.toString('base64'),
      ...makeAgentKey(),
      enrolledAt: '2026-11-21T12:00:00.000Z',
    };
  }

  get trust(): Trust {
    const { tenantId, siteId, agentId, root } = this;
    const keys = new Map([[root.keyId, root.publicKey]]);
    return { tenantId, siteId, agentId, keys, storedKeys: keys, isRetired: () => false };
  }

  makeSnapshot(version: number, content: Partial<SnapshotContent> = {}, overrides: Partial<Snapshot> = {}): Snapshot {
    const profiles = [makeProfile([], { description: `v${version}`, version })];
    return makeSnapshot(
      { profiles, ...content },
      {
        tenantId: this.tenantId,
        siteId: this.siteId,
        siteSlug: 'helsinki',
        version,
        notAfter: '2099-01-01T00:00:00.000Z',
        ...overrides,
      },
    );
  }

  push(snapshot: Snapshot, signedBy = this.root): Push {
    return {
      type: 'config-push',
      nonce: 'n'.repeat(24),
      version: snapshot.version,
      contentHash: snapshot.contentHash,
      envelope: signedBy.sign('application/vnd.gatehouse.snapshot+json', snapshot),
    };
  }

  /** The same as parts. `built`: parts that are not those of the content. */
  pushParts(
    version: number,
    content: Partial<SnapshotContent> = {},
    { built, signedBy = this.root, ...overrides }: Partial<Manifest> & { built?: BuiltParts; signedBy?: TestKey } = {},
  ): PushedParts {
    const snapshot = this.makeSnapshot(version, content);
    const { tenantId, tenantSlug, siteId, siteSlug, issuedAt, notAfter } = snapshot;
    const { roots, parts } = built ?? makeParts(snapshot.content);
    const place = { tenantId, tenantSlug, siteId, siteSlug };
    const manifest: Manifest = { format: 1, ...place, version, issuedAt, notAfter, roots, ...overrides };
    return { version, roots, parts, manifest: signedBy.sign('application/vnd.gatehouse.manifest+json', manifest) };
  }

  /** An agent's configuration side on this directory, started as the process would. */
  startAgent(path: string, options: { guardrails?: Guardrails; disk?: Disk; now?: () => number } = {}) {
    const dir = openStateDir(path, options.disk ?? realDisk);
    const guardrails = options.guardrails ?? STRICT;
    const current = new CurrentConfig();
    const applier = new ConfigApplier({
      dir,
      trust: this.trust,
      guardrails,
      current,
      now: options.now ?? (() => Date.parse('2026-11-21T12:00:00Z')),
      log: silentLog,
    });
    applier.start();
    return { dir, current, applier, hub: new PartHub(applier) };
  }
}

export function withCredential(url: string, reference = 'env:ORDERS_TOKEN'): SnapshotServer {
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference } as const;
  return makeServer({ transport: { kind: 'http', url, credential } });
}
