import { open, rm } from 'node:fs/promises';

import { z } from 'zod';

import type { BackupFacts } from '@gatehouse/db/backup/manifest';
import { writeBackup } from '@gatehouse/db/backup/write-backup';

import manifest from '../../package.json' with { type: 'json' };
import { defineCommand, UsageError } from '../command.ts';
import { readBackupEnv } from '../env.ts';
import { describeFault } from '../fault.ts';

export const backup = defineCommand({
  words: ['backup'],
  summary: 'write all that the database holds, as of one moment, while the processes go on',
  details: [
    'As a role that reads every row (DATABASE_URL): a superuser, or one with BYPASSRLS in pg_read_all_data; not the owner. No pg_dump is needed.',
    'The file holds hashes of passwords and client keys, personal data, receipts, and the signing keys as they are sealed under the key-encryption key,',
    'never that key. With GATEHOUSE_BACKUP_KEY it is sealed with AES-256-GCM, and only then is a file that somebody changed told from one that is whole.',
  ],
  options: { out: { value: 'FILE', help: 'made new, for its owner alone, never written over; without it standard output' } },
  input: z.strictObject({ out: z.string().min(1).optional() }),
  async run({ out }, { environment, json }) {
    if (out === undefined && json) throw new UsageError('--json prints JSON where the backup would go: name a file with --out.');
    if (out === undefined && process.stdout.isTTY) {
      throw new UsageError('Standard output is a terminal: name a file with --out, or send the backup into a program.');
    }
    const { url, key } = readBackupEnv(environment);
    const options = { url, key, version: manifest.version };
    const facts = out === undefined ? await writeBackup({ ...options, sink: process.stdout }) : await writeInto(out, options);
    return { lines: out === undefined ? [] : [out], notes: describeBackup(facts), json: { file: out, ...toJson(facts) } };
  },
});

/** A file that did not come to its end is removed: nobody is to take it for a backup. */
async function writeInto(out: string, options: Omit<Parameters<typeof writeBackup>[0], 'sink'>): Promise<BackupFacts> {
  const file = await open(out, 'wx', 0o600).catch((cause: unknown) => {
    throw new Error(`${out} cannot be written: ${describeFault(cause)}.`, { cause });
  });
  try {
    return await writeBackup({ ...options, sink: file.createWriteStream({ flush: true }) });
  } catch (error) {
    await file.close();
    await rm(out, { force: true });
    throw error;
  }
}

/** What is in a backup, in a sentence. */
export function describeBackup({ manifest: { madeAt, version, migrations, sealed }, tables, rows }: BackupFacts): string[] {
  return [
    `${rows} rows of ${tables} tables as of ${madeAt}, by release ${version}, up to migration ${migrations.at(-1)}${sealed ? '' : '. It is not sealed: set GATEHOUSE_BACKUP_KEY_FILE for that'}.`,
  ];
}

/** The same for --json. */
export function toJson({ manifest: { madeAt, version, migrations, sealed }, tables, rows }: BackupFacts) {
  return { madeAt, version, migration: migrations.at(-1), sealed, tables, rows };
}
