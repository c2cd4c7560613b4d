import { expect, test } from 'vitest';

import type { ClientCredentials, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { CredentialBindings } from '../../../src/config/credential-bindings.ts';
import { checkServer, type Guardrails } from '../../../src/config/guardrails.ts';
import { realDisk } from '../../../src/state/disk.ts';
import { openStateDir } from '../../../src/state/state-dir.ts';
import { STRICT } from '../../support/control-plane/site.ts';
import { makeTempDir } from '../../support/disk/temp-dir.ts';
import { makeRestServer } from '../../support/servers/rest.ts';

function makeOauthServer(baseUrl: string, overrides: Partial<ClientCredentials> = {}): SnapshotServer {
  return makeRestServer(baseUrl, {
    kind: 'client_credentials',
    tokenUrl: 'https://login.example/token',
    clientId: 'c',
    reference: 'env:CLIENT_SECRET',
    scope: null,
    clientAuthentication: 'basic',
    ...overrides,
  });
}

const makeHeaderServer = (baseUrl: string, reference = 'env:CLIENT_SECRET') =>
  makeRestServer(baseUrl, { kind: 'header', header: 'X-Key', prefix: '', reference });

test('T-21: a client secret is bound to its token endpoint and its token to the server, also over a restart', async () => {
  const path = makeTempDir();
  const open = (guardrails: Guardrails = STRICT) => new CredentialBindings(openStateDir(path, realDisk), guardrails);
  const bindings = open();
  const good = makeOauthServer('https://api.example/v1');
  expect(bindings.check([good])).toEqual([]);
  await bindings.learn([good]);

  for (const again of [bindings, open()]) {
    expect(again.check([makeOauthServer('https://api.example/v2', { scope: 'more', clientId: 'd' })])).toEqual([]);
    expect(again.check([makeOauthServer('https://evil.example')])).toEqual([
      expect.stringContaining('token of env:CLIENT_SECRET is bound to https://api.example') as string,
    ]);
    expect(again.check([makeOauthServer('https://api.example', { tokenUrl: 'https://evil.example/token' })])).toEqual([
      expect.stringContaining('env:CLIENT_SECRET is bound to https://login.example') as string,
    ]);
    // the secret itself goes to no server, not even to the one that gets its tokens
    expect(again.check([makeHeaderServer('https://api.example')])).toHaveLength(1);
    expect(again.check([makeHeaderServer('https://other.example', 'env:OTHER')])).toEqual([]);
    await expect(again.learn([makeOauthServer('https://evil.example')])).rejects.toThrow('evil.example');
  }
});

test('T-21: with origins named in the guardrails both places of a client secret must be among them', () => {
  const named = (origins: string[]) =>
    new CredentialBindings(openStateDir(makeTempDir(), realDisk), {
      ...STRICT,
      credentials: new Map([['env:CLIENT_SECRET', origins]]),
    });
  const good = makeOauthServer('https://api.example/v1');
  expect(named(['https://login.example', 'https://api.example']).check([good])).toEqual([]);
  expect(named(['https://login.example']).check([good])).toHaveLength(1);
  expect(named(['https://api.example']).check([good])).toHaveLength(1);
  expect(named([]).check([good])).toHaveLength(2);
});

test('the guardrails bound the address of the API and that of its token endpoint', () => {
  const only = (hosts: string[]): Guardrails => ({ ...STRICT, http: { hosts, privateHosts: [] } });
  const good = makeOauthServer('https://api.example/v1');
  expect(checkServer(only([]), good)).toEqual([]);
  expect(checkServer(only(['api.example', 'login.example']), good)).toEqual([]);
  expect(checkServer(only(['api.example']), good)).toEqual([expect.stringContaining('login.example') as string]);
  expect(checkServer(only(['login.example']), good)).toEqual([expect.stringContaining('api.example') as string]);
  expect(checkServer(STRICT, makeOauthServer('http://api.example', { tokenUrl: 'http://login.example' }))).toHaveLength(2);
  expect(checkServer(STRICT, makeRestServer('https://user:pass@api.example'))).toHaveLength(1);
});
