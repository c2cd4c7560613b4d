import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

import { openDatabase, type Database } from './client.ts';
import { toProcessUrls, type PerProcess } from './process-roles.ts';
import { withDatabase } from './schema-engine.ts';
import { runAdmin, toFixtureUrl, type TestPasswords } from './testing/postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testPostgres: { ownerUrl: string; template: string; passwords: TestPasswords };
    testRedisUrl: string | null;
  }
}

export interface TestDatabase {
  /** superuser of this database */
  ownerUrl: string;
  /** what each process uses: no bypass of row security, and no right it does not need */
  urls: PerProcess<string>;
  /** what the rows that a test starts from are written with: row security binds it, and it may do everything that any process may */
  fixtureUrl: string;
  /** A connection as the superuser, for what no process may see or do. It ends with the database. */
  connectOwner(): Promise<pg.Client>;
  /** Drops it, also with connections open. */
  drop(): Promise<void>;
}

/** A fresh, migrated database of its own. Call it in `beforeAll` and `drop` it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { ownerUrl: serverUrl, template, passwords } = inject('testPostgres');
  const name = `gatehouse_${randomBytes(6).toString('hex')}`;
  await runAdmin(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const ownerUrl = withDatabase(serverUrl, name);
  const owners: pg.Client[] = [];
  return {
    ownerUrl,
    urls: toProcessUrls(ownerUrl, passwords),
    fixtureUrl: toFixtureUrl(ownerUrl, passwords),
    async connectOwner() {
      const owner = new pg.Client({ connectionString: ownerUrl });
      owners.push(owner);
      await owner.connect();
      return owner;
    },
    async drop() {
      await Promise.all(owners.map((owner) => owner.end()));
      await runAdmin(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** A test database, opened for fixtures. */
export async function openTestDatabase(poolSize = 5): Promise<TestDatabase & { db: Database }> {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.fixtureUrl, poolSize });
  const drop = async () => {
    await db.close();
    await database.drop();
  };
  return { ...database, db, drop };
}

/** URL of a Redis for this run, or null: then `test.skipIf(!redisUrl)`. Shared by all files: put a random prefix before every key. */
export function getTestRedisUrl(): string | null {
  return inject('testRedisUrl');
}

export { recordActs } from './testing/acts.ts';
export { countReads, type ReadCost } from './testing/count-reads.ts';
export * from './testing/factories.ts';
export { readAllRows } from './testing/read-all-rows.ts';
export { stripWhere } from './testing/strip-where.ts';
