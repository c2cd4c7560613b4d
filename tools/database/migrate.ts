// Brings the database of DATABASE_URL (the owner's) up to date. GATEHOUSE_CONSOLE_DATABASE_URL, GATEHOUSE_HUB_DATABASE_URL and
// GATEHOUSE_WORKER_DATABASE_URL, where they are set, say which password the role of that process gets. Each may be given as a file,
// by a variable that ends in _FILE. Safe to run at every deployment.
import { readFileSync } from 'node:fs';

import { migrate } from '@gatehouse/db/migrate';
import { PROCESS_NAMES, PROCESS_ROLES, type PerProcess } from '@gatehouse/db/process-roles';

function read(name: string): string | undefined {
  const file = process.env[`${name}_FILE`];
  return file ? readFileSync(file, 'utf8').trim() : process.env[name];
}

function readPasswords(): Partial<PerProcess<string>> {
  const passwords: Partial<PerProcess<string>> = {};
  for (const name of PROCESS_NAMES) {
    const variable = `GATEHOUSE_${name.toUpperCase()}_DATABASE_URL`;
    const given = read(variable);
    if (!given) continue;
    const url = new URL(given);
    if (url.username !== PROCESS_ROLES[name]) throw new Error(`${variable} must name the role ${PROCESS_ROLES[name]}.`);
    passwords[name] = decodeURIComponent(url.password);
  }
  return passwords;
}

async function migrateDatabase(): Promise<void> {
  const ownerUrl = read('DATABASE_URL');
  if (!ownerUrl) throw new Error('Set DATABASE_URL or DATABASE_URL_FILE to the owner of the database.');
  const applied = await migrate({ ownerUrl, passwords: readPasswords() });
  process.stdout.write(applied.length ? `Applied ${applied.join(', ')}\n` : 'The database is up to date\n');
}

try {
  await migrateDatabase();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
