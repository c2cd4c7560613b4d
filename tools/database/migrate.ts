// Brings the database of DATABASE_URL (the owner's) up to date. GATEHOUSE_APP_DATABASE_URL, when set, says which password the application's
// role gets. Both may be given as files: DATABASE_URL_FILE, GATEHOUSE_APP_DATABASE_URL_FILE. Safe to run at every deployment.
import { readFileSync } from 'node:fs';

import { APP_ROLE } from '@gatehouse/db/app-role';
import { migrate } from '@gatehouse/db/migrate';

function read(name: string): string | undefined {
  const file = process.env[`${name}_FILE`];
  return file ? readFileSync(file, 'utf8').trim() : process.env[name];
}

async function migrateDatabase(): Promise<void> {
  const ownerUrl = read('DATABASE_URL');
  if (!ownerUrl) throw new Error('Set DATABASE_URL or DATABASE_URL_FILE to the owner of the database.');
  const appUrl = read('GATEHOUSE_APP_DATABASE_URL');
  const app = appUrl ? new URL(appUrl) : undefined;
  if (app && app.username !== APP_ROLE) throw new Error(`GATEHOUSE_APP_DATABASE_URL must name the role ${APP_ROLE}.`);
  const applied = await migrate({ ownerUrl, ...(app && { appRolePassword: decodeURIComponent(app.password) }) });
  process.stdout.write(applied.length ? `Applied ${applied.join(', ')}\n` : 'The database is up to date\n');
}

try {
  await migrateDatabase();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
