import { expect, test } from 'vitest';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { defineTool, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import type { Feature } from '@gatehouse/protocol/features';
import type { DiscoveryOutcome } from '@gatehouse/protocol/messages';

import type { WatchTimings } from '../src/link/definition-watch.ts';
import { enrolAtFakeHub, SERVING, startCore } from './support/agent/core.ts';

const server = makeServer();
const QUICKLY: WatchTimings = { turnMs: 5, pauseMs: 0, retryMs: 10 };

/** An agent whose configuration has one server, and what that server offers. */
async function startWatching(
  options: { features?: readonly Feature[]; timings?: Partial<WatchTimings>; servers?: SnapshotServer[] } = {},
) {
  const { servers = [server] } = options;
  const { hub, path } = await enrolAtFakeHub(options.features ? { features: options.features } : {});
  hub.publish({ servers, profiles: [makeProfile(servers.map((used) => makeTool(used, { name: 'find' })))] });
  let offered: DiscoveryOutcome = makeOutcome('find');
  const looks: string[] = [];
  const runDiscovery = (seen: SnapshotServer) => {
    looks.push(seen.id);
    return Promise.resolve(offered);
  };
  const watch = { ...QUICKLY, ...options.timings };
  const core = await startCore(path, { watch }, { ...SERVING, runDiscovery });
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  return { hub, core, connection, looks, setOffer: (next: DiscoveryOutcome) => (offered = next) };
}

function makeOutcome(...names: string[]): DiscoveryOutcome {
  return {
    status: 'succeeded',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'orders', version: '1' },
    features: { logging: false, completions: false, resourceSubscriptions: false },
    entries: names.map((name) => ({ kind: 'tool', definition: defineTool(name) })),
  };
}

test('T-51: what a server offers is said when it lists something else than before, and not otherwise', async () => {
  const { core, connection, looks, setOffer } = await startWatching();
  core.watch.noteListed(server.id, 'tool', 'one');
  const first = await connection.waitForFirst('definitions-observed');
  expect(first).toMatchObject({ serverId: server.id, offer: { entries: [{ definition: { name: 'find' } }] } });
  connection.send({ type: 'definitions-noted', serverId: server.id });

  // the same list to another client, and another list that says the same when it is looked at
  core.watch.noteListed(server.id, 'tool', 'one');
  core.watch.noteListed(server.id, 'tool', 'as one client sees it');
  await expect.poll(() => looks.length).toBe(2);
  setOffer(makeOutcome('find', 'more'));
  core.watch.noteListed(server.id, 'tool', 'two');
  const second = await connection.waitForFirst('definitions-observed', ({ offer: { entries } }) => entries.length === 2);
  expect(second.serverId).toBe(server.id);
  expect(connection.messages.all.filter(({ type }) => type === 'definitions-observed')).toHaveLength(2);
});

test('what was refused, failed or not answered is said again', async () => {
  const { hub, core, connection, setOffer } = await startWatching();
  setOffer({ status: 'failed', code: 'unreachable', message: 'nobody there' });
  core.watch.noteListed(server.id, 'tool', 'one');
  setOffer(makeOutcome('find'));
  await connection.waitForFirst('definitions-observed');
  connection.send({ type: 'rejected', of: 'definitions-observed', code: 'rate_limited', message: 'later' });
  await connection.waitForNext('definitions-observed');
  void connection.close(1012);
  const again = (await hub.connections.waitForCount(2)).at(-1);
  expect(await again?.waitForFirst('definitions-observed')).toMatchObject({ serverId: server.id });
});

test('nothing is looked at for a hub that has not named the feature, nor of an HTTP API', async () => {
  const older = await startWatching({ features: ['parts', 'revocations'] });
  older.core.watch.noteListed(server.id, 'tool', 'one');
  const rest = makeServer({ slug: 'api', transport: { kind: 'rest', baseUrl: 'http://127.0.0.1:1', credential: null } });
  const newer = await startWatching({ servers: [server, rest] });
  newer.core.watch.noteListed(rest.id, 'tool', 'one');
  newer.core.watch.noteListed(server.id, 'tool', 'one');
  await newer.connection.waitForFirst('definitions-observed');
  expect(newer.looks).toEqual([server.id]);
  expect(older.looks).toEqual([]);
});

test('T-57: a server that lists something else all the time is looked at once in a while', async () => {
  const { core, connection, looks } = await startWatching({ timings: { pauseMs: 3_600_000 } });
  for (let index = 0; index < 1_000; index += 1) core.watch.noteListed(server.id, 'tool', `list ${index}`);
  await connection.waitForFirst('definitions-observed');
  connection.send({ type: 'definitions-noted', serverId: server.id });
  for (let index = 0; index < 1_000; index += 1) core.watch.noteListed(server.id, 'tool', `other ${index}`);
  await core.close();
  expect(looks).toHaveLength(1);
});
