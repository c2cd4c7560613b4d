import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';

import {
  ECHO,
  makeEchoSet,
  makeServerAt,
  registerEchoV1,
  startHttp,
  startLegacyUpstream,
  startModernUpstream,
} from '../support/servers/upstreams.ts';
import { sendJson } from './handmade.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

test('a renewed configuration keeps its connections, and an old definition of a server is not used any more', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const { pool, publish } = startPool([server]);
  const before = pool.requireUpstream(server);
  await before.open(makeClient('a'), never);
  const equal = structuredClone(server);
  publish([equal]);
  expect(pool.requireUpstream(equal)).toBe(before);
  expect(pool.listHealth()).toMatchObject([{ connections: 1 }]);
  publish([{ ...server, name: 'Renamed' }]);
  expect(() => pool.requireUpstream(server)).toThrow('The configuration changed while this call was under way. Try again.');
});

test('servers that nobody called yet are unused, and after the end nothing is opened any more', async () => {
  const server = makeServerAt('http://127.0.0.1:9/mcp');
  const { pool } = startPool([server]);
  const unused = { state: 'unused', error: null, at: null, retryAt: null, protocolVersion: null, connections: 0 };
  expect(pool.listHealth()).toEqual([{ serverId: server.id, ...unused }]);
  await pool.close();
  expect(() => pool.requireUpstream(server)).toThrow();
});

test('a REST server is opened like any other: its credential first, then calls, breaker and health', async () => {
  const paths: [unknown, unknown][] = [];
  const api = await startHttp((request, response) => {
    paths.push([request.url, request.headers['x-key']]);
    if (request.url?.startsWith('/v1/broken')) return void response.destroy();
    sendJson(response, { id: 7 });
  });
  const credential = { kind: 'header', header: 'X-Key', prefix: '', reference: 'env:API_KEY' } as const;
  const baseUrl = `http://127.0.0.1:${api.port}/v1`;
  const server = makeServer({ transport: { kind: 'rest', baseUrl, credential } });
  const tool = (path: string) => ({
    name: 'get_thing',
    inputSchema: { type: 'object' as const, properties: {} },
    _meta: { 'gatehouse/operation': { method: 'GET', path, parameters: [], body: null, responses: [] } },
  });
  const without = startPool([server]);
  await expect(without.pool.requireUpstream(server).open(makeClient('a'), never)).rejects.toMatchObject({
    code: 'credential_unavailable',
  });
  expect(without.pool.listHealth()).toMatchObject([{ state: 'unreachable', error: expect.stringContaining('env:API_KEY') }]);

  const { pool } = startPool([server], { environment: { API_KEY: 'k-123456789' } });
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  expect(readAnswerText(await conversation.callTool(makeCall(tool('/things'))))).toContain('7');
  expect(paths).toEqual([['/v1/things', 'k-123456789']]);
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', connections: 0, protocolVersion: null }]);
  const broken = () => conversation.callTool(makeCall(tool('/broken')));
  for (let times = 0; times < 5; times += 1) await expect(broken()).rejects.toMatchObject({ code: 'upstream_unreachable' });
  await expect(broken()).rejects.toMatchObject({ message: /failed several times in a row/ });
  expect(paths).toHaveLength(6);
  expect(pool.listHealth()).toMatchObject([{ state: 'unreachable', retryAt: expect.any(String) }]);
});

test('a waiting client is not kept by a pool that closes', async () => {
  const upstream = await startHttp(() => undefined);
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const opening = pool.requireUpstream(server).open(makeClient('a'), never);
  await expect.poll(() => upstream.seen.length).toBe(1);
  const closing = pool.close();
  await expect(opening).rejects.toMatchObject({ name: 'UpstreamFailure' });
  await closing;
});

test('a call that is under way ends with the pool', async () => {
  const entered = Promise.withResolvers<void>();
  const upstream = await startModernUpstream({
    tools: [ECHO],
    call: () => {
      entered.resolve();
      return new Promise(() => undefined);
    },
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  const call = conversation.callTool(makeCall(ECHO, { text: 'x' }));
  const outcome = expect(call).rejects.toMatchObject({ code: 'upstream_unreachable', byUs: true });
  await entered.promise;
  await pool.close();
  await outcome;
});

test('what a server announces is heard while no client uses it, in either protocol, and a question finds nobody', async () => {
  const modern = await startModernUpstream(makeEchoSet());
  const applications: Parameters<typeof registerEchoV1>[0][] = [];
  const legacy = await startLegacyUpstream((application) => {
    registerEchoV1(application);
    applications.push(application);
  });
  const servers = [
    makeServerAt(modern.url, undefined, { slug: 'modern' }),
    makeServerAt(legacy.url, undefined, { slug: 'legacy' }),
  ];
  const announced: string[] = [];
  const { pool } = startPool(servers, { onAnnounced: (serverId) => announced.push(serverId) });
  for (const server of servers) await pool.listen(server, { anew: false, signal: never });
  // it is one connection, however often it is asked for
  for (const server of servers) await pool.listen(server, { anew: false, signal: never });
  expect(pool.listHealth()).toMatchObject([{ connections: 1 }, { connections: 1 }]);
  const announce = () => {
    modern.announceChange();
    applications.at(-1)?.sendToolListChanged();
  };
  // the streams may not stand yet
  await expect
    .poll(() => {
      announce();
      return new Set(announced);
    })
    .toEqual(new Set(servers.map(({ id }) => id)));
  await expect(applications.at(-1)?.server.createMessage({ messages: [], maxTokens: 1 })).rejects.toThrow('nobody to ask');
  const sessions = applications.length;
  await pool.listen(servers[1] ?? makeServerAt(legacy.url), { anew: true, signal: never });
  expect(applications.length).toBeGreaterThan(sessions);
});

test('a server that cannot be reached is no place to listen at, and that is its health', async () => {
  const server = makeServerAt('http://127.0.0.1:9/mcp');
  const { pool } = startPool([server]);
  await expect(pool.listen(server, { anew: false, signal: never })).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(pool.listHealth()).toMatchObject([{ state: 'unreachable' }]);
});
