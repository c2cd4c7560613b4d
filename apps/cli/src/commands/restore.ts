import { z } from 'zod';

import { verifyBackup } from '@gatehouse/db/backup/read-backup';
import { restoreBackup } from '@gatehouse/db/backup/restore-backup';

import { defineCommand, UsageError } from '../command.ts';
import { readBackupKey, readMigrateEnv } from '../env.ts';
import { describeBackup, toJson } from './backup.ts';

export const restore = defineCommand({
  words: ['restore'],
  summary: 'make a database what it was when a backup was made',
  details: [
    'As the owner of the database (DATABASE_URL), with GATEHOUSE_BACKUP_KEY where the backup is sealed, and the URLs of the processes as for migrate. Stop',
    'console, hub and worker before. The whole file is read before anything is changed, and what it holds comes in one transaction: a file that is cut off,',
    'damaged or of a later release changes nothing. One of an earlier release is restored and then migrated. Sessions of the console end, and links and join',
    'tokens that were not used are withdrawn, because they may have been used since.',
  ],
  options: {
    from: { value: 'FILE', help: 'what gatehouse backup has written' },
    check: { help: 'read the whole file, say what is in it, and leave it at that; asks no database' },
    replace: { help: 'remove what the database holds; else one that holds something is refused' },
  },
  input: z.strictObject({
    from: z.string().min(1),
    check: z.boolean().default(false),
    replace: z.boolean().default(false),
  }),
  async run({ from, check, replace }, { environment }) {
    if (check && replace) throw new UsageError('--check changes nothing, so there is nothing to --replace.');
    const key = readBackupKey(environment);
    if (check) {
      const facts = await verifyBackup(from, key);
      return { lines: ['The file is whole.', ...describeBackup(facts)], json: toJson(facts) };
    }
    const facts = await restoreBackup({ ...readMigrateEnv(environment), file: from, key, replace });
    const { withdrawn, applied } = facts;
    return {
      lines: ['The database is as the backup has it.', ...describeBackup(facts), ...applied.map((name) => `Applied ${name}`)],
      notes: [
        `Withdrawn because somebody may have used them since: ${withdrawn.links} links of accounts, ${withdrawn.joinTokens} join tokens. Everybody signs in anew.`,
        'Start worker, hub and console. Agents bring back receipts and revocations that the backup does not have.',
      ],
      json: { ...toJson(facts), applied, withdrawn },
    };
  },
});
