import { expect, test } from 'vitest';

import { EnvError, readEnv } from '../src/env.ts';

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
  expect(error).toBeInstanceOf(EnvError);
  expect(String(error).split('\n')).toHaveLength(4);
});

test('listen takes IPv6 and refuses what is no loopback address', () => {
  expect(readEnv({ GATEHOUSE_LISTEN: '[::1]:7301' }).listen).toEqual({ host: '::1', port: 7301 });
  for (const listen of ['10.0.0.1:1', 'agent.example:7300', '7300', '127.0.0.1:99999']) {
    expect(() => readEnv({ GATEHOUSE_LISTEN: listen }), listen).toThrow(EnvError);
  }
});

test('names that mean nothing are reported, not dropped', () => {
  expect(readEnv({ GATEHOUSE_LISTNE: 'x', GATEHOUSE_LISTEN: '127.0.0.1:1' }).unknown).toEqual(['GATEHOUSE_LISTNE']);
});
