import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { makeFolders } from '@gatehouse/process/folders';

import { defineCommand, UsageError } from '../command.ts';
import { describeFault } from '../fault.ts';

/** What is made: the file, the variable that is given it, how it is written. */
const KEYS = [
  { file: 'signing-kek', variable: 'GATEHOUSE_SIGNING_KEK', encoding: 'base64' },
  { file: 'nextauth-secret', variable: 'NEXTAUTH_SECRET', encoding: 'base64url' },
  { file: 'ops-token', variable: 'GATEHOUSE_OPS_TOKEN', encoding: 'base64url' },
  { file: 'backup-key', variable: 'GATEHOUSE_BACKUP_KEY', encoding: 'base64' },
] as const;
const BYTES = 32;

export const keysGenerate = defineCommand({
  words: ['keys', 'generate'],
  summary: 'make the key-encryption key, the secret of sessions, the operations token and the key of backups',
  details: [
    'Each is 32 random bytes, in a file of its own that its owner alone may read. A file that is there already is never written over, because what',
    'was sealed under a lost key cannot be opened again: keep copies of signing-kek and backup-key, apart from the backups of the database.',
  ],
  options: {
    out: { value: 'FOLDER', help: `where the files go: ${KEYS.map(({ file }) => file).join(', ')}` },
    print: { help: 'print them as variables instead' },
  },
  input: z.strictObject({ out: z.string().min(1).optional(), print: z.boolean().default(false) }),
  run({ out, print }) {
    if (print === (out !== undefined)) throw new UsageError('Say either --out FOLDER or --print.');
    const made = KEYS.map((key) => ({ ...key, value: randomBytes(BYTES).toString(key.encoding) }));
    if (out === undefined) {
      return Promise.resolve({
        lines: made.map(({ variable, value }) => `${variable}=${value}`),
        json: Object.fromEntries(made.map(({ variable, value }) => [variable, value])),
      });
    }
    makeFolders(out);
    const results = made.map(({ file, variable, value }) => ({
      path: join(out, file),
      variable,
      isNew: writeNewFile(join(out, file), value),
    }));
    return Promise.resolve({
      lines: results.map(({ path, variable, isNew }) => `${isNew ? 'made' : 'kept'} ${path} for ${variable}_FILE`),
      json: { files: results },
    });
  },
});

/** False when there is a file already, which stays as it is. */
function writeNewFile(path: string, value: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new Error(`${path} cannot be written: ${describeFault(error)}.`, { cause: error });
  }
  try {
    writeSync(file, `${value}\n`);
    fsyncSync(file);
    return true;
  } finally {
    closeSync(file);
  }
}
