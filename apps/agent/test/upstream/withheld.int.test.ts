import { expect, test } from 'vitest';

import { makeProfile } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { openSession, post, postModern } from '../support/clients/clients.ts';
import { makeFullProfile, startFullModernServer } from '../support/servers/full-servers.ts';
import { startHttp } from '../support/servers/upstreams.ts';
import { makeClient, never, startPool } from './harness.ts';

const REASON = 'crm.internal is out of bounds here';
const TOLD = 'This site does not let its agent use this server. Ask an administrator of this workspace.';
/** Every request of a client that could end at a server. */
const REQUESTS: [method: string, params: Record<string, unknown>][] = [
  ['tools/call', { name: 'work', arguments: { text: 'x' } }],
  ['prompts/get', { name: 'hello' }],
  ['resources/read', { uri: 'memo://one' }],
  ['resources/read', { uri: 'memo://by-template' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'who', value: 'x' } }],
];
const LEGACY_REQUESTS: typeof REQUESTS = [...REQUESTS, ['resources/subscribe', { uri: 'memo://one' }]];

/** A gateway whose network would reach both servers, so that nothing but the mechanism itself keeps the first one out. */
async function startGatewayWithout() {
  const barred = await startHttp((_request, response) => void response.end('{}'));
  const good = await startFullModernServer();
  const [out, fine] = [makeFullProfile(barred.url), makeFullProfile(good.url)];
  const other = { ...fine.server, slug: 'other' };
  const profiles = [out.profile, { ...makeProfile(fine.profile.entries), slug: 'other' }];
  const gateway = await startGateway({ servers: [out.server, other], profiles });
  const config = gateway.current.get();
  if (!config) throw new Error('no configuration');
  gateway.current.swap({
    ...config,
    withheld: new Map([[out.server.id, { kind: 'server', code: 'guardrail', reason: REASON }]]),
  });
  return { ...gateway, barred, good, server: out.server };
}

test('a client of 2026-07-28 reaches a withheld server by no request, and is told why', async () => {
  const { url, secret, barred, journal } = await startGatewayWithout();
  for (const [method, params] of REQUESTS) {
    expect(await (await postModern(url, secret, { method, params })).text(), method).toContain(TOLD);
  }
  const listen = { method: 'subscriptions/listen', params: { notifications: { resourceSubscriptions: ['memo://one'] } } };
  await (await postModern(url, secret, listen)).body?.cancel();
  expect(barred.seen).toEqual([]);
  expect(new Set(journal.finished.map(({ reasonCode }) => reasonCode))).toEqual(new Set(['guardrail']));
  expect(journal.finished).toHaveLength(4);
});

test('a session reaches a withheld server by no request or notification, and is told why', async () => {
  const { url, secret, barred } = await startGatewayWithout();
  const session = await openSession(url, secret);
  for (const [method, params] of LEGACY_REQUESTS) {
    expect(await (await post(url, { jsonrpc: '2.0', id: 1, method, params }, session)).text(), method).toContain(TOLD);
  }
  // the session has named the server by now, so these would go to it
  await (await post(url, { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'debug' } }, session)).text();
  await (await post(url, { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, session)).text();
  expect(barred.seen).toEqual([]);
});

test('a server that is put out of bounds is let go, and the others go on', async () => {
  const good = await startFullModernServer();
  const { server } = makeFullProfile(good.url);
  const { pool, publish } = startPool([server]);
  const client = makeClient('one');
  await pool.requireUpstream(server).open(client, never);
  const moved = { ...server, transport: { kind: 'http' as const, url: 'http://crm.example/mcp', credential: null } };
  publish([moved]);
  expect(() => pool.requireUpstream(moved)).toThrow(/crm\.example is not reached over https/);
  expect(() => pool.requireUpstream(server)).toThrow(/does not use this server/);
});
