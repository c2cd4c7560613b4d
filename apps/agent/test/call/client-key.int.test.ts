import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';

import { expect, test } from 'vitest';

import { makeProfile, makeTool, makeClientKey } from '@gatehouse/policy/testing/build';
import type { OpsHandler } from '@gatehouse/process/ops-server';

import { CurrentConfig } from '../../src/config/current.ts';
import { startGateway } from '../support/agent/gateway.ts';
import {
  buildAuthorization,
  connectV2,
  buildLegacyCall,
  buildModernCall,
  buildModernHeaders,
  openSession,
  post,
} from '../support/clients/clients.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

async function startEchoGateway(reference?: string) {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url, reference);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const other = makeProfile([makeTool(server, ECHO)], { slug: 'other' });
  const environment = { ORDERS_TOKEN: 'upstream-own-credential' };
  const gateway = await startGateway({ servers: [server], profiles: [profile, other], environment });
  return { upstream, profile, other, ...gateway };
}

const call = buildModernCall('echo', { text: 'x' });
const headers = buildModernHeaders('echo');

test('T-39: a key that is missing, unknown, expired, revoked or of another profile gets 401 and a receipt', async () => {
  const gateway = await startEchoGateway();
  const expired = makeClientKey(gateway.profile, { expiresAt: '2020-01-01T00:00:00Z' });
  const listed = makeClientKey(gateway.profile);
  const gone = makeClientKey(gateway.profile);
  const foreign = makeClientKey(gateway.other);
  const clientKeys = [...gateway.getContent().clientKeys, expired.key, listed.key, foreign.key];
  gateway.publish({ clientKeys, revokedKeyIds: [listed.key.keyId, gone.key.keyId] });

  const cases = [
    { authorization: undefined, code: 'identity_missing', keyId: null },
    { authorization: 'Bearer ', code: 'identity_missing', keyId: null },
    { authorization: 'Basic dXNlcjpwYXNz', code: 'identity_missing', keyId: null },
    { authorization: `Bearer ${gateway.secret}x`, code: 'identity_unknown', keyId: null },
    { authorization: `Bearer ${gateway.secret.toUpperCase()}`, code: 'identity_unknown', keyId: null },
    { authorization: `Bearer ${expired.secret}`, code: 'identity_expired', keyId: expired.key.keyId },
    { authorization: `Bearer ${listed.secret}`, code: 'identity_revoked', keyId: listed.key.keyId },
    { authorization: `Bearer ${gone.secret}`, code: 'identity_revoked', keyId: null },
    { authorization: `Bearer ${foreign.secret}`, code: 'identity_other_profile', keyId: foreign.key.keyId },
  ];
  for (const [index, { authorization, code, keyId }] of cases.entries()) {
    const response = await post(gateway.url, call, { ...headers, ...(authorization === undefined ? {} : { authorization }) });
    expect([response.status, code]).toEqual([401, code]);
    const challenge = response.headers.get('www-authenticate');
    if (code === 'identity_missing') expect(challenge).toBe('Bearer realm="gatehouse"');
    else expect(challenge).toMatch(/^Bearer realm="gatehouse", error="invalid_token", error_description="[^"]+"$/);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { message: expect.any(String) } });
    const record = await gateway.journal.waitForRecord(index);
    expect(record).toMatchObject({ outcome: 'denied', reasonCode: code, keyId, profileId: gateway.profile.id, name: null });
    expect(record.checks).toEqual([{ check: 'identity', result: 'fail', code }]);
  }
  expect(gateway.journal.finished).toHaveLength(cases.length);
  expect(gateway.upstream.seen).toEqual([]);
});

test('T-39: the address of no profile answers like one of another profile; a token in the address opens nothing', async () => {
  const gateway = await startEchoGateway();
  const unknown = gateway.url.replace('/support/', '/nothing/');
  const withKey = await post(unknown, call, { ...headers, ...buildAuthorization(gateway.secret) });
  expect([withKey.status, (await post(unknown, call, headers)).status]).toEqual([401, 401]);
  expect(gateway.journal.finished).toHaveLength(1);
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({
    reasonCode: 'identity_other_profile',
    profileId: null,
    personId: expect.any(String),
  });
  expect((await post(`${gateway.url}?token=${gateway.secret}`, call, headers)).status).toBe(400);
});

test('T-39: the upstream sees the agent’s own credential and nothing of the client’s', async () => {
  const gateway = await startEchoGateway('env:ORDERS_TOKEN');
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  await client.callTool({ name: 'echo', arguments: { text: 'x' } });
  expect(gateway.upstream.seen.length).toBeGreaterThan(0);
  for (const seen of gateway.upstream.seen) expect(seen.authorization).toBe('Bearer upstream-own-credential');
  expect(JSON.stringify(gateway.upstream.seen)).not.toContain(gateway.secret);
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({
    credential: 'env:ORDERS_TOKEN',
    checks: expect.arrayContaining([{ check: 'credential', result: 'pass' }]),
  });
});

test('two Authorization headers are none', async () => {
  const gateway = await startEchoGateway();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      gateway.url,
      { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.setHeader('authorization', [`Bearer ${gateway.secret}`, `Bearer ${gateway.secret}`]);
    sent.once('error', reject);
    sent.end(JSON.stringify(call));
  });
  expect(status).toBe(401);
});

test('a flood of refused attempts is throttled, and a good key of the same address is not', async () => {
  const gateway = await startEchoGateway();
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < 80; attempt += 1)
    statuses.add((await post(gateway.url, call, { ...headers, ...buildAuthorization('wrong') })).status);
  expect(statuses).toEqual(new Set([401, 429]));
  expect(gateway.journal.finished).toHaveLength(60);
  expect((await post(gateway.url, call, { ...headers, ...buildAuthorization(gateway.secret) })).status).toBe(200);
});

test.each([
  ['revoked', 'agent_revoked'],
  ['quarantined', 'agent_quarantined'],
] as const)(
  'T-05: a call to a %s agent is refused and recorded as that, but not what strangers send it',
  async (standing, code) => {
    const gateway = await startEchoGateway();
    const session = await openSession(gateway.url, gateway.secret);
    gateway.current.setStanding(standing);
    expect((await post(gateway.url, call, { ...headers, ...buildAuthorization('wrong') })).status).toBe(403);
    expect(gateway.journal.finished).toEqual([]);
    const modern = await post(gateway.url, call, { ...headers, ...buildAuthorization(gateway.secret) });
    expect([modern.status, await modern.json()]).toMatchObject([403, { error: { message: expect.stringContaining(standing) } }]);
    expect((await post(gateway.url, buildLegacyCall('echo', { text: 'x' }), session)).status).toBe(403);
    const receipt = { outcome: 'denied', reasonCode: code, keyId: expect.any(String), personId: expect.any(String) };
    expect(gateway.journal.finished).toMatchObject([
      { ...receipt, method: 'tools/call' },
      { ...receipt, method: null },
    ]);
    for (let attempt = 0; attempt < 80; attempt += 1)
      await post(gateway.url, call, { ...headers, ...buildAuthorization(gateway.secret) });
    expect(gateway.journal.finished).toHaveLength(60);
    expect(gateway.upstream.seen).toEqual([]);
  },
);

/** The status of a request whose header lines are written by hand. */
function fetchStatus(port: number, lines: string[], path = '/p/support/mcp'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(data.toString('utf8'))?.[1]));
      socket.destroy();
    });
    socket.write(`${[`GET ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
  });
}

test('T-38: only our own names come in, whatever the key', async () => {
  const gateway = await startEchoGateway();
  const port = Number(new URL(gateway.url).port);
  const key = `Authorization: Bearer ${gateway.secret}`;
  const refused = [
    ['Host: evil.test'],
    [`Host: localhost.evil.test:${port}`],
    [`Host: localhost.:${port}`],
    [`Host: localhost:${port + 1}`],
    ['Host: localhost'],
    [`Host: [::1]:${port}`],
    [`Host: 127.0.0.1:${port}`, 'Host: evil.test'],
    [],
    [`Host: localhost:${port}`, 'Origin: null'],
    [`Host: localhost:${port}`, 'Origin: http://evil.test'],
    [`Host: localhost:${port}`, `Origin: http://localhost:${port + 1}`],
    [`Host: localhost:${port}`, `Origin: file://localhost:${port}`],
  ];
  for (const lines of refused) {
    expect([lines, await fetchStatus(port, [...lines, key])]).toEqual([lines, 403]);
  }
  for (const lines of [[`Host: localhost:${port}`], [`Host: 127.0.0.1:${port}`, `Origin: http://localhost:${port}`]]) {
    expect(await fetchStatus(port, [...lines, key])).toBe(405);
  }
});

test('T-38: no answer lets a web page read it', async () => {
  const gateway = await startEchoGateway();
  const preflight = await fetch(gateway.url, { method: 'OPTIONS', headers: buildAuthorization(gateway.secret) });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([405, null]);
});

test('T-47: a session opens for its own key alone', async () => {
  const gateway = await startEchoGateway();
  const second = makeClientKey(gateway.profile);
  gateway.publish({ clientKeys: [...gateway.getContent().clientKeys, second.key] });
  const session = await openSession(gateway.url, gateway.secret);
  const stolen = { ...session, ...buildAuthorization(second.secret) };
  const expected = { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'Session not found' } };
  for (const guess of [stolen, { ...session, 'mcp-session-id': 'x'.repeat(32) }]) {
    const response = await post(gateway.url, buildLegacyCall('echo', { text: 'x' }), guess);
    expect([response.status, await response.json()]).toEqual([404, expected]);
  }
  expect((await fetch(gateway.url, { method: 'DELETE', headers: stolen })).status).toBe(404);
  expect(gateway.journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['session_unknown', 'session_unknown']);
  expect((await post(gateway.url, buildLegacyCall('echo', { text: 'x' }), session)).status).toBe(200);
});

/** Sends a call of which the second half comes after `midway`; resolves with the answer. */
async function callAround(gateway: { url: string; secret: string }, midway: () => void): Promise<unknown> {
  const body = JSON.stringify(call);
  const sent = request(gateway.url, {
    method: 'POST',
    headers: {
      ...headers,
      ...buildAuthorization(gateway.secret),
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  const answer = new Promise<string>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.once('end', () => resolve(text));
    });
  });
  sent.flushHeaders();
  // the server answers this after it has taken the request
  await new Promise<void>((resolve) => sent.once('continue', resolve));
  sent.write(body.slice(0, 10));
  midway();
  sent.end(body.slice(10));
  return JSON.parse(await answer);
}

test('a key that is revoked while a request is still coming in does not open anything', async () => {
  const gateway = await startEchoGateway();
  const revoke = () => gateway.publish({ clientKeys: [], revokedKeyIds: [gateway.key.keyId] });
  expect(await callAround(gateway, revoke)).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringContaining('not valid any more') }] },
  });
  expect(gateway.journal.finished).toMatchObject([
    { outcome: 'denied', reasonCode: 'identity_revoked', keyId: gateway.key.keyId, configVersion: 2 },
  ]);
  expect(gateway.upstream.seen).toEqual([]);
});

test.each(['revoked', 'quarantined'] as const)(
  'a call that an agent gets while it is %s is recorded as that',
  async (standing) => {
    const gateway = await startEchoGateway();
    expect(await callAround(gateway, () => gateway.current.setStanding(standing))).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining(standing) }] },
    });
    expect(gateway.journal.finished).toMatchObject([{ outcome: 'denied', reasonCode: `agent_${standing}` }]);
    expect(gateway.upstream.seen).toEqual([]);
  },
);

test('before the first configuration and after a revocation nothing is served', async () => {
  const gateway = await startEchoGateway();
  gateway.current.setStanding('revoked');
  expect((await post(gateway.url, call, { ...headers, ...buildAuthorization(gateway.secret) })).status).toBe(403);
  const empty = await startGateway({ profiles: [makeProfile([])], listener: { current: new CurrentConfig() } });
  const response = await post(empty.url, call, { ...headers, ...buildAuthorization(empty.secret) });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
});

test('T-38: operations requests pass the same host guard', async () => {
  const ops: OpsHandler = (asked, response, scope) => {
    if (asked.url !== '/healthz' && !(asked.url === '/metrics' && scope === 'all')) return false;
    response.end('fine');
    return true;
  };
  const gateway = await startGateway({ profiles: [makeProfile([])], listener: { ops } });
  const base = gateway.url.replace('/p/support/mcp', '');
  expect(await (await fetch(`${base}/healthz`)).text()).toBe('fine');
  expect((await fetch(`${base}/other`)).status).toBe(404);
  const port = Number(new URL(base).port);
  // an orchestrator asks by address whether the agent lives, and is told nothing else
  expect(await fetchStatus(port, ['Host: evil.test'], '/healthz')).toBe(200);
  expect(await fetchStatus(port, ['Host: evil.test'], '/metrics')).toBe(403);
  expect(await fetchStatus(port, [`Host: 127.0.0.1:${port}`], '/metrics')).toBe(200);
  expect(await fetchStatus(port, [`Host: 127.0.0.1:${port}`], '/healthz')).toBe(200);
});

test('a browser gets a page that tells nothing and runs nothing', async () => {
  const gateway = await startEchoGateway();
  const response = await fetch(gateway.url, { headers: { accept: 'text/html,application/xhtml+xml' } });
  const page = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const style = createHash('sha256')
    .update(/<style>([^<]*)<\/style>/.exec(page)?.[1] ?? '')
    .digest('base64');
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(response.headers.get('content-security-policy')).toContain(`style-src 'sha256-${style}';`);
  expect(page).toContain(gateway.url);
  expect(page).not.toMatch(/echo|Support|<script/);
  const missing = await fetch(gateway.url.replace('/support/', '/nothing/'), { headers: { accept: 'text/html' } });
  expect((await missing.text()).replaceAll('nothing', 'support')).toBe(page);
});

test('probes for other things are answered cleanly', async () => {
  const gateway = await startEchoGateway();
  const base = gateway.url.replace('/p/support/mcp', '');
  for (const path of [
    '/',
    '/mcp',
    '/.well-known/oauth-protected-resource/p/support/mcp',
    '/p/support/mcp/.well-known/x',
    '/p/../p/%2e/mcp',
  ]) {
    expect([path, (await fetch(base + path)).status]).toEqual([path, 404]);
  }
  expect((await fetch(gateway.url)).status).toBe(401);
  expect((await fetch(gateway.url, { headers: buildAuthorization(gateway.secret) })).status).toBe(405);
  expect(gateway.journal.finished).toEqual([]);
});
