import { z } from 'zod';

import { migrate } from '@gatehouse/db/migrate';

import { defineCommand } from '../command.ts';
import { readMigrateEnv } from '../env.ts';

export const migrateCommand = defineCommand({
  words: ['migrate'],
  summary: 'bring the database up to date',
  details: [
    'As the owner of the database (DATABASE_URL). Makes tables, roles and rights, and gives the role of each process the password that its own',
    'variable has (GATEHOUSE_CONSOLE_DATABASE_URL, GATEHOUSE_HUB_DATABASE_URL, GATEHOUSE_WORKER_DATABASE_URL), where that is set.',
    'Safe to run at every deployment, before the processes of the new release start, and several times at once.',
  ],
  options: {},
  input: z.strictObject({}),
  async run(_, { environment }) {
    const applied = await migrate(readMigrateEnv(environment));
    const lines = applied.length > 0 ? applied.map((name) => `Applied ${name}`) : ['The database is up to date.'];
    return { lines, json: { applied } };
  },
});
