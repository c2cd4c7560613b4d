import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Database } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { encode } from '@gatehouse/protocol/codec';
import { connectFakeAgent, type FakeAgent } from '@gatehouse/protocol/testing/fake-agent';
import { TestKey } from '@gatehouse/protocol/testing/test-key';
import { mutate } from '@gatehouse/services/audit/mutate';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { EVERYTHING } from '@gatehouse/services/snapshot/parts/build-trees';
import { pruneConfigurations } from '@gatehouse/services/snapshot/prune-configurations';
import { PASS_MS, writeConfiguration } from '@gatehouse/services/snapshot/write-configuration';

import { computeMedian } from '../src/measure/stats.ts';

/** What a run is made with. */
export interface Bed {
  /** the owner's: fixtures and sizes */
  owner: Database;
  admin: ServiceContext;
  system: ServiceContext;
  siteId: string;
  profileIds: readonly string[];
  hubUrl: string;
}

export interface Figures {
  protocol: 1 | 2;
  /** bytes that the agent was sent until it had the whole configuration */
  firstBytes: number;
  firstMs: number;
  /** medians of one new key each */
  keyBytes: number;
  keyVerbMs: number;
  keyAckMs: number;
  /** the pass that builds everything and finds nothing changed */
  fullPassMs: number;
  /** of the tables of configurations, per change */
  storedBytesPerKey: number;
  pruneMs: number;
}

/** Connects an agent of this protocol to the hub and makes keys, one after the other. */
export async function measureProtocol(bed: Bed, protocol: 1 | 2, changes: number): Promise<Figures> {
  const agent = await enrol(bed, protocol);
  const started = performance.now();
  await waitForAnswer(agent, await renewLease(bed));
  const firstMs = performance.now() - started;
  const firstBytes = countBytes(agent);

  const stored = await measureStored(bed);
  const keys: { bytes: number; verbMs: number; ackMs: number }[] = [];
  for (let index = 0; index < changes; index += 1) keys.push(await makeKey(bed, agent, index));
  const storedBytesPerKey = ((await measureStored(bed)) - stored) / changes;
  const fullPassMs = await time(() =>
    mutate(bed.system, (m) => writeConfiguration(m, bed.system, bed.siteId, 'expiry', EVERYTHING), {
      audited: false,
      timeoutMs: PASS_MS,
    }),
  );
  const pruneMs = await time(() => pruneConfigurations({ ctx: bed.system }));
  await agent.close();
  const median = (read: (key: (typeof keys)[number]) => number) => computeMedian(keys.map(read));
  return {
    protocol,
    firstBytes,
    firstMs,
    keyBytes: median(({ bytes }) => bytes),
    keyVerbMs: median(({ verbMs }) => verbMs),
    keyAckMs: median(({ ackMs }) => ackMs),
    fullPassMs,
    storedBytesPerKey,
    pruneMs,
  };
}

/** The one agent of the site, which can fetch parts or not. */
async function enrol({ owner, admin: { tenantId }, siteId, hubUrl }: Bed, protocol: 1 | 2): Promise<FakeAgent> {
  const key = new TestKey();
  const id = randomUUID();
  await runInTenant(owner, tenantId, async (tx) => {
    await tx.agent.deleteMany({ where: { tenantId, siteId } });
    await tx.agent.create({ data: { tenantId, id, siteId, name: 'measured', publicKey: new Uint8Array(key.publicKey) } });
  });
  const features = protocol === 2 ? { features: ['parts' as const] } : {};
  return connectFakeAgent({ url: hubUrl, agentId: id, key, epoch: 1, ...features });
}

/** Signs what there is again, so that there is something new for whatever agent has just come. */
async function renewLease({ system, siteId }: Bed): Promise<number> {
  const written = await mutate(system, (m) => writeConfiguration(m, system, siteId, 'lease', {}), {
    audited: false,
    timeoutMs: PASS_MS,
  });
  return written?.version ?? 0;
}

async function makeKey(bed: Bed, agent: FakeAgent, index: number) {
  const before = countBytes(agent);
  const profileId = bed.profileIds[index % bed.profileIds.length] ?? '';
  const started = performance.now();
  await createClientKey({ ctx: bed.admin, input: { profileId, name: `Key ${index + 1}` } });
  const verbMs = performance.now() - started;
  await waitForAnswer(agent, await readVersion(bed));
  const ackMs = performance.now() - started;
  return { bytes: countBytes(agent) - before, verbMs, ackMs };
}

export async function readVersion({ owner, admin: { tenantId }, siteId }: Bed): Promise<number> {
  const where = { tenantId_id: { tenantId, id: siteId } };
  const { snapshotVersion } = await runInTenant(owner, tenantId, (tx) => tx.site.findUniqueOrThrow({ where }));
  return Number(snapshotVersion);
}

async function waitForAnswer(agent: FakeAgent, version: number): Promise<void> {
  while ((agent.applied?.version ?? 0) < version) {
    if (!agent.isOpen) throw new Error('The hub ended the connection.');
    await delay(1);
  }
}

/** As frames: what the hub encoded is encoded alike here. */
function countBytes(agent: FakeAgent): number {
  return agent.messages.all.reduce((sum, message) => sum + Buffer.byteLength(encode(message)), 0);
}

async function measureStored({ owner }: Bed): Promise<number> {
  const [row] = await owner.prisma.$queryRaw<{ bytes: bigint }[]>`
    select sum(pg_total_relation_size(name::regclass)) as bytes from unnest(array['snapshot', 'manifest', 'config_part']) name`;
  return Number(row?.bytes ?? 0);
}

/** How long it takes, milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
