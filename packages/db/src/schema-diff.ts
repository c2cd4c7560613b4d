import { PRISMA_DIR, readDatamodel, readMigrations } from './migration-files.ts';
import { withSchemaEngine } from './schema-engine.ts';

/** What separates the data model from the migrations: empty when they agree, else a readable summary and the SQL that is missing. */
export interface SchemaDifference {
  summary: string;
  sql: string;
}

/**
 * Replays the migrations in a scratch database of the owner's server and compares the result with the data model. Sees tables, columns,
 * indexes, keys and enums; row level security, partitions and grants are guarded by the catalogue test.
 */
export async function diffSchema(ownerUrl: string, prismaDir = PRISMA_DIR): Promise<SchemaDifference | null> {
  const datamodel = await readDatamodel(prismaDir);
  const migrations = await readMigrations(prismaDir);
  return withSchemaEngine(ownerUrl, datamodel, async (engine) => {
    const compare = (script: boolean) =>
      engine.diff({
        from: { tag: 'migrations', ...migrations },
        to: { tag: 'schemaDatamodel', files: datamodel.map(([path, content]) => ({ path, content })) },
        script,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      });
    const summary = await compare(false);
    if (summary.exitCode === 0) return null;
    const script = await compare(true);
    return { summary: summary.stdout ?? '', sql: script.stdout ?? '' };
  });
}
