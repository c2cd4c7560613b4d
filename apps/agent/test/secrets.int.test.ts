import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { createSecretResolver, SecretUnavailable } from '../src/secrets/resolve.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

function makeResolver(environment: Record<string, string>) {
  const dataDir = join(makeTempDir(), 'state');
  mkdirSync(dataDir);
  const known: string[] = [];
  return { dataDir, known, resolve: createSecretResolver({ environment, dataDir, onSecret: (value) => void known.push(value) }) };
}

test('a reference is resolved late and its value is known to the redactor before anybody has it', async () => {
  const { dataDir, known, resolve } = makeResolver({ TOKEN: 'tok-1' });
  const file = join(dataDir, '..', 'token');
  writeFileSync(file, 'tok-2\n');
  expect(await resolve('env:TOKEN')).toBe('tok-1');
  expect(await resolve(`file:${file}`)).toBe('tok-2');
  writeFileSync(file, 'tok-3');
  expect(await resolve(`file:${file}`)).toBe('tok-3');
  expect(known).toEqual(['tok-1', 'tok-2', 'tok-3']);
});

test('T-21: the agent own files and variables can never be sent, nor system files', async () => {
  const { dataDir, known, resolve } = makeResolver({ GATEHOUSE_ENROLL_TOKEN: 'agt', EMPTY: '' });
  writeFileSync(join(dataDir, 'identity.json'), '{}');
  const link = join(dataDir, '..', 'innocent');
  symlinkSync(join(dataDir, 'identity.json'), link);
  const references = [
    'env:GATEHOUSE_ENROLL_TOKEN',
    'env:EMPTY',
    'env:ABSENT',
    `file:${join(dataDir, 'identity.json')}`,
    `file:${dataDir}/../state/identity.json`,
    `file:${link}`,
    'file:/proc/self/environ',
    'file:/dev/zero',
    'file:/no/such/file',
    `file:${dataDir}`,
    'vault:x',
  ];
  for (const reference of references) await expect(resolve(reference), reference).rejects.toThrow(SecretUnavailable);
  expect(known).toEqual([]);
});
