// Fails when prisma/schema and prisma/migrations do not say the same, and prints the SQL that a new migration would need. Replays the
// migrations in a scratch database: on the server of GATEHOUSE_TEST_DATABASE_URL, else on an embedded one that lives as long as the check.
// An optional argument names another prisma folder.
import { resolve } from 'node:path';

import { PRISMA_DIR } from '@gatehouse/db/migration-files';
import { diffSchema } from '@gatehouse/db/schema-diff';
import { startTestPostgres } from '@gatehouse/db/testing/postgres-server';

const [folder] = process.argv.slice(2);
const server = await startTestPostgres(process.env.GATEHOUSE_TEST_DATABASE_URL);
try {
  const difference = await diffSchema(server.ownerUrl, folder ? resolve(folder) : PRISMA_DIR);
  if (difference) {
    process.stderr.write(
      `The data model and the migrations differ:\n${difference.summary}\nA migration would hold:\n\n${difference.sql}\n`,
    );
    process.exitCode = 1;
  } else {
    process.stdout.write('The data model and the migrations agree\n');
  }
} finally {
  await server.stop();
}
