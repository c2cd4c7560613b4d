import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { EnvironmentError } from '@gatehouse/process/environment';

import { readBridgeEnv, readEnv, takeEnv } from '../src/env.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

test('defaults stand without any variable; empty ones count as unset', () => {
  const env = readEnv({ GATEHOUSE_LOG_LEVEL: '', GATEHOUSE_DATA_DIR: '/srv/agent/state' });
  expect(env).toMatchObject({
    enrollToken: null,
    dataDir: '/srv/agent/state',
    guardrailsFile: '/srv/agent/guardrails.yaml',
    listen: { host: '127.0.0.1', port: 7300 },
    logLevel: 'info',
  });
});

test('every problem is listed at once', () => {
  const source = {
    GATEHOUSE_LISTEN: '0.0.0.0:7300',
    GATEHOUSE_LOG_LEVEL: 'loud',
    GATEHOUSE_ENROLL_TOKEN: 'a',
    GATEHOUSE_ENROLL_TOKEN_FILE: '/nowhere',
  };
  const error = (() => {
    try {
      readEnv(source);
      return null;
    } catch (reason) {
      return reason;
    }
  })();
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(String(error).split('\n')).toHaveLength(5);
});

/** The lines of the error, or none. */
function listProblems(source: Record<string, string>): string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message.split('\n');
    throw error;
  }
}

test('listening for others needs TLS, and a name when every address is meant', () => {
  const tls = { GATEHOUSE_TLS_CERT_FILE: '/tls/tls.crt', GATEHOUSE_TLS_KEY_FILE: '/tls/tls.key' };
  expect(listProblems({ GATEHOUSE_LISTEN: '10.0.0.7:7300' })).toEqual([
    expect.stringMatching(/^GATEHOUSE_LISTEN: is not a loopback address/),
  ]);
  expect(listProblems({ GATEHOUSE_LISTEN: '10.0.0.7:7300', ...tls })).toEqual([]);
  for (const every of ['0.0.0.0:7300', '[::]:7300', '[0:0:0:0:0:0:0:0]:7300']) {
    expect(listProblems({ GATEHOUSE_LISTEN: every, ...tls })).toEqual([
      expect.stringMatching(/^GATEHOUSE_LISTEN: means every address: set GATEHOUSE_PUBLIC_HOSTS/),
    ]);
  }
  const { GATEHOUSE_TLS_CERT_FILE } = tls;
  expect(listProblems({ GATEHOUSE_TLS_CERT_FILE })).toEqual([expect.stringContaining('are needed together')]);
  const env = readEnv({
    GATEHOUSE_LISTEN: '0.0.0.0:7300',
    ...tls,
    GATEHOUSE_PUBLIC_HOSTS: 'Agent.Example, 10.0.0.7:7300,[::1]:7300',
  });
  expect(env).toMatchObject({
    tls: { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key' },
    publicHosts: ['agent.example', '10.0.0.7:7300', '[::1]:7300'],
    drainSeconds: 10,
  });
  for (const name of ['https://agent.example', 'agent.example/p', 'a b', 'user@agent.example', 'agent.example:99999']) {
    expect(listProblems({ GATEHOUSE_PUBLIC_HOSTS: name }), name).toHaveLength(1);
  }
  expect(listProblems({ GATEHOUSE_DRAIN_SECONDS: 'soon' })).toEqual([expect.stringContaining('GATEHOUSE_DRAIN_SECONDS')]);
});

test('connections of one address are as many as the site says', () => {
  expect(readEnv({}).inFlightMb).toBe(16);
  expect(readEnv({ GATEHOUSE_IN_FLIGHT_MB: '64' }).inFlightMb).toBe(64);
  expect(() => readEnv({ GATEHOUSE_IN_FLIGHT_MB: '7' })).toThrow(/GATEHOUSE_IN_FLIGHT_MB/);
  expect(readEnv({}).connectionsPerAddress).toBeNull();
  expect(readEnv({ GATEHOUSE_CONNECTIONS_PER_ADDRESS: '3000' }).connectionsPerAddress).toBe(3_000);
  for (const text of ['0', '10001', 'many', '1.5'])
    expect(listProblems({ GATEHOUSE_CONNECTIONS_PER_ADDRESS: text })).toEqual([
      expect.stringContaining('GATEHOUSE_CONNECTIONS_PER_ADDRESS'),
    ]);
});

test('a proxy that cannot be read is a problem, told without its value', () => {
  expect(listProblems({ HTTPS_PROXY: 'canary:1' })).toEqual([expect.not.stringContaining('canary')]);
  expect(readEnv({ HTTPS_PROXY: 'http://u:canary@proxy:3128' }).proxy?.host).toBe('proxy:3128');
});

test('listen takes IPv6 and refuses what is no loopback address', () => {
  expect(readEnv({ GATEHOUSE_LISTEN: '[::1]:7301' }).listen).toEqual({ host: '::1', port: 7301 });
  for (const listen of ['10.0.0.1:1', 'agent.example:7300', '7300', '127.0.0.1:99999']) {
    expect(() => readEnv({ GATEHOUSE_LISTEN: listen }), listen).toThrow(EnvironmentError);
  }
  expect(listProblems({ GATEHOUSE_LISTEN: '0.0.0.0:70000' })).toContain('GATEHOUSE_LISTEN: must be a port up to 65535');
});

test('a file of a one-time token may be emptied; an empty file of a key that is needed is named', () => {
  const empty = join(makeTempDir(), 'empty');
  writeFileSync(empty, '');
  expect(readEnv({ GATEHOUSE_ENROLL_TOKEN_FILE: empty }).enrollToken).toBeNull();
  expect(() => readBridgeEnv({ GATEHOUSE_CLIENT_KEY_FILE: empty })).toThrow(
    `from its Connect page; GATEHOUSE_CLIENT_KEY_FILE is set, but ${empty} is empty`,
  );
});

test('names that mean nothing are reported, not dropped', () => {
  expect(readEnv({ GATEHOUSE_LISTNE: 'x', GATEHOUSE_LISTEN: '127.0.0.1:1' }).unknown).toEqual(['GATEHOUSE_LISTNE']);
});

test('T-01: the join token does not stay in the environment that servers and references are given', () => {
  const source: Record<string, string | undefined> = { GATEHOUSE_ENROLL_TOKEN: 'agt_enroll_x', HOME: '/root' };
  const env = takeEnv(source);
  expect(env.enrollToken).toBe('agt_enroll_x');
  expect([Object.keys(source), Object.keys(env.environment)]).toEqual([['HOME'], ['HOME']]);
});
