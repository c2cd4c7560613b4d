import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';

/** The repository's prisma folder: schema/*.prisma and migrations/<timestamp>_<name>/migration.sql. */
export const PRISMA_DIR = fileURLToPath(new URL('../../../prisma/', import.meta.url));

/** Reads the data model, sorted by file name. */
export async function readDatamodel(prismaDir = PRISMA_DIR): Promise<[path: string, content: string][]> {
  const dir = join(prismaDir, 'schema');
  const names = (await readdir(dir)).filter((name) => name.endsWith('.prisma')).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [join(dir, name), await readFile(join(dir, name), 'utf8')]),
  );
}

/** Reads the migrations in the order they are applied in. */
export async function readMigrations(prismaDir = PRISMA_DIR): Promise<MigrationList> {
  const baseDir = join(prismaDir, 'migrations');
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(baseDir, path, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}
