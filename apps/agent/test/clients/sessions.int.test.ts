import { expect, test } from 'vitest';

import { makeProfile, makeTool, makeClientKey } from '@gatehouse/policy/testing/build';

import { startGateway, type GatewaySetup } from '../support/agent/gateway.ts';
import {
  buildAuthorization,
  connectV1,
  connectV2,
  buildLegacyCall,
  buildModernCall,
  buildModernHeaders,
  openSession,
  post,
} from '../support/clients/clients.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream, type ToolSet } from '../support/servers/upstreams.ts';

async function startEchoGateway(listener: GatewaySetup['listener'] = {}, set: ToolSet = makeEchoSet()) {
  const upstream = await startModernUpstream(set);
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], listener });
  return { ...gateway, upstream, server, profile };
}

const listMessage = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test('a session lives until it is deleted', async () => {
  const gateway = await startEchoGateway();
  const session = await openSession(gateway.url, gateway.secret);
  expect(gateway.listener.openSessions()).toBe(1);
  expect((await post(gateway.url, listMessage, session)).status).toBe(200);
  const { 'mcp-protocol-version': _version, ...withoutVersion } = session;
  expect((await post(gateway.url, listMessage, withoutVersion)).status).toBe(200);
  expect((await post(gateway.url, { jsonrpc: '2.0', id: 2, method: 'ping' }, session)).status).toBe(200);
  expect((await fetch(gateway.url, { method: 'DELETE', headers: session })).status).toBe(200);
  expect(gateway.listener.openSessions()).toBe(0);
  expect((await post(gateway.url, listMessage, session)).status).toBe(404);
});

test('without a session nothing but initialize is answered', async () => {
  const gateway = await startEchoGateway();
  const key = buildAuthorization(gateway.secret);
  expect((await post(gateway.url, listMessage, key)).status).toBe(400);
  expect((await post(gateway.url, buildLegacyCall('echo', { text: 'x' }), key)).status).toBe(400);
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'denied', reasonCode: 'session_unknown' });
  expect(gateway.journal.finished).toHaveLength(1);
});

test('the least recently used session of a key makes room for a new one; those of other keys stay', async () => {
  const gateway = await startEchoGateway({ sessions: { perKey: 2, total: 4 } });
  const other = makeClientKey(gateway.profile);
  gateway.publish({ clientKeys: [...gateway.getContent().clientKeys, other.key] });
  const foreign = await openSession(gateway.url, other.secret);
  const first = await openSession(gateway.url, gateway.secret);
  const second = await openSession(gateway.url, gateway.secret);
  await post(gateway.url, listMessage, first);
  const third = await openSession(gateway.url, gateway.secret);
  const statuses = await Promise.all(
    [foreign, first, second, third].map(async (session) => (await post(gateway.url, listMessage, session)).status),
  );
  expect(statuses).toEqual([200, 200, 404, 200]);
});

test('a thousand sessions opened and dropped leave no more than the bound', async () => {
  const gateway = await startEchoGateway({ sessions: { perKey: 20 } });
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 50 }, () => openSession(gateway.url, gateway.secret)));
  }
  expect(gateway.listener.openSessions()).toBe(20);
});

const CLIENTS = {
  modern: (url: string, secret: string, changed: () => void) => connectV2(url, secret, { pin: '2026-07-28' }, changed),
  legacy: (url: string, secret: string, changed: () => void) => connectV2(url, secret, 'legacy', changed),
};

test.each(Object.entries(CLIENTS))('a %s client is told when its list changes, and only then', async (_, connect) => {
  const gateway = await startEchoGateway();
  const changes: string[] = [];
  const changed = Promise.withResolvers<void>();
  const client = await connect(gateway.url, gateway.secret, () => {
    changes.push('changed');
    changed.resolve();
  });
  const more = {
    ...gateway.profile,
    entries: [...gateway.profile.entries, makeTool(gateway.server, { ...ECHO, name: 'second' })],
  };
  // nothing that this client sees
  gateway.publish({ profiles: [{ ...gateway.profile, description: 'other words' }] });
  gateway.publish({ profiles: [more] });
  await changed.promise;
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'second']);
  expect(changes).toHaveLength(1);
});

test('a client that asked for the new list itself is not told again', async () => {
  const gateway = await startEchoGateway();
  const session = await openSession(gateway.url, gateway.secret);
  const publishTools = (...names: string[]) =>
    gateway.publish({
      profiles: [{ ...gateway.profile, entries: names.map((name) => makeTool(gateway.server, { ...ECHO, name })) }],
    });
  publishTools('a');
  await post(gateway.url, listMessage, session);
  const stream = await fetch(gateway.url, { headers: { ...session, accept: 'text/event-stream' } });
  publishTools('a', 'b');
  publishTools('a', 'b');
  await fetch(gateway.url, { method: 'DELETE', headers: session });
  expect((await stream.text()).match(/notifications\/tools\/list_changed/g)).toHaveLength(1);
});

/** What ends everything of a key, as its receipts and its client hear of it, and the status from then on. */
type Gateway = Awaited<ReturnType<typeof startEchoGateway>>;
test.each<[string, (gateway: Gateway) => void, string, string, number]>([
  [
    'T-39: a revoked key',
    ({ publish, key }) => publish({ clientKeys: [], revokedKeyIds: [key.keyId] }),
    'identity_revoked',
    'The key was revoked while the call was running.',
    401,
  ],
  [
    'T-39: a key that the revocation log ends, whatever the configuration says,',
    ({ revoke, key }) => void revoke('end', { kind: 'key', id: key.keyId }),
    'identity_revoked',
    'The key was revoked while the call was running.',
    401,
  ],
  [
    'T-39: a person whose keys end in the revocation log',
    ({ revoke, key }) => void revoke('before', { kind: 'person', id: key.personId }),
    'identity_revoked',
    'The key was revoked while the call was running.',
    401,
  ],
  [
    'T-05: an agent that the revocation log ends',
    ({ revoke, site }) => void revoke('end', { kind: 'agent', id: site.agentId }),
    'agent_revoked',
    'This agent was revoked while the call was running.',
    403,
  ],
  [
    'T-05: a revoked agent',
    ({ current }) => current.setStanding('revoked'),
    'agent_revoked',
    'This agent was revoked while the call was running.',
    403,
  ],
])('%s ends its streams, its session and its running calls', async (_, end, reasonCode, text, status) => {
  const entered = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const gateway = await startEchoGateway(
    {},
    {
      tools: [ECHO],
      call: (_name, _args, signal) => {
        entered.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted.resolve();
            reject(new Error('stopped'));
          });
        });
      },
    },
  );
  const session = await openSession(gateway.url, gateway.secret);
  const stream = await fetch(gateway.url, { headers: { ...session, accept: 'text/event-stream' } });
  expect(stream.status).toBe(200);
  const ended = stream.text().then(
    () => 'ended',
    () => 'cut',
  );
  const call = post(gateway.url, buildModernCall('echo', { text: 'x' }), {
    ...buildAuthorization(gateway.secret),
    ...buildModernHeaders('echo'),
  });
  await entered.promise;
  end(gateway);
  expect(await ended).toMatch(/ended|cut/);
  await aborted.promise;
  expect(await (await call).json()).toMatchObject({
    result: { isError: true, content: [{ text }] },
  });
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({
    outcome: 'denied',
    reasonCode,
    upstreamMs: expect.any(Number),
  });
  expect(gateway.listener.openSessions()).toBe(0);
  expect((await post(gateway.url, listMessage, session)).status).toBe(status);
});

test.each([
  ['key', ({ key }: Gateway) => key.keyId],
  ['person', ({ key }: Gateway) => key.personId],
])('T-39: what a %s has open ends by the revocation log, and what is opened then stays, with the same key', async (_, getId) => {
  const gateway = await startEchoGateway();
  const { url, secret, revoke, listener, publish, getContent, profile } = gateway;
  const other = makeClientKey(profile);
  publish({ clientKeys: [...getContent().clientKeys, other.key] });
  const [session, foreign] = [await openSession(url, secret), await openSession(url, other.secret)];
  const stream = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } });
  const subject = { kind: 'session', id: getId(gateway) } as const;
  revoke('before', subject);
  expect(
    await stream.text().then(
      () => 'ended',
      () => 'cut',
    ),
  ).toMatch(/ended|cut/);
  expect(listener.openSessions()).toBe(1);
  expect((await post(url, listMessage, session)).status).toBe(404);
  expect((await post(url, listMessage, foreign)).status).toBe(200);
  const next = await openSession(url, secret);
  revoke('before', { kind: 'session', id: other.key.keyId });
  expect((await post(url, listMessage, next)).status).toBe(200);
  expect((await post(url, listMessage, foreign)).status).toBe(404);
  revoke('before', subject);
  expect((await post(url, listMessage, next)).status).toBe(404);
});

test('a server, a tool and a profile are off from the stop in the revocation log to its lift', async () => {
  const { url, secret, revoke, server, profile } = await startEchoGateway();
  const session = await openSession(url, secret);
  const listNames = async () => {
    const answer: unknown = await (await post(url, listMessage, session)).json();
    return answer;
  };
  const subjects = [
    { kind: 'server', id: server.id },
    { kind: 'tool', id: server.id, name: ECHO.name },
  ] as const;
  for (const subject of subjects) {
    const stop = revoke('stop', subject);
    expect(await listNames()).toMatchObject({ result: { tools: [] } });
    revoke('lift', subject, { of: stop.id });
    expect(await listNames()).toMatchObject({ result: { tools: [{ name: ECHO.name }] } });
  }
  const stop = revoke('stop', { kind: 'profile', id: profile.id });
  expect((await post(url, listMessage, session)).status).toBe(401);
  revoke('lift', { kind: 'profile', id: profile.id }, { of: stop.id });
  expect((await post(url, listMessage, await openSession(url, secret))).status).toBe(200);
});

test('T-57: streams of one key are bounded', async () => {
  const gateway = await startEchoGateway();
  const { _meta } = buildModernCall('-', {}).params;
  const listen = {
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { _meta, notifications: { toolsListChanged: true } },
  };
  const headers = {
    ...buildAuthorization(gateway.secret),
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'subscriptions/listen',
  };
  const opened = await Promise.all(Array.from({ length: 60 }, () => post(gateway.url, listen, headers)));
  const statuses = opened.map(({ status }) => status);
  expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length]).toEqual([
    50, 10,
  ]);
  await Promise.all(opened.map(async (response) => response.body?.cancel()));
});

for (const era of ['modern', 'legacy'] as const) {
  test(`a ${era} client that goes away cancels the upstream, and the receipt says so`, async () => {
    const entered = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const gateway = await startEchoGateway(
      {},
      {
        tools: [ECHO],
        call: (_name, _args, signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted.resolve();
              reject(new Error('stopped'));
            });
            entered.resolve();
          }),
      },
    );
    const leaving = new AbortController();
    const client = await connectV2(gateway.url, gateway.secret, era === 'legacy' ? 'legacy' : { pin: '2026-07-28' });
    const call = client.callTool({ name: 'echo', arguments: { text: 'x' } }, { signal: leaving.signal });
    const failed = expect(call).rejects.toThrow();
    await entered.promise;
    leaving.abort(new Error('enough'));
    await failed;
    await aborted.promise;
    expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'failed', reasonCode: 'cancelled', result: null });
    expect(gateway.journal.finished).toHaveLength(1);
  });
}

test('closing lets a running call end and then nothing is open', async () => {
  const entered = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const gateway = await startEchoGateway(
    {},
    {
      tools: [ECHO],
      call: async () => {
        entered.resolve();
        await answer.promise;
        return { content: [{ type: 'text', text: 'late' }] };
      },
    },
  );
  const client = await connectV1(gateway.url, gateway.secret);
  const call = client.callTool({ name: 'echo', arguments: { text: 'x' } });
  await entered.promise;
  const closed = gateway.close();
  answer.resolve();
  expect(await call).toMatchObject({ content: [{ text: 'late' }] });
  await closed;
  await expect(fetch(gateway.url)).rejects.toThrow();
});
