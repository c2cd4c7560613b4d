import pg from 'pg';

import { PRISMA_DIR, readMigrations } from './migration-files.ts';

/** How a database stands to the migrations of this release. Names of migrations. */
export interface MigrationState {
  /** the last that was applied; null: none */
  newest: string | null;
  /** of this release, and not applied */
  missing: string[];
  /** applied, and unknown here: the database is of a later release */
  unknown: string[];
}

/** Reads it as the owner; the processes' roles do not see it. */
export async function readMigrationState(ownerUrl: string, prismaDir = PRISMA_DIR): Promise<MigrationState> {
  const { migrationDirectories } = await readMigrations(prismaDir);
  const known = migrationDirectories.map(({ path }) => path);
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const applied = await readAppliedMigrations(client);
    return {
      newest: applied.at(-1) ?? null,
      missing: known.filter((name) => !applied.includes(name)),
      unknown: applied.filter((name) => !known.includes(name)),
    };
  } finally {
    await client.end();
  }
}

/** Names of the migrations that were applied, in their order; none where there is no database of this product. For the owner, or who reads all. */
export async function readAppliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query(`SELECT WHERE to_regclass('_prisma_migrations') IS NOT NULL`);
  if (tables.length === 0) return [];
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
