import { createPostgresBackend, Queue } from 'bullmq';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { buildQueueConnection } from '../../src/jobs/queues.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { openRuntime, type Runtime } from '../../src/runtime.ts';
import { getServer } from '../../src/server/get-server.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addApprovedServer, createDraftedProfile, makeFound, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { makeWorkspace, openWorld, type World } from '../support/world.ts';

let world: World;
/** what the process that hears agents has: no key to sign with */
let hub: Runtime;
let queue: ReturnType<typeof openQueue>;

const openQueue = (url: string) => new Queue('system', { connection: buildQueueConnection(url, 1) }, createPostgresBackend);

beforeAll(async () => {
  world = await openWorld();
  const { urls } = world.database;
  hub = await openRuntime({ appDatabaseUrl: urls.hub, hubPublicUrl: 'ws://127.0.0.1:3001', log: pino({ level: 'silent' }) });
  queue = openQueue(urls.worker);
});
afterAll(async () => {
  await queue.close();
  await hub.close();
  await world.close();
});

test('T-51: a change that an agent reports is held at once, and the process that can sign is asked for new snapshots', async () => {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, agentCtx, workspace } = domain;
  const server = await addApprovedServer(domain, [defineTool('moves'), defineTool('stays')]);
  const profile = await createDraftedProfile(
    domain,
    ['moves', 'stays'].map((name) => ({ serverId: server.id, name })),
  );
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const { id: discoveryId } = await startDiscovery({ ctx: admin, input: { serverId: server.id, agentId: agent.id } });

  const outcome = makeFound([defineTool('moves', { description: 'Something else' }), defineTool('stays')]);
  const { openReviewId } = await recordResult({ ctx: { ...agentCtx, runtime: hub }, input: { discoveryId, outcome } });
  expect(openReviewId).not.toBeNull();
  expect((await getServer({ ctx: admin, input: { serverId: server.id } })).state).toBe('Change held');
  const jobs = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
  expect(jobs.map(({ name, data }) => ({ name, data: data as unknown }))).toContainEqual({
    name: 'refresh-snapshots',
    data: { tenantId: workspace.tenant.id },
  });

  expect(await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') })).toEqual({ written: 1 });
  const tools = (await readNewestSnapshot(domain))?.content.profiles.flatMap((served) => served.entries.map(({ name }) => name));
  expect(tools).toEqual(['stays']);
});
