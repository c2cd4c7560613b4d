import { networkInterfaces } from 'node:os';

import fc from 'fast-check';

import { OPERATION_META } from '@gatehouse/policy/compile/advertise';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { Credential, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Canaries } from './canaries.ts';

/** What a control plane knows, or guesses, of the machine that it attacks. */
export interface Target {
  canaries: Canaries;
  /** of a server that the site named, with a credential of its own */
  origin: string;
  /** of a server that the site named without any credential */
  otherOrigin: string;
  /** the credentials that the site offers to `origin` */
  offered: string[];
  dataDir: string;
  guardrailsFile: string;
  secretsDir: string;
}

type Transport = SnapshotServer['transport'];

/** Every way to be told to reach, to read, to start or to send something. */
export function drawTransport(target: Target): fc.Arbitrary<Transport> {
  const url = drawUrl(target);
  const credential = fc.option(drawCredential(target, url), { freq: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('http'), url, credential }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('rest'), baseUrl: url, credential }) },
    { weight: 2, arbitrary: drawEntry(target) },
  );
}

function drawUrl({ canaries: { port }, origin, otherOrigin }: Target): fc.Arbitrary<string> {
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const addresses = own.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
  const hosts = [
    '127.0.0.1 127.1 2130706433 0x7f.1 0177.0.0.1 127.0.0.2 0 0.0.0.0 127。0。0。1 １２７.0.0.1 localhost LOCALHOST. a.localhost',
    '[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:0:0:1] ip6-localhost',
    'inside.partner.test INSIDE.partner.test. evilpartner.test partner.test.evil.test',
  ]
    .flatMap((some) => some.split(' '))
    .concat(addresses.map((address) => (address.includes(':') ? `[${address}]` : address)))
    .map((host) => `${host}:${port}`);
  const named = new URL(origin).host;
  const plain = fc.oneof(
    fc
      .tuple(fc.constantFrom('http', 'https', 'HTTP'), fc.constantFrom(...hosts))
      .map(([scheme, host]) => `${scheme}://${host}/mcp`),
    fc.constantFrom(
      `http://${named}@127.0.0.1:${port}/mcp`,
      `http://127.0.0.1:${port}#@${named}/mcp`,
      `http://127.0.0.1:${port}\\@${named}/mcp`,
      `http://user:password@${named}/mcp`,
      `http:/127.0.0.1:${port}/mcp`,
      `http://127.0.0.1:${port}\t/mcp`,
      'http://169.254.169.254/latest/meta-data',
      'http://metadata.google.internal/',
      'file:///etc/passwd',
      'http://[fe80::1]/',
    ),
  );
  const places = ['/mcp', '/api', '/broken', '/../mcp', '/mcp?to=1', '//mcp'].flatMap((path) => [
    origin + path,
    otherOrigin + path,
  ]);
  const redirect = fc
    .tuple(fc.constantFrom(origin, otherOrigin), fc.constantFrom(301, 302, 303, 307, 308), plain)
    .map(([from, status, to]) => `${from}/redirect/${status}/${encodeURIComponent(to)}`);
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 2, arbitrary: redirect },
    { weight: 2, arbitrary: fc.constantFrom(...places) },
  );
}

function drawReference({ canaries, offered, dataDir, guardrailsFile, secretsDir }: Target): fc.Arbitrary<string> {
  const paths = [
    ...canaries.files,
    '/etc/passwd',
    '/proc/self/environ',
    '/dev/stdin',
    `${dataDir}/identity.json`,
    guardrailsFile,
  ];
  const spell = fc.constantFrom(
    (path: string) => path,
    (path: string) => `/${path}`,
    (path: string) => path.replaceAll('/', '/./'),
    (path: string) => `/proc/self/root${path}`,
    (path: string) => `${secretsDir}/files.partner.test/../../../../../../../../..${path}`,
    (path: string) => `${secretsDir}/files.partner.test/token/..${path}`,
    (path: string) => path.normalize('NFD'),
    (path: string) => path.toUpperCase(),
    (path: string) => path.replaceAll('/', '%2f'),
    (path: string) => `${path}/`,
  );
  const variables = [
    'PATH',
    'HOME',
    'UNOFFERED',
    'SECRET_UNBOUND',
    'secret_orders',
    'SECRET_ORDERS_ORIGIN',
    'OF_AN_ENTRY',
    '__proto__',
  ];
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...paths), spell).map(([path, how]) => `file:${how(path)}`) },
    { weight: 1, arbitrary: fc.constantFrom(...variables).map((name) => `env:${name}`) },
    { weight: 3, arbitrary: fc.constantFrom(...offered) },
  );
}

function drawCredential(target: Target, url: fc.Arbitrary<string>): fc.Arbitrary<Credential> {
  const reference = drawReference(target);
  const headers = [
    'Authorization',
    'Host',
    'Cookie',
    'Location',
    'Content-Length',
    'Transfer-Encoding',
    'X-Forwarded-Host',
    'mcp-session-id',
  ];
  return fc.oneof(
    fc.record({
      kind: fc.constant('header'),
      header: fc.constantFrom(...headers),
      prefix: fc.constantFrom('', 'Bearer ', 'a\r\nHost: evil\r\n', '{{reference}} '),
      reference,
    }),
    fc.record({ kind: fc.constant('basic'), username: fc.constantFrom('x', '${env:PATH}', 'ü'), reference }),
    fc.record({
      kind: fc.constant('client_credentials'),
      tokenUrl: url,
      clientId: fc.constantFrom('c', 'file:/etc/passwd'),
      reference,
      scope: fc.constantFrom(null, 'a b', '&resource=evil'),
      clientAuthentication: fc.constantFrom('basic', 'body'),
    }),
  );
}

/** Only the name counts of what is said here; the rest is what a careless agent might believe. */
function drawEntry({ canaries }: Target): fc.Arbitrary<Transport> {
  const names = ['../files', '/bin/sh', 'sh', 'npx', 'FILES', 'files ', '__proto__', 'constructor', ''];
  return fc.record({
    kind: fc.constant('stdio'),
    entry: fc.oneof(
      { weight: 1, arbitrary: fc.constant('files') },
      { weight: 8, arbitrary: fc.constantFrom(...names, ...canaries.commands) },
    ),
    processes: fc.constantFrom('shared', 'per_session'),
    command: fc.constantFrom(...canaries.commands),
    args: fc.constantFrom([], ['-c', canaries.commands[0]], ['-y', 'evil']),
    env: fc.constantFrom([], ['SECRET_ORDERS'], { LD_PRELOAD: '/tmp/evil.so', NODE_OPTIONS: '--require=/tmp/evil.js' }),
    cwd: fc.constantFrom('/', canaries.folder),
    sha256: fc.constant({}),
    sandbox: fc.constant('none'),
    network: fc.constant(true),
    user: fc.constant('root'),
  });
}

/** A tool of an HTTP API: where its request goes, and which headers its argument fills. */
export function drawOperation({ canaries: { port } }: Target): fc.Arbitrary<ToolDefinition> {
  const paths = [
    '/api/work',
    `//127.0.0.1:${port}/x`,
    '/{text}',
    `/@127.0.0.1:${port}/{text}`,
    '/api/../{text}',
    '/api;{text}',
    '/{text}/{text}',
  ];
  const names = [
    'Host',
    'Authorization',
    'Cookie',
    'X-Forwarded-Host',
    'mcp-session-id',
    'X-Note',
    'Transfer_Encoding',
    '@evil',
    'a&b',
  ];
  const place = fc.constantFrom('path', 'query', 'header', 'cookie');
  return fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'DELETE', 'CONNECT', 'PUT'),
      path: fc.constantFrom(...paths),
      parameters: fc.array(
        fc.record({
          in: place,
          argument: fc.constant('text'),
          name: fc.constantFrom('text', ...names),
          style: fc.constantFrom('simple', 'form'),
          explode: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
      body: fc.constantFrom(null, { argument: 'text', kind: 'text', mediaType: 'text/plain' }),
      responses: fc.constant([]),
    })
    .map((operation) => ({
      name: 'steal',
      inputSchema: {
        type: 'object',
        properties: { text: { type: 'string' }, mode: { type: 'string' }, more: { type: 'object' } },
      },
      _meta: { [OPERATION_META]: operation },
    }));
}
