import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readEnv } from '../src/env.ts';

const url = 'postgres://gatehouse_hub:pw@localhost/gatehouse';

test('what is not set has a default', () => {
  expect(readEnv({ GATEHOUSE_HUB_DATABASE_URL: url, REDIS_URL: '' })).toEqual({
    GATEHOUSE_HUB_DATABASE_URL: url,
    GATEHOUSE_DATABASE_POOL: 20,
    GATEHOUSE_LOG_LEVEL: 'info',
    GATEHOUSE_TRUSTED_PROXIES: 0,
    GATEHOUSE_HUB_PORT: 3001,
    GATEHOUSE_HUB_HOST: '127.0.0.1',
    GATEHOUSE_HUB_PUBLIC_URL: 'ws://127.0.0.1:3001',
  });
});

test('a secret can come from a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-hub-env-')), 'url');
  writeFileSync(file, `${url}\n`);
  expect(readEnv({ GATEHOUSE_HUB_DATABASE_URL_FILE: file }).GATEHOUSE_HUB_DATABASE_URL).toBe(url);
  expect(() => readEnv({ GATEHOUSE_HUB_DATABASE_URL_FILE: file, GATEHOUSE_HUB_DATABASE_URL: url })).toThrow('keep one');
});

test('all problems are listed at once, without values', () => {
  const wrong = {
    GATEHOUSE_HUB_PORT: 'secret-text',
    REDIS_URL: 'http://secret-text',
    GATEHOUSE_HUB_DATABASE_URL_FILE: '/nowhere',
  };
  const message = (() => {
    try {
      return JSON.stringify(readEnv(wrong));
    } catch (error) {
      return String(error);
    }
  })();
  for (const name of ['GATEHOUSE_HUB_PORT', 'REDIS_URL', 'GATEHOUSE_HUB_DATABASE_URL', 'GATEHOUSE_HUB_DATABASE_URL_FILE']) {
    expect(message).toContain(`${name}`);
  }
  expect(message).not.toContain('secret-text');
});
