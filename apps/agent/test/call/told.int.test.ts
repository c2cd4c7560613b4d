import pino from 'pino';
import { expect, test } from 'vitest';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { Recording } from '@gatehouse/protocol/testing/recording';

import { AuditUnavailable } from '../../src/audit/journal.ts';
import { NOT_CONFIGURED } from '../../src/config/current.ts';
import { NotSent, SessionEnded, toStatusFailure, toUpstreamFailure } from '../../src/upstream/failure.ts';
import { TOLD } from '../../src/upstream/told.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { LOCAL } from '../support/agent/upstream-deps.ts';
import { buildLegacyCall, openSession, post, postModern } from '../support/clients/clients.ts';
import { makeStdioOffer } from '../support/servers/offer.ts';
import { ECHO, makeEchoSet, makeServerAt, startHttp, startModernUpstream } from '../support/servers/upstreams.ts';
import { startHandmade, type Asked } from '../upstream/handmade.ts';

/** An address, a host, a port, a file, a reference, or anything that names how the site is set up. */
const OF_THE_SITE =
  /\d+\.\d+\.\d+\.\d+|localhost|\.(?:invalid|internal)|https?:|:\d{2,5}\b|\/(?:opt|mcp|token)\b|(?:env|file):|SECRET_|GATEHOUSE_|guardrail|privateHosts|stdio entry|proxy|ENO|ECONN/i;

const SECRET = 'the-secret-of-the-client';

interface Trouble {
  server: SnapshotServer;
  /** what those who run the agent are told of it */
  cause: RegExp;
  code: string;
}

const answerWith = (status: number, headers: Record<string, string> = {}, body = '{}') =>
  startHttp((_request, response) => void response.writeHead(status, headers).end(body));

/** One server for each thing that can be wrong at a site. */
async function listTroubles(): Promise<Record<string, Trouble>> {
  const tokens = {
    kind: 'client_credentials',
    tokenUrl: 'http://127.0.0.1:1/token',
    clientId: 'c',
    reference: 'env:SECRET_CLIENT',
    scope: null,
    clientAuthentication: 'body',
  } as const;
  const away = { location: 'https://orders.internal/mcp' };
  const elsewhere = await startModernUpstream({ ...makeEchoSet(), tools: [{ ...ECHO, description: 'Other' }] });
  return {
    barred: { server: makeServerAt('http://10.1.2.3:8443/mcp'), cause: /10\.1\.2\.3:8443.*guardrails/, code: 'guardrail' },
    private: { server: makeServerAt('https://10.1.2.3/mcp'), cause: /10\.1\.2\.3.*privateHosts/, code: 'guardrail' },
    moved: { server: makeServerAt((await answerWith(307, away)).url), cause: /redirects to another/, code: 'guardrail' },
    entry: {
      server: makeServer({ transport: { kind: 'stdio', entry: 'nosuch', processes: 'shared' } }),
      cause: /stdio entry "nosuch"/,
      code: 'guardrail',
    },
    unset: {
      server: makeServerAt('http://127.0.0.1:1/mcp', 'env:SECRET_MISSING'),
      cause: /SECRET_MISSING is not set/,
      code: 'credential_unavailable',
    },
    missing: {
      server: makeServerAt('http://127.0.0.1:1/mcp', 'file:/opt/nosuch'),
      cause: /\/opt\/nosuch/,
      code: 'credential_unavailable',
    },
    tokens: {
      server: makeServer({ transport: { kind: 'http', url: 'http://127.0.0.1:1/mcp', credential: tokens } }),
      cause: /127\.0\.0\.1:1.*/,
      code: 'upstream_unreachable',
    },
    refused: { server: makeServerAt('http://127.0.0.1:1/mcp'), cause: /cannot be reached/, code: 'upstream_unreachable' },
    unknown: { server: makeServerAt('https://orders.invalid/mcp'), cause: /./, code: 'upstream_unreachable' },
    rejected: { server: makeServerAt((await answerWith(401)).url), cause: /HTTP 401/, code: 'credential_unavailable' },
    broken: { server: makeServerAt((await answerWith(503)).url), cause: /HTTP 503/, code: 'upstream_unreachable' },
    babbling: {
      server: makeServerAt((await answerWith(200, { 'content-type': 'application/json' }, '[]')).url),
      cause: /./,
      code: 'upstream_protocol',
    },
    changed: { server: makeServerAt(elsewhere.url), cause: /changed this tool/, code: 'tool_not_approved' },
  };
}

async function startSite(servers: Record<string, SnapshotServer>, guardrails = LOCAL) {
  const lines = new Recording<{ reason?: string; code?: string }>('log line');
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.add(JSON.parse(line) as { reason?: string }) });
  const tools = Object.entries(servers).map(([name, server]) => makeTool(server, ECHO, { advertisedName: name }));
  const gateway = await startGateway({
    servers: Object.entries(servers).map(([slug, server]) => Object.assign(server, { slug })),
    profiles: [makeProfile(tools)],
    environment: { SECRET_CLIENT: SECRET },
    guardrails,
    listener: { log },
  });
  const session = await openSession(gateway.url, gateway.secret);
  const callModern = async (name: string) => {
    const params = { name, arguments: { text: 'x' } };
    return (await postModern(gateway.url, gateway.secret, { method: 'tools/call', params })).text();
  };
  const callLegacy = async (name: string) => (await post(gateway.url, buildLegacyCall(name, { text: 'x' }), session)).text();
  return { ...gateway, lines, callModern, callLegacy };
}

test('a caller is told of a redirect that is not followed', async () => {
  const away = { location: 'https://orders.internal/mcp' };
  const servers = {
    moved: makeServerAt((await answerWith(307, away)).url),
    turning: makeServerAt((await answerWith(307, { location: '/mcp' })).url),
  };
  const { callModern, callLegacy } = await startSite(servers);
  for (const call of [callModern, callLegacy]) {
    expect(await call('moved')).toContain('The server redirects to another origin. Ask an administrator');
    expect(await call('turning')).toContain('The server redirects without end. Ask an administrator');
  }
});

test('T-28: whatever is wrong at a site, a caller is told what happened and whom to ask, and nothing of how the site is set up; the log has the cause', async () => {
  const troubles = await listTroubles();
  const servers = Object.fromEntries(Object.entries(troubles).map(([name, { server }]) => [name, server]));
  const { callModern, callLegacy, lines, journal } = await startSite(servers);
  for (const [name, { cause, code }] of Object.entries(troubles)) {
    for (const call of [callModern, callLegacy]) {
      const answer = await call(name);
      expect(answer, name).toContain('"isError":true');
      expect(answer.replaceAll(/"jsonrpc":"2\.0"|"version":"[\d.]+"/g, ''), name).not.toMatch(OF_THE_SITE);
      expect(journal.finished.at(-1)?.reasonCode, name).toBe(code);
      expect(lines.all.at(-1), name).toMatchObject({ code, reason: expect.stringMatching(cause) });
    }
  }
});

const REFUSALS: [
  name: string,
  status: number,
  headers: Record<string, string>,
  body: (message: Asked) => string,
  told: RegExp[],
][] = [
  [
    'plain',
    429,
    { 'retry-after': '30', 'content-type': 'text/plain' },
    () => 'Too many.',
    [/HTTP 429/, /wait 30 seconds/, /Too many\./],
  ],
  ['json', 429, { 'content-type': 'application/json' }, () => '{"message":"resets at 18:00"}', [/HTTP 429/, /resets at 18:00/]],
  [
    'dated',
    503,
    { 'retry-after': 'Sat, 21 Nov 2026 15:00:00 GMT' },
    () => 'Down',
    [/HTTP 503/, /until 2026-11-21T15:00:00/, /Down/],
  ],
  [
    'forbidden',
    403,
    { 'content-type': 'application/json' },
    () => '{"error":"needs mail.send"}',
    [/HTTP 403/, /needs mail\.send/],
  ],
  [
    'barred for a while',
    403,
    { 'retry-after': '60', 'content-type': 'text/plain' },
    () => 'Too many wrong keys',
    [/HTTP 403/, /wait 60 seconds/, /Too many wrong keys/],
  ],
  ['rejected', 401, { 'content-type': 'text/plain' }, () => 'The key has expired', [/HTTP 401/, /The key has expired/]],
  ['teapot', 418, { 'content-type': 'TEXT/PLAIN' }, () => 'short and stout', [/HTTP 418/, /short and stout/]],
  ['untold', 200, { 'content-type': 'text/plain' }, () => 'Maintenance', [/Maintenance/]],
];

test.each(REFUSALS)(
  'T-28: a caller reads what a server says with its status (%s), without the credential that it repeats; the log has none of it',
  async (_, status, headers, body, told) => {
    const upstream = await startHandmade((message, response, request) => {
      const text = body(message);
      // no JSON any more, for which nobody would look
      const echoed = text.startsWith('{') ? '' : ` you sent ${String(request.headers.authorization)}`;
      response.writeHead(status, headers).end(text + echoed);
    });
    const site = await startSite({ echo: makeServerAt(upstream.url, 'env:SECRET_CLIENT') });
    for (const call of [site.callModern, site.callLegacy]) {
      const answer = await call('echo');
      expect(answer).toContain('"isError":true');
      for (const part of told) expect(answer).toMatch(part);
      expect(answer).not.toContain(SECRET);
      expect(JSON.stringify(site.lines.all)).not.toMatch(new RegExp(`${SECRET}|you sent|${told.at(-1)?.source}`));
    }
  },
);

test.each([
  [429, { 'retry-after': '3600' }, 'HTTP 429 (Too Many Requests). It asks to wait 3600 seconds before the next call.'],
  [429, {}, 'HTTP 429 (Too Many Requests).'],
  [503, { 'retry-after': '5' }, 'HTTP 503 (Service Unavailable). It asks to wait 5 seconds before the next call.'],
])(
  'an error of JSON-RPC that comes with HTTP %i stays one for the caller, with what HTTP said',
  async (status, headers, said) => {
    const upstream = await startHandmade(({ id }, response) => {
      const error = { code: -32029, message: 'Rate limit exceeded', data: { limit: 5 } };
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
    });
    const site = await startSite({ echo: makeServerAt(upstream.url) });
    for (const call of [site.callModern, site.callLegacy]) {
      const { error } = JSON.parse(await call('echo')) as { error: object };
      expect(error).toEqual({
        code: -32029,
        message: `Rate limit exceeded\nThe server answered with ${said}`,
        data: { limit: 5 },
      });
    }
  },
);

test('T-28: what an agent says of itself names nothing of its site', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const site = await startSite({ echo: makeServerAt(upstream.url) });
  const told: string[] = [NOT_CONFIGURED, ...Object.values(TOLD)];
  site.journal.failure = new AuditUnavailable('The agent could not record the call on its disk.');
  told.push(await site.callLegacy('echo'));
  site.journal.failure = null;
  site.publish({}, { notAfter: '2020-01-01T00:00:00.000Z' });
  told.push(await site.callLegacy('echo'));
  for (const standing of ['quarantined', 'revoked'] as const) {
    site.current.setStanding(standing);
    told.push(await site.callLegacy('echo'));
  }
  // the version and the time are those of the answer
  for (const text of told) expect(text.replaceAll(/"jsonrpc":"2\.0"|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')).not.toMatch(OF_THE_SITE);
  expect(told.slice(-4).every((text) => text.includes('Ask an administrator of this workspace.'))).toBe(true);
});

test('T-28: an error that nobody thought of is told by its code', () => {
  const { told } = toUpstreamFailure(new Error('connect EFOO 10.1.2.3:8443 with /opt/gatehouse/key.pem'));
  expect(told).toBe(TOLD.upstream_protocol);
});

test('T-28: a failure that is logged as a whole brings its reason, and nothing of what the server said to it', () => {
  const failure = toStatusFailure(500, { wait: 'in a minute', words: 'no order for ida.roe@corp.fi' });
  expect(failure.told).toContain('ida.roe@corp.fi');
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  for (const err of [failure, new SessionEnded(failure, false), new NotSent(failure)]) {
    log.warn({ err }, 'discovery failed');
    log.warn({ err: new Error('it failed', { cause: err }) }, 'discovery failed');
  }
  expect(lines.join('')).toContain('HTTP 500');
  expect(lines.join('')).not.toContain('ida.roe');
});

test('T-28: the end of a program names neither it nor its files', async () => {
  const { server, guardrails } = makeStdioOffer('modern', { tools: [ECHO], prompts: [], resources: [], resourceTemplates: [] });
  const stdio = new Map(Array.from(guardrails.stdio, ([name, entry]) => [name, { ...entry, args: ['/opt/nosuch.js'] }]));
  const { callModern, lines } = await startSite({ gone: server }, { ...guardrails, stdio });
  expect(await callModern('gone')).not.toMatch(/\/opt|nosuch|stdio entry/);
  expect(lines.all.at(-1)).toMatchObject({ code: 'upstream_unreachable' });
});
