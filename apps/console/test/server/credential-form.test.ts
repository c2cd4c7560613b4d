import { expect, test } from 'vitest';
import { z } from 'zod';

import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { EMPTY_FORM, NewServerForm, toTransport } from '../../src/features/server/add/new-server-form.ts';
import {
  checkCredential,
  CREDENTIAL_FIELDS,
  type CredentialForm,
  type CredentialRow,
  EMPTY_CREDENTIAL,
  EMPTY_ROW,
  type HeaderRow,
  toCredential,
} from '../../src/features/server/form/credential-form.ts';
import { describeCredentialKind, listCredentialLines, listHeaderLines } from '../../src/features/server/form/credential-words.ts';
import { writeOffers } from '../../src/features/server/form/offer-lines.ts';
import { listFormProblems } from './form-problems.ts';

const Credential = z.object(CREDENTIAL_FIELDS).superRefine(checkCredential);
const listCredentialProblems = (form: CredentialForm) => listFormProblems(Credential, form);
const listProblems = (form: NewServerForm) => listFormProblems(NewServerForm, form);

const FILLED: CredentialRow = {
  ...EMPTY_ROW,
  username: 'svc-mcp',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'gatehouse',
  scope: ' orders:read ',
  reference: 'env:THE_SECRET',
};
const fill = (...rows: Partial<CredentialRow>[]): CredentialForm => ({
  withCredential: true,
  credentials: rows.map((row) => ({ ...FILLED, ...row })),
  headers: [],
});
const fillHeaders = (...headers: HeaderRow[]): CredentialForm => ({ ...EMPTY_CREDENTIAL, headers });

test.each([
  ['bearer', 'Bearer token', 'Authorization: Bearer <env:THE_SECRET>'],
  ['header', 'Header', 'X-Api-Key: <env:THE_SECRET>'],
  ['query', 'Query parameter', '?api_key=<env:THE_SECRET>'],
  ['basic', 'Basic', 'svc-mcp:<env:THE_SECRET>'],
  [
    'client_credentials',
    'OAuth client credentials',
    'gatehouse:<env:THE_SECRET> at https://login.example.com/token for orders:read',
  ],
] as const)('%s: a form without problems gives a credential that the server takes', (credentialKind, word, line) => {
  const form = fill({ credentialKind });
  expect(listCredentialProblems(form)).toEqual({});
  const credential = toCredential(form);
  expect(ServerTransport.safeParse({ kind: 'http', url: 'https://example.com/mcp', credential }).success).toBe(true);
  expect(credential?.kind).not.toBe('several');
  expect(describeCredentialKind(credential)).toBe(word);
  expect([listCredentialLines(credential), listHeaderLines(credential)]).toEqual([[line], []]);
});

test('several credentials and fixed headers are one kind; fixed headers alone too', () => {
  const form = {
    ...fill({ credentialKind: 'query' }, { credentialKind: 'header', header: 'api_key' }),
    headers: [{ name: 'X-Org', value: 'acme' }],
  };
  expect(listCredentialProblems(form)).toEqual({});
  const credential = toCredential(form);
  expect(credential).toMatchObject({
    kind: 'several',
    credentials: [{ kind: 'query' }, { header: 'api_key' }],
    headers: [{ value: 'acme' }],
  });
  expect(ServerTransport.safeParse({ kind: 'http', url: 'https://example.com/mcp', credential }).success).toBe(true);
  expect([describeCredentialKind(credential), listHeaderLines(credential)]).toEqual(['Query parameter, Header', ['X-Org: acme']]);
  const fixed = fillHeaders({ name: 'X-Org', value: 'acme' });
  expect(listCredentialProblems(fixed)).toEqual({});
  expect(toCredential(fixed)).toEqual({ kind: 'several', credentials: [], headers: [{ name: 'X-Org', value: 'acme' }] });
  expect(describeCredentialKind(toCredential(fixed))).toBe('None');
});

test('each kind asks for what it needs, and only for that', () => {
  const empty = { ...EMPTY_ROW, header: '', parameter: '' };
  const ask = (credentialKind: CredentialRow['credentialKind']) =>
    Object.keys(
      listCredentialProblems({ ...EMPTY_CREDENTIAL, withCredential: true, credentials: [{ ...empty, credentialKind }] }),
    )
      .map((path) => path.replace('credentials.0.', ''))
      .toSorted();
  expect(ask('bearer')).toEqual(['reference']);
  expect(ask('header')).toEqual(['header', 'reference']);
  expect(ask('query')).toEqual(['parameter', 'reference']);
  expect(ask('basic')).toEqual(['reference', 'username']);
  expect(ask('client_credentials')).toEqual(['clientId', 'reference', 'tokenUrl']);
  expect(listCredentialProblems({ ...EMPTY_CREDENTIAL, credentials: [empty] })).toEqual({});
  expect(toCredential({ ...fill({}), withCredential: false })).toBeNull();
});

test('a header that the agent sends itself is no place for a credential, and what was typed stays', () => {
  const find = (header: string) => listCredentialProblems(fill({ credentialKind: 'header', header }))['credentials.0.header'];
  for (const header of ['Host', 'content-type', 'Content_Length', 'Mcp-Session-Id', 'User-Agent', 'X-Forwarded-For'])
    expect(find(header), header).toContain('agent itself sends');
  for (const header of ['Authorization', 'X-Api-Key', 'api_key', 'Cookie', 'Hostess'])
    expect(find(header), header).toBeUndefined();
});

test('one place takes one value, whatever its spelling', () => {
  const words = 'Something else is sent there already';
  const twice = fill({ credentialKind: 'bearer' }, { credentialKind: 'basic' });
  expect(listCredentialProblems(twice)).toEqual({ 'credentials.1.credentialKind': expect.stringContaining(words) });
  expect(listCredentialProblems(fill({ credentialKind: 'query' }, { credentialKind: 'query' }))).toHaveProperty([
    'credentials.1.parameter',
  ]);
  const both = { ...fill({ credentialKind: 'header', header: 'X-Org' }), headers: [{ name: 'x_org', value: 'acme' }] };
  expect(listCredentialProblems(both)).toEqual({ 'headers.0.name': expect.stringContaining(words) });
});

test('a pasted secret is told from a place, from what stands before it, and from a fixed header', () => {
  const token = 'ghp_0123456789abcdef0123456789abcdef0123';
  expect(listCredentialProblems(fill({ reference: 'ghp_0123456789abcdef0123' }))['credentials.0.reference']).toContain(
    'looks like the secret',
  );
  expect(listCredentialProblems(fill({ credentialKind: 'header', prefix: token.slice(0, 32) }))).toHaveProperty([
    'credentials.0.prefix',
  ]);
  expect(listCredentialProblems(fillHeaders({ name: 'X-Any', value: token }))['headers.0.value']).toContain(
    'looks like a secret',
  );
  expect(listCredentialProblems(fillHeaders({ name: 'X-Api-Key', value: 'abc' }))['headers.0.value']).toContain(
    'looks like a secret',
  );
  expect(listCredentialProblems(fillHeaders({ name: 'Mcp-Session-Id', value: 'a' }))['headers.0.name']).toContain(
    'agent itself sends',
  );
  expect(listCredentialProblems(fillHeaders({ name: '', value: 'é' }))).toEqual({
    'headers.0.name': expect.stringContaining('Letters'),
    'headers.0.value': expect.stringContaining('plain letters'),
  });
});

test('what to write at the site is said for the very names and addresses', () => {
  const at = (reference: string, url: string | null, more: Partial<CredentialRow> = {}) =>
    writeOffers([{ ...FILLED, credentialKind: 'bearer', reference, ...more }], url);
  expect(at('env:SECRET_GITHUB', 'https://api.github.com/mcp')).toBe(
    '# agent.env\nSECRET_GITHUB=<the secret>\nSECRET_GITHUB_ORIGIN=https://api.github.com',
  );
  expect(at('env:SECRET_A', 'https://a.example/mcp', { credentialKind: 'client_credentials' })).toContain(
    'SECRET_A_ORIGIN=https://login.example.com,https://a.example',
  );
  expect(at('file:/etc/gatehouse-agent/secrets/a.example:8443/token', 'https://a.example:8443/mcp')).toBe(
    '# a file that holds the secret alone\n/etc/gatehouse-agent/secrets/a.example:8443/token',
  );
  for (const reference of ['env:GITHUB_TOKEN', 'file:/run/secrets/github', 'file:/etc/gatehouse-agent/secrets/b.example/t'])
    expect(at(reference, 'https://a.example/mcp')).toBe(
      `# guardrails.yaml\ncredentials:\n  - reference: ${reference}\n    origins: ['https://a.example']`,
    );
  const both = writeOffers(
    [
      { ...FILLED, reference: 'env:SECRET_A' },
      { ...FILLED, reference: 'env:SECRET_B' },
    ],
    null,
  );
  expect(both.match(/_ORIGIN=https:\/\/api\.example\.com/g)).toHaveLength(2);
  expect(at('', null)).toContain('reference env:SECRET_NAME');
});

test('a stdio server carries its processes, and no credential', () => {
  const form = {
    ...EMPTY_FORM,
    ...fill({}),
    source: 'handbook',
    name: 'H',
    purpose: 'p',
    agentId: 'a',
    processes: 'per_session' as const,
  };
  expect(listProblems({ ...form, ...fill({ reference: '' }) })).toEqual({});
  expect(toTransport(form, { kind: 'stdio', entry: 'handbook', suggestedName: 'Handbook' })).toEqual({
    kind: 'stdio',
    entry: 'handbook',
    processes: 'per_session',
  });
});
