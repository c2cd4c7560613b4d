import { pipeline } from 'node:stream/promises';

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { applyMigrations, migrate, type MigrateOptions } from '../migrate.ts';
import { PRISMA_DIR, readMigrations } from '../migration-files.ts';
import { readMigrationState } from '../migration-state.ts';
import { PROCESS_ROLES } from '../process-roles.ts';
import { ensureReceiptPartitions } from '../receipt-partitions.ts';
import { SAME_TEXT } from './copy-text.ts';
import type { BackupFacts, BackupManifest } from './manifest.ts';
import { readBackup, verifyBackup } from './read-backup.ts';
import { listProductTables, type ProductTable } from './tables.ts';

export interface RestoreOptions extends Pick<MigrateOptions, 'ownerUrl' | 'passwords'> {
  file: string;
  /** null: there is none */
  key: Buffer | null;
  /** what the database holds is removed, in the transaction that brings what the backup holds */
  replace: boolean;
}

export interface RestoreFacts extends BackupFacts {
  /** migrations that the backup did not have and the database has now */
  applied: string[];
  /** that somebody may have used since the backup, so that they count no more */
  withdrawn: { links: number; joinTokens: number };
}

/**
 * Makes a database what it was when the backup was made, as its owner: the migrations that the backup had, all rows in one transaction, and then the
 * migrations that came later. The whole file is read before anything is changed. Throws a sentence, and leaves what the database held, when the file is
 * cut off, damaged, changed or of a later release, when the database holds something and `replace` is not said, and while a process is connected.
 * One that is ended half-way has changed nothing either, or is done but for the migrations that came later: it may be run again.
 */
export async function restoreBackup({ ownerUrl, passwords, file, key, replace }: RestoreOptions): Promise<RestoreFacts> {
  const { manifest } = await verifyBackup(file, key);
  await requireMigrations(ownerUrl, manifest);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await requireNobody(client);
    await requireRoom(client, replace);
    await applyMigrations(ownerUrl, PRISMA_DIR, manifest.migrations);
    await makePartitions(ownerUrl, manifest.months);
    await client.query(`BEGIN; ${SAME_TEXT} SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '1min'`);
    const facts = await loadTables(client, { file, key });
    const withdrawn = await withdrawUnused(client);
    await client.query('COMMIT');
    return { ...facts, withdrawn, applied: await migrateRestored({ ownerUrl, passwords }) };
  } finally {
    await client.end();
  }
}

/** The rows are there for good by now, and whoever reads of a failure has to know that. */
async function migrateRestored(options: Pick<MigrateOptions, 'ownerUrl' | 'passwords'>): Promise<string[]> {
  try {
    return await migrate(options);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The database is as the backup has it, and could not be brought to this release: ${said} Run gatehouse migrate before anything is started.`,
      { cause },
    );
  }
}

/** The database can be brought to the migrations of the backup, and this release knows all of them. */
async function requireMigrations(ownerUrl: string, { migrations, version }: BackupManifest): Promise<void> {
  const known = (await readMigrations(PRISMA_DIR)).migrationDirectories.map(({ path }) => path);
  const later = migrations.filter((name) => !known.includes(name));
  if (later.length > 0) {
    throw new Error(
      `The backup is of a later release than this one (${version}, with ${later.at(-1)}): restore it with that release.`,
    );
  }
  const { missing, unknown } = await readMigrationState(ownerUrl);
  const applied = known.filter((name) => !missing.includes(name));
  const ahead = [...unknown, ...applied.filter((name) => !migrations.includes(name))];
  if (ahead.length > 0) {
    throw new Error(
      `The database has a migration that the backup does not have (${ahead.at(-1)}). Make an empty database and restore into that one; it is migrated afterwards.`,
    );
  }
}

/** A process that goes on would go on with what it knew of the database of before. */
async function requireNobody(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT DISTINCT usename::text AS name FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY ($1) ORDER BY 1',
    [Object.values(PROCESS_ROLES)],
  );
  if (rows.length === 0) return;
  throw new Error(
    `Console, hub and worker have to be stopped first: ${rows.map(({ name }) => name).join(', ')} ${rows.length === 1 ? 'is' : 'are'} connected to the database.`,
  );
}

/**
 * Row security binds the owner too, and what it answers with nothing says nothing. So it is not forced for these tables while `act` runs, and is again
 * afterwards. In a transaction, which has to be rolled back when this throws: nobody else ever sees the tables without.
 */
async function runWithoutRowSecurity<T>(client: pg.Client, tables: readonly ProductTable[], act: () => Promise<T>): Promise<T> {
  const setForced = async (forced: boolean) => {
    for (const table of tables)
      await runAsOwner(client, table, () =>
        client.query(`ALTER TABLE ${table.name} ${forced ? '' : 'NO '}FORCE ROW LEVEL SECURITY`),
      );
  };
  await setForced(false);
  const result = await act();
  await setForced(true);
  return result;
}

/** With the rights of the table's owner, in a transaction that is rolled back when this throws. */
async function runAsOwner<T>(client: pg.Client, { owner }: ProductTable, act: () => Promise<T>): Promise<T> {
  await client.query(`SET LOCAL ROLE ${pg.escapeIdentifier(owner)}`);
  const result = await act();
  await client.query('RESET ROLE');
  return result;
}

async function requireRoom(client: pg.Client, replace: boolean): Promise<void> {
  if (replace) return;
  await client.query(`BEGIN; SET LOCAL lock_timeout = '1min'`);
  try {
    for (const table of await listProductTables(client)) {
      const look = () => runAsOwner(client, table, () => client.query(`SELECT FROM ${table.name} LIMIT 1`));
      const { rows } = await runWithoutRowSecurity(client, [table], look);
      if (rows.length > 0) {
        throw new Error('The database holds data. Restore into an empty one, or say --replace to have what it holds removed.');
      }
    }
  } finally {
    await client.query('ROLLBACK');
  }
}

/** One for each month that had one, so that receipts do not have to be moved there later. */
async function makePartitions(ownerUrl: string, months: readonly string[]): Promise<void> {
  const [first] = months;
  if (first === undefined) return;
  await ensureReceiptPartitions(ownerUrl, {
    now: new Date(`${first}-01T00:00:00Z`),
    monthsAhead: countMonths(first, new Date()) + 2,
  });
}

/** Whole months from one, as 2026-11, to the one of a date. */
function countMonths(from: string, to: Date): number {
  const [year = 0, month = 0] = from.split('-').map(Number);
  return Math.max(0, (to.getUTCFullYear() - year) * 12 + to.getUTCMonth() + 1 - month);
}

/** Everything out and the rows of the file in, in the order of the file, which is the one that references ask for. */
async function loadTables(client: pg.Client, { file, key }: Pick<RestoreOptions, 'file' | 'key'>): Promise<BackupFacts> {
  const tables = await listProductTables(client);
  return runWithoutRowSecurity(client, tables, async () => {
    await client.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`);
    // Whoever connects from now on reads nothing before the end: the tables are locked. Who came while the file was read is found here.
    await requireNobody(client);
    return readBackup(file, key, async ({ table: name, columns }, rows) => {
      const table = tables.find((known) => known.name === name);
      const unknown = columns.find((column) => table?.columns.includes(column) !== true);
      if (!table || unknown !== undefined) {
        throw new Error(
          `The backup has ${table ? `a column ${unknown} of ${name}` : `a table ${name}`} that its migrations do not make.`,
        );
      }
      const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
      await runAsOwner(client, table, () => pipeline(rows, client.query(copyFrom(`COPY ${table.name} (${list}) FROM STDIN`))));
    });
  });
}

/** What works once may have been used since, and would work a second time. */
async function withdrawUnused(client: pg.Client): Promise<RestoreFacts['withdrawn']> {
  const tables = await listProductTables(client);
  const withdraw = async (name: string, column: string) => {
    const table = tables.filter((known) => known.name === name);
    const sql = `UPDATE ${name} SET ${column} = now() WHERE used_at IS NULL AND ${column} IS NULL AND expires_at > now()`;
    return (await runWithoutRowSecurity(client, table, () => client.query(sql))).rowCount ?? 0;
  };
  return {
    links: await withdraw('public.account_token', 'withdrawn_at'),
    joinTokens: await withdraw('public.join_token', 'revoked_at'),
  };
}
