import { expect, test } from 'vitest';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { defineTool, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import type { Feature } from '@gatehouse/protocol/features';
import type { DiscoveryOutcome } from '@gatehouse/protocol/messages';

import type { DefinitionWatchOptions, WatchTimings } from '../src/link/definition-watch.ts';
import { enrolAtFakeHub, SERVING, startCore, UNHEARD_NEVER } from './support/agent/core.ts';

const server = makeServer();
const QUICKLY: WatchTimings = { turnMs: 5, gapMs: 0, burst: 1, pauseMs: 0, retryMs: 10, everyMs: UNHEARD_NEVER };

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
  const listened: string[] = [];
  const listen: DefinitionWatchOptions['listen'] = ({ slug }, { anew }) => {
    listened.push(anew ? `${slug} anew` : slug);
    return Promise.reject(new Error('this server announces nothing'));
  };
  const core = await startCore(path, { watch, listen }, { ...SERVING, runDiscovery });
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  return { hub, core, connection, looks, listened, setOffer: (next: DiscoveryOutcome) => (offered = next) };
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
  const { core, connection, looks } = await startWatching({ timings: { gapMs: 3_600_000, pauseMs: 3_600_000 } });
  for (let index = 0; index < 1_000; index += 1) core.watch.noteListed(server.id, 'tool', `list ${index}`);
  await connection.waitForFirst('definitions-observed');
  connection.send({ type: 'definitions-noted', serverId: server.id });
  for (let index = 0; index < 1_000; index += 1) core.watch.noteListed(server.id, 'tool', `other ${index}`);
  await core.close();
  expect(looks).toHaveLength(1);
});

test('a server that a configuration adds is looked at and listened to at once, not with the next turn', async () => {
  const hour = 3_600_000;
  const { hub, connection, listened } = await startWatching({
    timings: { turnMs: hour, everyMs: { http: hour, stdio: Infinity } },
  });
  await connection.waitForFirst('definitions-observed');
  connection.send({ type: 'definitions-noted', serverId: server.id });
  const added = makeServer({ slug: 'added' });
  hub.publish({
    servers: [server, added],
    profiles: [makeProfile([server, added].map((used) => makeTool(used, { name: 'find' })))],
  });
  await connection.waitForFirst('definitions-observed', ({ serverId }) => serverId === added.id);
  expect(listened).toContain('added anew');
});

test('a server of which nothing is heard is looked at when the hub is there, and again and again', async () => {
  const { connection, listened, setOffer } = await startWatching({ timings: { everyMs: { http: 20, stdio: Infinity } } });
  const first = await connection.waitForFirst('definitions-observed');
  expect(first.offer.entries).toHaveLength(1);
  connection.send({ type: 'definitions-noted', serverId: server.id });
  setOffer(makeOutcome('find', 'more'));
  await connection.waitForFirst('definitions-observed', ({ offer: { entries } }) => entries.length === 2);
  // it is listened to, and with each such look anew: a server that was started again has forgotten who listened
  expect(new Set(listened)).toEqual(new Set([server.slug, `${server.slug} anew`]));
});

test('a server that announces a change is looked at at once, without a call', async () => {
  const { core, connection, setOffer } = await startWatching({ timings: { turnMs: 3_600_000, gapMs: 0 } });
  setOffer(makeOutcome('find', 'announced'));
  core.watch.noteAnnounced(server.id);
  const told = await connection.waitForFirst('definitions-observed');
  expect(told.offer.entries).toHaveLength(2);
});

test('what is heard right after a look is looked at as soon as that may be, not with the next turn', async () => {
  const { core, connection, looks, setOffer } = await startWatching({
    timings: { turnMs: 3_600_000, gapMs: 30, burst: 3, pauseMs: 3_600_000 },
  });
  core.watch.noteAnnounced(server.id);
  await connection.waitForFirst('definitions-observed');
  connection.send({ type: 'definitions-noted', serverId: server.id });
  setOffer(makeOutcome('find', 'again'));
  core.watch.noteAnnounced(server.id);
  await connection.waitForFirst('definitions-observed', ({ offer: { entries } }) => entries.length === 2);
  expect(looks).toHaveLength(2);
});

test('several servers are looked at at a time, and one report is unanswered', async () => {
  const servers = Array.from({ length: 6 }, (_, index) => makeServer({ slug: `server-${index}` }));
  const { connection, looks } = await startWatching({ servers, timings: { everyMs: { http: 3_600_000, stdio: 3_600_000 } } });
  await connection.waitForFirst('definitions-observed');
  await expect.poll(() => looks.length).toBe(4);
  const countTold = () => connection.messages.all.filter(({ type }) => type === 'definitions-observed').length;
  for (let told = 1; told <= servers.length; told += 1) {
    await expect.poll(countTold).toBe(told);
    connection.send({ type: 'definitions-noted', serverId: server.id });
  }
  expect(new Set(looks).size).toBe(6);
});
