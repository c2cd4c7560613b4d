import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';

import {
  createDatabaseUrlSchema,
  EnvironmentError,
  LogLevel,
  PoolSize,
  Port,
  readEnvironment,
  SigningKek,
} from '../src/environment.ts';

const Env = z.object({
  DATABASE_URL: createDatabaseUrlSchema('gatehouse_hub'),
  KEK: SigningKek,
  PORT: Port.default(1),
  POOL: PoolSize.default(2),
  NAME: z.string().min(3).default('abc'),
  LOG_LEVEL: LogLevel,
});
const GOOD = { DATABASE_URL: 'postgres://gatehouse_hub:pw@localhost/x', KEK: Buffer.alloc(32).toString('base64') };

function listProblems(source: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(Env, ['DATABASE_URL', 'KEK'], source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message.split('\n');
    throw error;
  }
}

test('a database URL of another process, of the owner or of nobody is refused without its password', () => {
  for (const user of ['gatehouse_console:secret@', 'postgres:secret@', '']) {
    const problems = listProblems({ ...GOOD, DATABASE_URL: `postgres://${user}localhost/x` });
    expect(problems).toEqual(['DATABASE_URL: must name the role gatehouse_hub']);
  }
});

test('each problem is a sentence that begins with the name of its variable', () => {
  expect(listProblems({})).toEqual(['DATABASE_URL: is needed', 'KEK: is needed']);
  const wrong = { DATABASE_URL: 'mysql://x', KEK: '!', PORT: '70000', POOL: '1', NAME: 'a', LOG_LEVEL: 'loud' };
  expect(listProblems(wrong)).toEqual([
    'DATABASE_URL: must be a URL that begins with postgres:// or postgresql://',
    'KEK: must be base64',
    'PORT: must be at most 65535',
    'POOL: must be at least 2',
    'NAME: must have at least 3 characters',
    'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent',
  ]);
  expect(listProblems({ ...GOOD, KEK: 'QUJD', PORT: 'http', POOL: '2.5' })).toEqual([
    'KEK: must be 32 bytes in base64',
    'PORT: must be a number',
    'POOL: must be a whole number',
  ]);
});

test('a file variable that is empty, and one whose file is empty or absent, are told as that', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-environment-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [empty, absent] = [join(folder, 'empty'), join(folder, 'absent')];
  writeFileSync(empty, '\n');
  const { DATABASE_URL } = GOOD;
  expect(listProblems({ DATABASE_URL, KEK_FILE: '' })).toEqual(['KEK: is needed; KEK_FILE is set, but empty']);
  expect(listProblems({ DATABASE_URL, KEK_FILE: empty })).toEqual([`KEK: is needed; KEK_FILE is set, but ${empty} is empty`]);
  expect(listProblems({ DATABASE_URL, KEK_FILE: absent })).toEqual([`KEK_FILE: ${absent} cannot be read`]);
  expect(listProblems({ ...GOOD, KEK_FILE: '' })).toEqual([]);
  expect(readEnvironment(z.object({ TOKEN: z.string().optional() }), ['TOKEN'], { TOKEN_FILE: empty })).toEqual({});
});
