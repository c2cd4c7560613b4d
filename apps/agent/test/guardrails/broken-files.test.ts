import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

import { buildGuardrailsSchema } from '../../src/config/guardrails/guardrails-file.ts';
import { GuardrailsError, inspectGuardrails, loadGuardrails } from '../../src/config/guardrails/guardrails.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

async function inspect(text: string): Promise<{ path: string; problems: string[] }> {
  const path = join(makeTempDir(), 'guardrails.yaml');
  writeFileSync(path, text);
  const { problems } = await inspectGuardrails(path, null);
  return { path, problems: problems.map((problem) => problem.replace(`${path}:`, '')) };
}

const PLAIN = /^(?!.*(?:Invalid|expected|received|Unrecognized|Too (?:big|small)))/;
const published = z.fromJSONSchema(buildGuardrailsSchema());
const isKnownToEditors = (value: unknown): boolean => published.safeParse(value).success;

/** What a file says, what is told, and whether an editor with the published schema tells as well. */
type Row = [text: string, told: RegExp, byEditors: boolean];
const writeOrigin = (origin: string) => `credentials: [{ reference: env:TOKEN, origins: ['${origin}'] }]`;
const writeHost = (pattern: unknown) => `http: { privateHosts: [${JSON.stringify(pattern)}] }`;
const ENTRY = '{ command: /nowhere/node, cwd: /nowhere, sha256: {} }';
const writeEntry = (field: string) =>
  `stdio: { files: { command: /nowhere/node, cwd: /nowhere, sha256: { /nowhere/node: ${'0'.repeat(64)} }, ${field} } }`;

const BROKEN: Row[] = [
  ['http:\n  hosts:\n  - a.example,', /^3: http\.hosts\.0: ends with a comma, .*take it out$/, true],
  ['http: { hosts: a.example }', /^1: http\.hosts: must be a list, not a text: \[a, b\], or a line with - before each$/, true],
  ['{ // our hosts\n"http": { "hosts": [a.example] } }', /^1: .*is no comment: a comment begins with #$/, true],
  ['hosts: [a.example]', /^1: hosts: belongs below http: write it there, indented$/, true],
  ['detail: shape', /^1: detail: belongs below audit/, true],
  ['sha256: {}', /^1: sha256: belongs to an entry: write it below stdio/, true],
  [
    '{ "mcpServers": { "files": { "command": "npx", "args": ["-y", "some-server"] } } }',
    /^1: mcpServers: belongs to the configuration of an AI client\. .*gatehouse-agent guardrails entry -- npx -y some-server$/,
    true,
  ],
  [writeOrigin('https://api.example/v1'), /origins\.0: has a path.*write https:\/\/api\.example$/, true],
  [writeOrigin('https://api.example?key=1'), /has a query or fragment: write https:\/\/api\.example$/, true],
  [writeOrigin('https://api.example#x'), /has a query or fragment/, true],
  [writeOrigin('https://ada:hunter2@api.example'), /holds a user or password: write https:\/\/api\.example$/, true],
  [writeOrigin('https://*.api.example'), /has a wildcard: name each host/, true],
  [writeOrigin('https://api.example:70000'), /has a port over 65535/, false],
  [writeOrigin('https://api.example:0'), /has port 0/, false],
  [writeOrigin('https://api.example.'), /has a dot behind the host: write https:\/\/api\.example$/, false],
  [writeOrigin('https:/api.example'), /is not written as an origin: write https:\/\/api\.example$/, true],
  [writeOrigin('ftp://api.example'), /must be https:\/\/host/, true],
  [writeOrigin('api.example'), /must be https:\/\/host/, true],
  [
    writeOrigin('http://api.example'),
    /is never reached: api\.example is not reached over https; name it in http\.privateHosts/,
    false,
  ],
  [
    writeOrigin('https://10.1.2.3'),
    /is never reached: 10\.1\.2\.3 is not a public address; name it in http\.privateHosts/,
    false,
  ],
  [`http: { hosts: [a.example] }\n${writeOrigin('https://b.example')}`, /^2: .*b\.example is not among http\.hosts/, false],
  ['credentials: [{ reference: env:GATEHOUSE_OPS_TOKEN, origins: [https://a.example] }]', /agent's own variables/, false],
  ['credentials: [{ reference: file:/proc/self/environ, origins: [https://a.example] }]', /lies in \/proc/, false],
  ['credentials: [{ reference: token, origins: [https://a.example] }]', /reference: Use env:NAME or file:/, true],
  ['credentials: [{ reference: env:A, origins: [] }]', /origins: must not be empty/, true],
  [
    'credentials:\n- { reference: file:/v/t, origins: [https://a.example] }\n- { reference: file:/v/./t, origins: [https://b.example] }',
    /^3: credentials\.1\.reference: stands under credentials\.0 too/,
    false,
  ],
  [writeHost('*'), /means every host/, true],
  [writeHost('**'), /means every host/, true],
  [writeHost('*.*'), /means every host/, true],
  [writeHost('*.com'), /means every host below \.com, .*\*\.corp\.com/, false],
  ...['co.uk', 'github.io', 'amazonaws.com', 's3.amazonaws.com', 'windows.net', 'workers.dev', 'xn--p1ai', 'foo.ck', 'bmw'].map(
    (domain): Row => [
      writeHost(`*.${domain}`),
      new RegExp(`^1: http\\.privateHosts\\.0: means every host below \\.${domain}, .*: name each host or a domain of your own`),
      false,
    ],
  ),
  ['http: { hosts: [7, "*.Co.Uk:443"] }', /^1: http\.hosts\.1: means every host below \.co\.uk/, false],
  ['http: { hosts: ["*.bmw"], ownDomains: [co.uk] }', /^1: http\.hosts\.0: means every host below \.bmw/, false],
  ['http: { ownDomains: ["*.bmw"] }', /ownDomains\.0: must be a domain alone/, true],
  ['http: { ownDomains: ["bmw:443"] }', /ownDomains\.0: must be a domain alone/, true],
  [writeHost('a.*.example'), /has a wildcard within a name/, true],
  [writeHost('*a.example'), /has a wildcard within a name/, true],
  [writeHost('*.10.0.0'), /has a wildcard before an address/, false],
  [writeHost('10.0.0.0/8'), /is a range of addresses/, true],
  [writeHost('http://u:hunter2@10.1.2.3:8080/x'), /is an address: write the host alone, 10\.1\.2\.3:8080$/, true],
  [writeHost('a.example/x'), /has more than a host/, true],
  [writeHost('a.example:0'), /port that does not exist/, true],
  [writeHost('a.example:70000'), /port that does not exist/, false],
  [writeHost('010.1.2.3'), /is 8\.1\.2\.3 in an address/, false],
  [writeHost('10.1.2'), /is 10\.1\.0\.2 in an address/, false],
  [writeHost('[0:0::1]'), /is \[::1\] in an address/, false],
  [writeHost('::1'), /is an IPv6 address: write it in brackets/, true],
  [writeHost('a..example'), /is no host name/, false],
  [writeHost('a.example.'), /is no host name/, false],
  [writeHost('bücher.example'), /is xn--bcher-kva\.example in an address/, true],
  [writeHost(''), /must be host, host:port or \*\.domain|means every host/, true],
  [writeHost(5), /privateHosts\.0: must be a text, not a number/, true],
  ['http: { hosts: a.example }', /http\.hosts: must be a list, not a text/, true],
  ['http:\n  hostz: [a]', /^2: http\.hostz: is not known here; known are hosts, privateHosts, ownDomains$/, true],
  ['http:', /http: is empty: it must be a group of names and values, or is left out/, true],
  ['- a', /must be a group of names and values, not a list/, true],
  ['audit: { detail: none }', /detail: must be one of shape, marked/, true],
  ['revocations: { maxAgeMinutes: 14 }', /maxAgeMinutes: must be at least 15/, true],
  ['revocations: { maxAgeMinutes: 525601 }', /maxAgeMinutes: must be at most 525600/, true],
  ['revocations: { maxAgeMinutes: 15.5 }', /maxAgeMinutes: must be a whole number/, true],
  ['revocations: { maxAgeMinutes: 1h }', /maxAgeMinutes: must be a number, not a text/, true],
  [writeEntry('idleMinutes: 0'), /idleMinutes: must be at least 1/, true],
  [writeEntry('idleMinutes: 10081'), /idleMinutes: must be at most 10080/, true],
  [writeEntry('maxMemoryMb: 1e9'), /maxMemoryMb: must be at most/, true],
  [writeEntry('network: yes'), /network: must be true or false, not a text/, true],
  [writeEntry('sandbox: maybe'), /sandbox: must be one of required, none/, true],
  [writeEntry('user: root'), /user: may not be root/, false],
  [writeEntry('env: [LD_PRELOAD]'), /env\.0: may not be handed on/, false],
  [writeEntry("env: ['PATH=/x']"), /env\.0: must be the name of a variable alone/, true],
  [writeEntry('read: [data]'), /read\.0: must be an absolute path/, true],
  [writeEntry('write: [/]'), /write\.0: cannot be shown in a sandbox/, false],
  [writeEntry('read: [/srv/a], write: [/srv/./a]'), /read\.0: stands under write too/, false],
  ['stdio: { Files: {} }', /stdio\.Files: must be a name of lower-case letters/, true],
  ['stdio: { files: { cwd: /x } }', /files\.command: is needed/, true],
  [`stdio:\n  __proto__: ${ENTRY}`, /^2: stdio\.__proto__: cannot be a name/, false],
  ['stdio:\n\n  "__proto__":', /^3: stdio\.__proto__: cannot be a name/, false],
  [writeEntry('idleMinutes: 5, __proto__: { user: root }'), /^1: stdio\.files\.__proto__: is not known here/, false],
  [
    `stdio:\n  files:\n    command: /nowhere/node\n    cwd: /nowhere\n    sha256:\n      __proto__: ${'0'.repeat(64)}`,
    /^6: stdio\.files\.sha256\.__proto__: cannot be a name/,
    false,
  ],
  ['http:\n  __proto__: { hosts: [a.example] }', /^2: http\.__proto__: is not known here/, false],
  [`stdio: { toString: ${ENTRY} }`, /stdio\.toString: must be a name of lower-case letters/, true],
  ['!!omap\n- http: { hosts: [a.example] }', /is not YAML that can be used: Unresolved tag/, false],
  ['stdio: !!set { a }', /is not YAML that can be used: Unresolved tag/, false],
  ['http: {}\nhttp: {}', /^2: .*keys must be unique/, false],
  ['http: [', /is not YAML that can be used/, false],
  ['http: *nothing', /is not YAML that can be used: .*nothing/, false],
];

test.each(BROKEN)('%s is told in plain words, and by the published schema where a schema can', async (text, told, byEditors) => {
  const { path, problems } = await inspect(text);
  const found = problems.filter((problem) => told.test(problem));
  expect(found, problems.join('\n')).toHaveLength(1);
  for (const problem of problems) {
    expect(problem).toMatch(PLAIN);
    expect(problem).not.toContain('hunter2');
  }
  await expect(loadGuardrails(path, null)).rejects.toThrow(GuardrailsError);
  if (byEditors) expect(isKnownToEditors(parse(text))).toBe(false);
});

const GOOD = [
  '',
  '# nothing yet',
  'http: { hosts: [api.example, "*.corp.example:8443"], privateHosts: ["*.internal", "[::1]:8080", 10.1.2.3, my_host, LOCALHOST] }',
  'http: { privateHosts: ["*.lan"] }\ncredentials: [{ reference: env:A, origins: [http://db.lan:8080, HTTPS://Api.Example/] }]',
  'revocations: { maxAgeMinutes: null }',
  'http: { hosts: [github.io, "*.acme.github.io", "*.vendor.co.uk", "*.www.ck"] }',
  'http: { hosts: ["*.bmw:443"], privateHosts: ["*.homeoffice.gov.uk"], ownDomains: [bmw, HomeOffice.gov.uk] }',
];

test.each(GOOD)('%j is in order, for editors too', async (text) => {
  expect((await inspect(text)).problems).toEqual([]);
  expect(isKnownToEditors(parse(text) ?? {})).toBe(true);
});

const TEXT = 'http: { hosts: [a.example] }\n';
const DAMAGED: [string, (path: string) => void, RegExp][] = [
  ['a folder', (path) => mkdirSync(path), /^ is a folder where a file has to be\./],
  ['a link to itself', (path) => symlinkSync(path, path), /^ is a symbolic link that leads to itself\./],
  ['a link to nowhere', (path) => symlinkSync('/nowhere/guardrails.yaml', path), /^ is a symbolic link that leads nowhere\./],
  ['a device', (path) => symlinkSync('/dev/zero', path), /^ is a pipe or device where a file has to be\./],
  ['50 MB', (path) => writeFileSync(path, '#'.repeat(50_000_000)), /^ is larger than 1000000 bytes\./],
  ['UTF-16', (path) => writeFileSync(path, Buffer.from(`\uFEFF${TEXT}`, 'utf16le')), /^ is not UTF-8 text\. Save it/],
  ['UTF-16 that does not say so', (path) => writeFileSync(path, Buffer.from(TEXT, 'utf16le')), /^ is not UTF-8 text\. Save it/],
  ['Latin-1', (path) => writeFileSync(path, Buffer.from(`# bücher\n${TEXT}`, 'latin1')), /^ is not UTF-8 text\. Save it/],
  ['half of a JSON', (path) => writeFileSync(path, '{"http":{"hosts":["a.exa'), /^1: is not YAML that can be used/],
];

test.each(DAMAGED)('%s in its place is told with the file, and starts no agent', async (_what, make, told) => {
  const path = join(makeTempDir(), 'guardrails.yaml');
  make(path);
  const { problems } = await inspectGuardrails(path, null);
  expect(problems[0]?.replace(`${path}:`, '')).toMatch(told);
  await expect(loadGuardrails(path, null)).rejects.toThrow(GuardrailsError);
});

test('a mark of its encoding and the line ends of Windows change nothing of a file', async () => {
  expect((await inspect(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}`)).problems).toEqual([]);
});

test('everything that is wrong is told at once, form and meaning together, with its line, and an agent that starts says the same', async () => {
  const text = `http:
  hosts: [api.example, 7]
  privateHosts: ['*.com', 10.0.0.0/8]
stdio:
  files: { command: node, cwd: /nowhere, sha256: {}, idleMinutes: 0 }
  other: { command: /nowhere/node, cwd: /nowhere, sha256: {}, env: [LD_PRELOAD] }
credentials:
  - { reference: env:A, origins: [https://a.example/x, http://b.example] }
  - { reference: env:A, origins: [https://c.example] }
  - { reference: 5 }
everything: allowed
`;
  const { path, problems } = await inspect(text);
  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':', problem.indexOf(':') + 1)))).toEqual([
    '2: http.hosts.1',
    '3: http.privateHosts.0',
    '3: http.privateHosts.1',
    '5: stdio.files.command',
    '5: stdio.files.idleMinutes',
    '6: stdio.other.env.0',
    '8: credentials.0.origins.0',
    '8: credentials.0.origins.1',
    '9: credentials.1.reference',
    '9: credentials.1.origins.0',
    '10: credentials.2.origins',
    '10: credentials.2.reference',
    '11: everything',
    '6: stdio entry "other"',
  ]);
  const message = await loadGuardrails(path, null).then(
    () => '',
    (error: unknown) => (error instanceof GuardrailsError ? error.message : ''),
  );
  expect(message.split('\n').map((line) => line.replace(`${path}:`, ''))).toEqual(problems);
});
