import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';

import { migrate } from '../src/migrate.ts';
import { PRISMA_DIR } from '../src/migration-files.ts';
import { ensureReceiptPartitions } from '../src/receipt-partitions.ts';
import { diffSchema } from '../src/schema-diff.ts';
import { withDatabase } from '../src/schema-engine.ts';
import { runAdmin } from '../src/testing/postgres-server.ts';

const server = inject('testPostgres');
const name = `gatehouse_migrate_${process.pid}`;
const ownerUrl = withDatabase(server.ownerUrl, name);
const INIT = '20261121000000_init';
const WAIT = { timeout: 30_000, interval: 50 };
let folder: string;

beforeAll(() => runAdmin(server.ownerUrl, `CREATE DATABASE ${name}`));
afterAll(() => runAdmin(server.ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-prisma-'));
  await cp(PRISMA_DIR, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

async function select(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function rewriteFile(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(join(folder, path), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(join(folder, path), after);
}

test('three deployments at once apply every migration exactly once', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl })));
  const names = (await readdir(join(PRISMA_DIR, 'migrations'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const all = names.map((entry) => entry.name).toSorted();
  expect(all).toContain(INIT);
  expect(runs.flat()).toEqual(all);
  expect(await migrate({ ownerUrl })).toEqual([]);
  const rows = await select(
    'SELECT migration_name, finished_at IS NOT NULL AS finished, applied_steps_count FROM _prisma_migrations ORDER BY 1',
  );
  expect(rows).toEqual(all.map((migration_name) => ({ migration_name, finished: true, applied_steps_count: 1 })));
});

test('an owner that is no superuser migrates a database of its own, and makes partitions of what lies in the default one', async () => {
  const [plain, own] = [`plain_${process.pid}`, `gatehouse_plain_${process.pid}`];
  const url = new URL(withDatabase(server.ownerUrl, own));
  url.username = plain;
  url.password = 'plain';
  await runAdmin(server.ownerUrl, `CREATE ROLE ${plain} LOGIN CREATEROLE PASSWORD 'plain'`);
  await runAdmin(server.ownerUrl, `GRANT gatehouse_console, gatehouse_hub, gatehouse_worker TO ${plain} WITH ADMIN OPTION`);
  await runAdmin(server.ownerUrl, `CREATE DATABASE ${own} OWNER ${plain}`);
  try {
    expect(await migrate({ ownerUrl: url.href })).toContain(INIT);
    const made = await ensureReceiptPartitions(url.href, { now: new Date('2035-03-20T00:00:00Z'), monthsAhead: 0 });
    expect(made).toEqual(['receipt_2035_03']);
  } finally {
    await runAdmin(server.ownerUrl, `DROP DATABASE ${own} WITH (FORCE)`);
    await runAdmin(server.ownerUrl, `DROP OWNED BY ${plain}`);
    await runAdmin(server.ownerUrl, `DROP ROLE ${plain}`);
  }
});

test('an applied migration that was edited afterwards is refused by name', async () => {
  await rewriteFile(`migrations/${INIT}/migration.sql`, (text) => `${text}\n-- edited\n`);
  await expect(migrate({ ownerUrl, prismaDir: folder })).rejects.toThrow(INIT);
});

test('a migration that fails leaves nothing behind and runs again once it is mended', async () => {
  const broken = join(folder, 'migrations', '20990101000000_broken');
  await cp(join(folder, 'migrations', INIT), broken, { recursive: true });
  await writeFile(join(broken, 'migration.sql'), 'CREATE TABLE half_made (id int);\nSELECT 1 / 0;\n');
  await expect(migrate({ ownerUrl, prismaDir: folder })).rejects.toThrow(/division by zero/);
  expect(await select(`SELECT to_regclass('half_made') AS made`)).toEqual([{ made: null }]);

  await writeFile(join(broken, 'migration.sql'), 'CREATE TABLE half_made (id int);\nDROP TABLE half_made;\n');
  expect(await migrate({ ownerUrl, prismaDir: folder })).toEqual(['20990101000000_broken']);
});

test('the check agrees with the repository as it is', async () => {
  expect(await diffSchema(server.ownerUrl)).toBeNull();
});

test.each([
  ['a new column', 'schema/site.prisma', /^model Site \{$/m, 'model Site {\n  planted String?', /ADD COLUMN\s+"planted"/],
  [
    'a new index',
    'schema/receipt.prisma',
    /@@map\("receipt"\)/,
    '@@index([tenantId, hash])\n  @@map("receipt")',
    /CREATE INDEX "receipt_tenant_id_hash_idx"/,
  ],
  ['a column that lost its NOT NULL', 'schema/base.prisma', /name {6}String\n/, 'name String?\n', /"name" DROP NOT NULL/],
  ['a new enum value', 'schema/people.prisma', /^ {2}auditor$/m, '  auditor\n  planted', /'planted'/],
])('the check reports %s that has no migration', async (_, file, find, replacement, sql) => {
  await rewriteFile(file, (text) => text.replace(find, replacement));
  const difference = await diffSchema(server.ownerUrl, folder);
  expect(difference?.sql).toMatch(sql);
  expect(difference?.summary).not.toBe('');
});

test('the check reports a migration that the data model does not know, and drops its scratch database', async () => {
  await rewriteFile(`migrations/${INIT}/migration.sql`, (text) => `${text}\nALTER TABLE receipt ADD COLUMN planted text;\n`);
  expect((await diffSchema(server.ownerUrl, folder))?.sql).toMatch(/DROP COLUMN "planted"/);
  expect(await select(`SELECT datname FROM pg_database WHERE datname LIKE 'gatehouse_shadow_%'`)).toEqual([]);
});

test('an index alone in its migration is made while rows are written, and what a cut off try left is no obstacle', async () => {
  await migrate({ ownerUrl });
  const [index, table] = ['written_meanwhile_idx', 'written_meanwhile'];
  await select(`CREATE TABLE ${table} (id int); CREATE INDEX "${index}" ON ${table} (id)`);
  const migration = join(folder, 'migrations', '99990101000000_index_beside_writers');
  await mkdir(migration);
  await writeFile(join(migration, 'migration.sql'), `-- Alone.\nCREATE INDEX CONCURRENTLY "${index}" ON ${table} (id);\n`);
  const [writer, other] = [new pg.Client({ connectionString: ownerUrl }), new pg.Client({ connectionString: ownerUrl })];
  await Promise.all([writer.connect(), other.connect()]);
  try {
    await writer.query(`BEGIN; INSERT INTO ${table} VALUES (1)`);
    const migrating = migrate({ ownerUrl, prismaDir: folder });
    await vi.waitFor(async () => {
      const waiting = await select(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INDEX%${index}%'`,
      );
      expect(waiting).not.toEqual([]);
    }, WAIT);
    await other.query(`SET lock_timeout = '1s'; INSERT INTO ${table} VALUES (2)`);
    await writer.query('COMMIT');
    expect(await migrating).toEqual(['99990101000000_index_beside_writers']);
  } finally {
    await Promise.all([writer.end(), other.end()]);
  }
  expect(await select(`SELECT indisvalid FROM pg_index WHERE indexrelid = '${index}'::regclass`)).toEqual([{ indisvalid: true }]);
});
