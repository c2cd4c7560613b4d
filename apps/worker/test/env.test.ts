import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readEnv } from '../src/env.ts';

const complete = {
  GATEHOUSE_WORKER_DATABASE_URL: 'postgresql://gatehouse_worker@127.0.0.1/db',
  GATEHOUSE_SIGNING_KEK: Buffer.alloc(32, 7).toString('base64'),
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-worker-env-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a complete environment is read, with defaults', () => {
  const env = readEnv(complete);
  expect(env.GATEHOUSE_SIGNING_KEK.equals(Buffer.alloc(32, 7))).toBe(true);
  expect(env).toMatchObject({ GATEHOUSE_WORKER_PORT: 3002, GATEHOUSE_LOG_LEVEL: 'info' });
  expect(env.REDIS_URL).toBeUndefined();
});

test('a secret can be a file, and an empty variable is none', () => {
  const file = join(folder, 'kek');
  writeFileSync(file, `${Buffer.alloc(32, 9).toString('base64')}\n`);
  const { GATEHOUSE_SIGNING_KEK: _, ...rest } = complete;
  const env = readEnv({ ...rest, GATEHOUSE_SIGNING_KEK_FILE: file, REDIS_URL: '' });
  expect(env.GATEHOUSE_SIGNING_KEK.equals(Buffer.alloc(32, 9))).toBe(true);
});

test('every problem is listed at once, without a value', () => {
  const secret = Buffer.from('too short').toString('base64');
  const attempt = () =>
    readEnv({
      GATEHOUSE_SIGNING_KEK: secret,
      GATEHOUSE_WORKER_DATABASE_URL_FILE: '/nowhere/url',
      GATEHOUSE_WORKER_PORT: 'many',
      REDIS_URL: 'http://x',
    });
  for (const name of [
    'GATEHOUSE_WORKER_DATABASE_URL',
    'GATEHOUSE_WORKER_DATABASE_URL_FILE',
    'GATEHOUSE_SIGNING_KEK',
    'GATEHOUSE_WORKER_PORT',
    'REDIS_URL',
  ]) {
    expect(attempt).toThrow(name);
  }
  expect(attempt).not.toThrow(secret);
});

test('a secret given twice is refused', () => {
  expect(() => readEnv({ ...complete, GATEHOUSE_SIGNING_KEK_FILE: join(folder, 'kek') })).toThrow(/keep one/);
});
