import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { parseEnv } from '../src/env.ts';

const good = {
  GATEHOUSE_CONSOLE_DATABASE_URL: 'postgres://gatehouse_console:secret@localhost:5432/gatehouse',
  GATEHOUSE_SIGNING_KEK: Buffer.alloc(32, 7).toString('base64'),
  NEXTAUTH_SECRET: 'x'.repeat(32),
  NEXTAUTH_URL: 'http://127.0.0.1:3000',
  GATEHOUSE_HUB_PUBLIC_URL: 'ws://127.0.0.1:3001',
};

test('a complete environment is read, the key as bytes', () => {
  const env = parseEnv(good);
  expect(env.GATEHOUSE_SIGNING_KEK).toEqual(Buffer.alloc(32, 7));
  expect(env.GATEHOUSE_LOG_LEVEL).toBe('info');
});

test('all problems are listed at once, without any value', () => {
  const attempt = () =>
    parseEnv({ ...good, NEXTAUTH_SECRET: 'short-one', GATEHOUSE_SIGNING_KEK: 'QUJD', NEXTAUTH_URL: undefined });
  expect(attempt).toThrow(/NEXTAUTH_SECRET/);
  expect(attempt).toThrow(/GATEHOUSE_SIGNING_KEK: must be 32 bytes/);
  expect(attempt).toThrow(/NEXTAUTH_URL/);
  expect(attempt).not.toThrow(/short-one/);
});

test('a secret may come from a file, and a missing file is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-env-'));
  try {
    const file = join(folder, 'secret');
    writeFileSync(file, `${'y'.repeat(40)}\n`);
    expect(parseEnv({ ...good, NEXTAUTH_SECRET: undefined, NEXTAUTH_SECRET_FILE: file }).NEXTAUTH_SECRET).toBe('y'.repeat(40));
    expect(() => parseEnv({ ...good, NEXTAUTH_SECRET_FILE: join(folder, 'absent') })).toThrow(
      /NEXTAUTH_SECRET_FILE: .*absent cannot be read/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
