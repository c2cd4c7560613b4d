import { setTimeout } from 'node:timers/promises';

import pg from 'pg';

import { PRISMA_DIR, readDatamodel, readMigrations } from './migration-files.ts';
import { PROCESS_NAMES, setRolePassword, type PerProcess } from './process-roles.ts';
import { migrateQueueSchema } from './queue-schema.ts';
import { ensureReceiptPartitions } from './receipt-partitions.ts';
import { withSchemaEngine } from './schema-engine.ts';

export interface MigrateOptions {
  ownerUrl: string;
  /** sets the passwords of these processes' roles; the others keep theirs */
  passwords?: Partial<PerProcess<string>>;
  prismaDir?: string;
}

/**
 * Brings a database up to date: Prisma migrations (recorded in `_prisma_migrations` as Prisma records them), BullMQ's tables, receipt
 * partitions, the passwords of the processes' roles. Any number may run at once; each waits for the one before. Returns what was applied.
 */
export async function migrate({ ownerUrl, passwords = {}, prismaDir = PRISMA_DIR }: MigrateOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await takeLock(client);
    const applied = await applyMigrations(ownerUrl, prismaDir);
    await migrateQueueSchema(client);
    await ensureReceiptPartitions(ownerUrl);
    for (const name of PROCESS_NAMES) {
      const password = passwords[name];
      if (password !== undefined) await setRolePassword(client, name, password);
    }
    return applied;
  } finally {
    await client.end();
  }
}

/** Milliseconds between two tries to get the lock. */
const RETRY_MS = 100;

/** Held by this session until it ends. It is asked for again and again: who waits in a statement holds a state of the database, and an index that is made meanwhile would wait for that. */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ has: boolean }>(`SELECT pg_try_advisory_lock(hashtext('gatehouse_migrate')) AS has`);
    if (rows[0]?.has) return;
    await setTimeout(RETRY_MS);
  }
}

/** Applies the migrations of a folder, or those of these names, and nothing else. Returns the names of those that were missing. */
export async function applyMigrations(ownerUrl: string, prismaDir: string, names?: readonly string[]): Promise<string[]> {
  const all = await readMigrations(prismaDir);
  const migrationDirectories = all.migrationDirectories.filter(({ path }) => names?.includes(path) ?? true);
  const migrationsList = { ...all, migrationDirectories };
  const filters = { externalTables: [], externalEnums: [] };
  return withSchemaEngine(ownerUrl, await readDatamodel(prismaDir), async (engine) => {
    const state = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
    const edited = state.editedMigrationNames.filter((name) => !state.failedMigrationNames.includes(name));
    if (edited.length)
      throw new Error(`Applied migrations were edited afterwards: ${edited.join(', ')}. Restore them and add a new one.`);
    // A script is one transaction, so one that failed or was cut off has left nothing and is simply run again; an index made concurrently removes what it left.
    for (const migrationName of state.failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
    return (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames;
  });
}
