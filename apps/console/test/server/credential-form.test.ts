import { expect, test } from 'vitest';
import { z } from 'zod';

import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { EMPTY_FORM, NewServerForm, toTransport } from '../../src/features/server/add/new-server-form.ts';
import {
  checkCredential,
  CREDENTIAL_FIELDS,
  type CredentialForm,
  formatCredential,
  toCredential,
  describeCredentialKind,
  EMPTY_CREDENTIAL,
} from '../../src/features/server/form/credential-form.ts';
import { listFormProblems } from './form-problems.ts';

const Credential = z.object(CREDENTIAL_FIELDS).superRefine(checkCredential);
const listCredentialProblems = (form: CredentialForm) => listFormProblems(Credential, form);
const listProblems = (form: NewServerForm) => listFormProblems(NewServerForm, form);

const FILLED: CredentialForm = {
  ...EMPTY_CREDENTIAL,
  withCredential: true,
  username: 'svc-mcp',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'gatehouse',
  scope: ' orders:read ',
  reference: 'env:THE_SECRET',
};

test.each([
  ['bearer', 'Bearer token', 'Authorization: Bearer <env:THE_SECRET>'],
  ['header', 'Header', 'X-Api-Key: <env:THE_SECRET>'],
  ['basic', 'Basic', 'svc-mcp:<env:THE_SECRET>'],
  ['client_credentials', 'OAuth client credentials', 'gatehouse:<env:THE_SECRET> at https://login.example.com/token'],
] as const)('%s: a form without problems gives a credential that the server takes', (credentialKind, word, line) => {
  const form = { ...FILLED, credentialKind };
  expect(listCredentialProblems(form)).toEqual({});
  const credential = toCredential(form);
  expect(ServerTransport.safeParse({ kind: 'http', url: 'https://example.com/mcp', credential }).success).toBe(true);
  expect(describeCredentialKind(credential)).toBe(word);
  expect(credential && formatCredential(credential)).toBe(line);
});

test('each kind asks for what it needs, and only for that', () => {
  const empty: CredentialForm = { ...EMPTY_CREDENTIAL, withCredential: true, header: '' };
  const asked = (credentialKind: CredentialForm['credentialKind']) =>
    Object.keys(listCredentialProblems({ ...empty, credentialKind })).toSorted();
  expect(asked('bearer')).toEqual(['reference']);
  expect(asked('header')).toEqual(['header', 'reference']);
  expect(asked('basic')).toEqual(['reference', 'username']);
  expect(asked('client_credentials')).toEqual(['clientId', 'reference', 'tokenUrl']);
  expect(listCredentialProblems({ ...empty, withCredential: false })).toEqual({});
  expect(toCredential({ ...FILLED, withCredential: false })).toBeNull();
});

test('a header that the agent sends itself is no place for a credential, and what was typed stays', () => {
  for (const header of ['Host', 'content-type', 'Mcp-Session-Id', 'User-Agent'])
    expect(listCredentialProblems({ ...FILLED, credentialKind: 'header', header }).header, header).toContain(
      'agent itself sends',
    );
  for (const header of ['Authorization', 'X-Api-Key', 'Cookie', 'Hostess'])
    expect(listCredentialProblems({ ...FILLED, credentialKind: 'header', header }), header).toEqual({});
});

test('a pasted secret is told from a place', () => {
  expect(listCredentialProblems({ ...FILLED, reference: 'ghp_0123456789abcdef0123' }).reference).toContain(
    'looks like the secret',
  );
});

test('a stdio server carries its processes, and no credential', () => {
  const form = {
    ...EMPTY_FORM,
    ...FILLED,
    source: 'handbook',
    name: 'H',
    purpose: 'p',
    agentId: 'a',
    processes: 'per_session' as const,
  };
  expect(listProblems({ ...form, reference: '' })).toEqual({});
  expect(toTransport(form, { kind: 'stdio', entry: 'handbook', suggestedName: 'Handbook' })).toEqual({
    kind: 'stdio',
    entry: 'handbook',
    processes: 'per_session',
  });
});
