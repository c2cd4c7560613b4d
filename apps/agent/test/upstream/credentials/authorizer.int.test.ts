import { Events, OAuth2Server } from 'oauth2-mock-server';
import { expect, onTestFinished, test } from 'vitest';

import type { Credential } from '@gatehouse/policy/documents/snapshot';

import { openOutbound } from '../../../src/outbound/outbound.ts';
import { SecretUnavailable } from '../../../src/secrets/secret-file.ts';
import { timeServer } from '../../../src/upstream/client/dialer.ts';
import { createAuthorizer } from '../../../src/upstream/credentials/authorizer.ts';
import { UpstreamFailure } from '../../../src/upstream/failure.ts';
import { openSecrets } from '../../support/agent/upstream-deps.ts';
import { startPilot } from '../../support/servers/pilot.ts';
import { makeRestServer, readDefinitions, openRest, readTools } from '../../support/servers/rest.ts';
import { startHttp } from '../../support/servers/upstreams.ts';

const SECRET = 's3cret:with/ö+signs';
const environment = { SECRET };

interface TokenRequest {
  authorization: string | undefined;
  form: Record<string, unknown>;
}

/** A real authorization server. `answers`: what it says beside the token. */
async function startIssuer() {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  onTestFinished(() => server.stop());
  const requests: TokenRequest[] = [];
  let change: (response: { statusCode: number; body: Record<string, unknown> | '' | null }) => void = () => undefined;
  server.service.on(Events.BeforeResponse, (response, request) => {
    requests.push({ authorization: request.headers.authorization, form: { ...request.body } });
    change(response as never);
  });
  const credential = (overrides: Partial<Extract<Credential, { kind: 'client_credentials' }>> = {}): Credential => ({
    kind: 'client_credentials',
    tokenUrl: `http://127.0.0.1:${server.address().port}/token`,
    clientId: 'the client',
    reference: 'env:SECRET',
    scope: 'orders.read orders.write',
    clientAuthentication: 'basic',
    ...overrides,
  });
  return { requests, credential, onAnswer: (next: typeof change) => (change = next) };
}

const TOOLS = readTools({
  '/thing': { get: { operationId: 'get', responses: {} }, post: { operationId: 'post', responses: {} } },
});
const [get, post] = ['get', 'post'].map((name) => TOOLS.get(name));

/** An API that takes every bearer token but the refused ones, and counts what it is sent. */
async function startApi(refused: (token: string) => boolean = () => false) {
  const tokens: string[] = [];
  const http = await startHttp((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    tokens.push(token);
    response.writeHead(refused(token) ? 401 : 200, { 'content-type': 'application/json' }).end('{}');
  });
  return { ...http, origin: `http://127.0.0.1:${http.port}`, tokens };
}

test('T-29: fifty calls at once fetch one token; it is used again until shortly before it ends', async () => {
  const issuer = await startIssuer();
  const api = await startApi();
  let now = Date.parse('2026-11-21T10:00:00Z');
  const { call, held } = openRest(api.origin, { credential: issuer.credential(), environment, now: () => new Date(now) });
  await Promise.all(Array.from({ length: 50 }, () => call(get!, {})));
  expect(issuer.requests).toHaveLength(1);
  expect(new Set(api.tokens).size).toBe(1);
  expect(api.tokens[0]).toMatch(/^ey/);
  expect(issuer.requests[0]).toMatchObject({ form: { grant_type: 'client_credentials', scope: 'orders.read orders.write' } });
  expect(held).toContain(api.tokens[0]);
  expect(held).toContain(SECRET);

  now += 3_600_000 - 31_000;
  await call(get!, {});
  expect(issuer.requests).toHaveLength(1);
  now += 2_000;
  await Promise.all(Array.from({ length: 50 }, () => call(get!, {})));
  expect(issuer.requests).toHaveLength(2);
});

test('client id and secret go into the header as RFC 6749 writes them, or into the form', async () => {
  const issuer = await startIssuer();
  const api = await startApi();
  const basic = openRest(api.origin, { credential: issuer.credential(), environment });
  await basic.call(get!, {});
  const encoded = issuer.requests[0]?.authorization?.replace('Basic ', '') ?? '';
  const [id, secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  expect([new URLSearchParams(`v=${id}`).get('v'), new URLSearchParams(`v=${secret}`).get('v')]).toEqual(['the client', SECRET]);
  expect(basic.held).toContain(encoded);
  await openRest(api.origin, { credential: issuer.credential({ clientAuthentication: 'body', scope: null }), environment }).call(
    get!,
    {},
  );
  expect(issuer.requests[1]).toMatchObject({
    authorization: undefined,
    form: { grant_type: 'client_credentials', client_id: 'the client', client_secret: SECRET },
  });
  expect(issuer.requests[1]?.form['scope']).toBeUndefined();
});

test('a refused token is replaced once: a read is sent again, a write is not', async () => {
  const issuer = await startIssuer();
  let good = '';
  const api = await startApi((token) => token !== good);
  const { call } = openRest(api.origin, { credential: issuer.credential(), environment });
  issuer.onAnswer(({ body }) => {
    if (!body) return;
    body['access_token'] = `fresh-token-${issuer.requests.length}`;
    good = issuer.requests.length === 1 ? 'none' : 'fresh-token-2';
  });
  expect(await call(get!, {})).toMatchObject({ result: { structuredContent: {} } });
  expect(api.tokens).toEqual(['fresh-token-1', 'fresh-token-2']);

  good = 'none';
  await expect(call(post!, {})).rejects.toMatchObject({ code: 'credential_unavailable', status: 401 });
  expect(api.tokens).toEqual(['fresh-token-1', 'fresh-token-2', 'fresh-token-2']);
  await expect(call(get!, {})).rejects.toMatchObject({ code: 'credential_unavailable' });
  // one new token, one second try, and no more
  expect(api.tokens).toEqual(['fresh-token-1', 'fresh-token-2', 'fresh-token-2', 'fresh-token-3', 'fresh-token-4']);
});

test('while the authorization server is away, the token that it gave is used to its end', async () => {
  const issuer = await startIssuer();
  const api = await startApi();
  let now = Date.parse('2026-11-21T10:00:00Z');
  const { call } = openRest(api.origin, { credential: issuer.credential(), environment, now: () => new Date(now) });
  await call(get!, {});
  issuer.onAnswer((response) => {
    response.statusCode = 503;
    response.body = null;
  });
  now += 3_600_000 - 10_000;
  await call(get!, {});
  expect(new Set(api.tokens).size).toBe(1);
  now += 20_000;
  await expect(call(get!, {})).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(api.tokens).toHaveLength(2);
});

test('errors name the place and the code, and hold no secret', async () => {
  const issuer = await startIssuer();
  const api = await startApi();
  const failureOf = async (credential: Credential): Promise<UpstreamFailure> => {
    const failure: unknown = await openRest(api.origin, { credential, environment })
      .call(get!, {})
      .catch((error: unknown) => error);
    if (!(failure instanceof UpstreamFailure)) throw new Error(`no failure: ${String(failure)}`);
    expect(`${failure.message} ${JSON.stringify(failure.cause)} ${String(failure.cause)}`).not.toContain('s3cret');
    return failure;
  };
  issuer.onAnswer((response) => {
    response.statusCode = 401;
    response.body = { error: 'invalid_client', error_description: `bad secret ${SECRET}` };
  });
  const refused = await failureOf(issuer.credential());
  expect(refused).toMatchObject({ code: 'credential_unavailable' });
  expect(refused.message).toContain('(invalid_client)');
  issuer.onAnswer((response) => {
    response.statusCode = 400;
    response.body = { error: SECRET };
  });
  expect((await failureOf(issuer.credential())).message).toContain('(HTTP 400)');
  for (const body of [
    { token_type: 'Bearer' },
    { access_token: 'a\nb', token_type: 'Bearer' },
    { access_token: 'token-of-eight', token_type: 'mac' },
    { access_token: 'short', token_type: 'bearer' },
  ]) {
    issuer.onAnswer((response) => {
      response.body = body;
    });
    expect((await failureOf(issuer.credential())).message).toContain('without a bearer token');
  }
  const gone = await failureOf(issuer.credential({ tokenUrl: 'http://127.0.0.1:1/token' }));
  expect(gone).toMatchObject({ code: 'upstream_unreachable' });
  expect(gone.message).toContain('127.0.0.1:1');
  expect(await failureOf(issuer.credential({ tokenUrl: 'http://192.168.0.1/token' }))).toMatchObject({ code: 'guardrail' });
  expect(await failureOf(issuer.credential({ reference: 'env:NOT_SET' }))).toMatchObject({ code: 'credential_unavailable' });
  expect(api.tokens).toEqual([]);
});

test('T-21: the token endpoint may not redirect the client secret to another origin', async () => {
  const api = await startApi();
  const evil = await startHttp((_request, response) => void response.end('{}'));
  const issuer = await startHttp((_request, response) => void response.writeHead(307, { location: evil.url }).end());
  const credential: Credential = {
    kind: 'client_credentials',
    tokenUrl: issuer.url,
    clientId: 'c',
    reference: 'env:SECRET',
    scope: null,
    clientAuthentication: 'body',
  };
  await expect(openRest(api.origin, { credential, environment }).call(get!, {})).rejects.toMatchObject({ code: 'guardrail' });
  expect([evil.seen, api.tokens]).toEqual([[], []]);
});

test('one caller that stops waiting for a token does not stop the others', async () => {
  const api = await startApi();
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const issuer = await startHttp(async (_request, response) => {
    arrived.resolve();
    await release.promise;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"access_token":"token-for-both","token_type":"bearer"}');
  });
  const credential = {
    kind: 'client_credentials',
    tokenUrl: issuer.url,
    clientId: 'c',
    reference: 'env:SECRET',
    scope: null,
    clientAuthentication: 'basic',
  } as const;
  const { call } = openRest(api.origin, { credential, environment });
  const stop = new AbortController();
  const first = call(get!, {}, stop.signal);
  const second = call(get!, {});
  await arrived.promise;
  stop.abort();
  await expect(first).rejects.toMatchObject({ code: 'cancelled' });
  release.resolve();
  expect(await second).toMatchObject({ result: {} });
  expect([issuer.seen.length, api.tokens]).toEqual([1, ['token-for-both']]);
});

test('basic: user name and password in one header, known to the scrub as it is sent', async () => {
  const api = await startApi();
  const credential = { kind: 'basic', username: 'gate', reference: 'env:SECRET' } as const;
  const { call, held, authorizer } = openRest(api.origin, { credential, environment });
  await call(get!, {});
  const pair = Buffer.from(`gate:${SECRET}`).toString('base64');
  expect(api.seen[0]?.authorization).toBe(`Basic ${pair}`);
  expect(new Set(held)).toEqual(new Set([SECRET, pair]));
  expect(await authorizer.authorize('https://other.example')).toBeNull();
});

test('T-21: a client secret needs both its token endpoint and the server bound, and goes to no other endpoint', async () => {
  const api = await startApi();
  const issuer = await startIssuer();
  const evil = await startIssuer();
  const site = openSecrets({ environment, servers: [makeRestServer(api.origin, issuer.credential())] });
  const outbound = openOutbound({ http: { hosts: [], privateHosts: ['127.0.0.1'] } });
  const timed = timeServer({ name: 'Orders' }, { limitCaps: {} });
  onTestFinished(() => outbound.close());
  const deps = { outbound, resolveSecret: site.resolve, onSecret: () => undefined, now: () => new Date(), timed };
  const authorize = (credential: Credential, origin: string) => createAuthorizer(credential, origin, deps).authorize(origin);
  expect(await authorize(issuer.credential({ scope: null, clientId: 'other' }), api.origin)).toEqual({
    headers: [['Authorization', expect.any(String)]],
    query: [],
  });
  expect(issuer.requests).toHaveLength(1);
  await expect(authorize(evil.credential(), api.origin)).rejects.toThrow(SecretUnavailable);
  await expect(authorize(issuer.credential(), 'https://evil.example')).rejects.toThrow(SecretUnavailable);
  expect([issuer.requests.length, evil.requests.length]).toEqual([1, 0]);
});

test('T-21: a header that could send the request elsewhere takes no credential, nor does one with a line break before it', async () => {
  const api = await startApi();
  for (const change of [
    { header: 'Host' },
    { header: 'x-forwarded-host' },
    { header: 'Proxy-Authorization' },
    { prefix: 'a\r\nX-B: ' },
  ]) {
    const credential = { kind: 'header', header: 'X-Key', prefix: '', reference: 'env:SECRET', ...change } as const;
    const { call } = openRest(api.origin, { credential, environment: { SECRET: 'printable-secret' } });
    await expect(call(get!, {})).rejects.toMatchObject({ code: 'credential_unavailable' });
  }
  expect(api.seen).toEqual([]);
});

test('a header credential with characters that a header cannot carry is refused without being repeated', async () => {
  const api = await startApi();
  const credential = { kind: 'header', header: 'X-Key', prefix: '', reference: 'env:SECRET' } as const;
  await expect(openRest(api.origin, { credential, environment }).call(get!, {})).rejects.toThrow(/^env:SECRET holds characters/);
  expect(api.seen).toEqual([]);
});

test('the orders API behind a token of an authorization server', async () => {
  const issuer = await startIssuer();
  const pilot = await startPilot('token-of-the-issuer');
  issuer.onAnswer(({ body }) => {
    if (body) body['access_token'] = 'token-of-the-issuer';
  });
  const { paths, ...rest } = JSON.parse(await pilot.description()) as { paths: Record<string, unknown> };
  const definitions = readDefinitions(JSON.stringify({ ...rest, paths: { '/orders': paths['/orders'] } }));
  const { call } = openRest(pilot.baseUrl, { credential: issuer.credential(), environment });
  const listOrders = definitions.get('listOrders');
  if (!listOrders) throw new Error('no tool');
  expect(await call(listOrders, { status: 'shipped' })).toMatchObject({
    result: { structuredContent: { orders: [{ orderId: '8841' }, { orderId: '8844' }] } },
  });
});

test('a token endpoint that says nothing is waited for as long as its server may take to start, and the limit is named', async () => {
  const api = await startApi();
  const release = Promise.withResolvers<void>();
  const issuer = await startHttp(() => release.promise);
  onTestFinished(() => release.resolve());
  const credential: Credential = {
    kind: 'client_credentials',
    tokenUrl: issuer.url,
    clientId: 'c',
    reference: 'env:SECRET',
    scope: null,
    clientAuthentication: 'body',
  };
  const { authorizer } = openRest(api.origin, { credential, environment, startMs: 300 });
  const told =
    "Orders was not ready within 300 ms (server limit 'start'). An admin can change it under Servers → Orders → Limits.";
  const message = `The token endpoint at ${new URL(issuer.url).host}: ${told}`;
  const limit = { name: 'start', ms: 300 };
  await expect(authorizer.authorize(api.origin)).rejects.toMatchObject({ code: 'upstream_timeout', message, told, limit });
});
